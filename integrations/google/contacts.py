"""Reading Google Contacts: the address book, and people whom Google noted from mail. Called by the provider `google`.

Google promises to tell what changed only where everything is asked for as the first time; tokens end seven days after
the pass over everything, whatever they are used for. People whom Google noted are evidence of names alone: nobody
becomes a contact for it (source ``google_other``, see `keepwarm.contacts.clusters`).

Follows people v1 (20251117), read November 2026 (PROVIDERS.md section 3). It names no units; a 429 is honoured.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from integrations.google.answers import Told, broken, objects, paged, text
from integrations.google.calls import STRANGE, Calls, refusal
from integrations.google.hosts import PEOPLE
from integrations.google.person import as_card, is_deleted, names_of
from integrations.google.points import Point, opened
from integrations.wire.http import BUSY
from keepwarm.errors import CursorExpired, Rejected, TryAgainLater
from keepwarm.texts import mark
from keepwarm.types import Broken, ContactCard, Page, Place, Skipped, Stream, StreamKind

PAGE = 500  # people of one answer, about a kilobyte each
EXPIRED = "EXPIRED_SYNC_TOKEN"

CONNECTIONS, OTHERS = "connections", "otherContacts"
NOT_THERE = mark("There is no such address book at Google.")
NOT_READ = mark("The card is not written as it should be.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Book:
    """One list of people: where it is, what is asked of each, and what the cards are called."""

    name: str
    address: str
    mask: Mapping[str, str]
    fields: str
    source: str


_COMMON = "resourceName,metadata(deleted,previousResourceNames),names(displayName,unstructuredName,metadata/primary)"
_REACHED = "emailAddresses(value,metadata/primary),phoneNumbers(value,metadata/primary)"
_WORK = "organizations(name,title,current,metadata/primary),urls(value),birthdays(date,text)"

BOOKS = {
    CONNECTIONS: _Book(
        name=mark("Contacts"),
        address=f"{PEOPLE}/people/me/connections",
        mask={"personFields": "names,emailAddresses,organizations,phoneNumbers,urls,birthdays,metadata"},
        fields=f"{_COMMON},{_REACHED},{_WORK}",
        source="google",
    ),
    OTHERS: _Book(
        name=mark("Other contacts"),
        address=f"{PEOPLE}/otherContacts",
        mask={"readMask": "names,emailAddresses,phoneNumbers,metadata"},
        fields=f"{_COMMON},{_REACHED}",
        source="google_other",
    ),
}


class Contacts:
    """The two lists of people of one account."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def places(self) -> list[Place]:
        return [Place(ref=ref, name=book.name, kind=StreamKind.CONTACTS) for ref, book in BOOKS.items()]

    def changes(self, stream: Stream) -> Iterator[Page]:
        """As `integrations.base.Source.changes`. Who is gone is told with the last page alone (see `calendars`)."""
        if stream.place_ref not in BOOKS:
            raise Rejected(NOT_THERE)
        point = opened(stream.cursor, self._calls.now.date())
        return self._pages(stream.place_ref, point)

    def _pages(self, ref: str, point: Point) -> Iterator[Page]:
        gone, several = list[str](), bool(point.page)
        for _, told, after in paged(lambda page: self._ask(ref, point, page), point.page):
            several = several or bool(after)
            page, away = _read(objects(told, ref), BOOKS[ref].source)
            gone += away
            if after:
                yield replace(page, cursor=replace(point, page=after).text())
                continue
            token = text(told, "nextSyncToken")
            if not token:
                raise TryAgainLater(BUSY, STRANGE)
            end = replace(page, cursor=point.done(token).text(), last=True)
            if point.everything or several:
                yield replace(end, everything=self._names(ref, point))
            else:
                yield replace(end, whole=(*end.whole, *dict.fromkeys(gone)))

    def _names(self, ref: str, point: Point) -> frozenset[str]:
        """The names of all people that there are now."""
        pages = paged(lambda page: self._ask(ref, replace(point, token=""), page, fields="resourceName"))
        return frozenset(text(each, "resourceName") for _, told, _ in pages for each in objects(told, ref))

    def _ask(self, ref: str, point: Point, page: str, *, fields: str = "") -> Told:
        """Raises CursorExpired for a dead token or page."""
        book = BOOKS[ref]
        params = {
            **book.mask, "pageSize": str(PAGE), "requestSyncToken": "true", "syncToken": point.token, "pageToken": page,
            "fields": f"nextPageToken,nextSyncToken,{ref}({fields or book.fields})",
        }  # fmt: skip
        reply = self._calls.get(book.address, [pair for pair in params.items() if pair[1]], ok={400, 410})
        if EXPIRED in reply.reasons or point.refused(reply):
            raise CursorExpired
        if not reply.good:
            raise refusal(reply, self._calls.now)
        return reply.told


def _read(people: Sequence[Told], source: str) -> tuple[Page, list[str]]:
    """What these people's cards say, and the names of cards that are no more. Each is guarded."""
    items, skipped, spoilt = list[ContactCard](), list[Skipped](), list[Broken]()
    whole, gone = list[str](), list[str]()
    for each in people:
        ref = text(each, "resourceName")
        gone += [name for name in names_of(each) if name != ref]
        if is_deleted(each):
            gone.append(ref)
            continue
        try:
            card = as_card(each, source)
        except Exception as error:  # noqa: BLE001 - the guard around one foreign item
            spoilt.append(broken(ref, each, error, NOT_READ))
            continue
        whole.append(ref)
        if card is None:
            skipped.append(Skipped(position=ref, reason="empty"))
        else:
            items.append(card)
    page = Page(items=tuple(items), skipped=tuple(skipped), broken=tuple(spoilt), whole=tuple(whole))
    return page, [name for name in gone if name]
