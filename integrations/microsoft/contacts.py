"""Reading the address book at Graph. Called by the provider `microsoft`.

Delta over the default folder, with the fields of a card by name: notes, addresses and families are never asked for. Who
is gone is told with the last page alone (see `calendars`).

Follows M/graph/api/contact-delta, read November 2026 (PROVIDERS.md section 4). Not verified on a real account: that
``/me/contacts/delta`` speaks of the default folder alone, and that it keeps to $select on every page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from integrations.microsoft.calls import Calls
from integrations.microsoft.deltas import changes, delta_link, listed
from integrations.microsoft.person import FIELDS, as_card
from integrations.microsoft.points import Point, opened
from integrations.wire.answers import broken, text
from keepwarm.errors import Rejected
from keepwarm.texts import mark
from keepwarm.types import Broken, ContactCard, Page, Place, Skipped, Stream, StreamKind

BOOK = "contacts"  # the reference of the one place
SIZES = (200, 20, 1)  # people of a page, about a kilobyte each
NAMES = 1000  # ids of one answer

NAME = mark("Contacts")
NOT_THERE = mark("There is no such address book at Microsoft.")
NOT_READ = mark("The card is not written as it should be.")


class Contacts:
    """The address book of one account."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def places(self) -> list[Place]:
        return [Place(ref=BOOK, name=NAME, kind=StreamKind.CONTACTS)]

    def changes(self, stream: Stream) -> Iterator[Page]:
        """As `integrations.base.Source.changes`."""
        if stream.place_ref != BOOK:
            raise Rejected(NOT_THERE)
        return self._pages(opened(stream.cursor))

    def _pages(self, point: Point) -> Iterator[Page]:
        gone, there, several = list[str](), set[str](), bool(point.page)
        asked = (("$select", FIELDS),)
        for _, told, after in changes(
            self._calls, "/me/contacts/delta()", asked, point.page or point.link, sizes=SIZES
        ):
            several = several or bool(after)
            page, away = _read(told["value"])
            gone += away
            there |= {*page.whole, *(each.position for each in page.broken)}
            if after:
                yield replace(page, cursor=replace(point, page=after).text())
                continue
            end = replace(page, cursor=point.done(delta_link(told)).text(), last=True)
            names = self._names() if point.everything or several else None
            stands = names if names is not None else there
            away = [each for each in dict.fromkeys(gone) if each not in stands and each not in end.whole]
            end = replace(end, whole=(*end.whole, *away))
            yield end if names is None else replace(end, everything=names | (there - {*gone}))

    def _names(self) -> frozenset[str]:
        """The names of all people that there are now."""
        found = listed(self._calls, "/me/contacts", (("$select", "id"),), sizes=(NAMES,))
        return frozenset(filter(None, (text(each, "id") for each in found)))


def _read(people: Sequence[Any]) -> tuple[Page, list[str]]:
    """What these people's cards say, and the names of cards that are no more. Each is guarded."""
    items, skipped, spoilt = list[ContactCard](), list[Skipped](), list[Broken]()
    whole, gone = list[str](), list[str]()
    for each in people:
        ref = text(each, "id")
        if isinstance(each, dict) and "@removed" in each:
            gone.append(ref)
            continue
        try:
            card = as_card(each)
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
