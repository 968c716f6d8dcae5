"""The store beside what the town holds. Read with plain SQL on one side and from the town's own state on the other.

A difference names the kind of thing and what is wrong with it, never more than the first few.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from keepwarm.store.tables import (
    address,
    card,
    card_address,
    event,
    follow_up,
    message,
    participant,
    quarantine,
    stream,
)  # fmt: skip
from keepwarm.types import MailMark
from tests.emulators.google.calendars import Calendar
from tests.emulators.google.contacts import Contacts
from tests.emulators.google.mailbox import Mail
from tests.emulators.google.series import moment
from tests.rings.google.history import standing
from tests.rings.google.home import Home

FEW = 3
FAR = timedelta(days=380)  # how far series are looked at; those of this ring end before
HIDDEN = {"TRASH", "SPAM", "DRAFT", "CHAT"}
ZONE = ZoneInfo("Europe/Amsterdam")  # of every calendar here
MailLine = tuple[str, bool, frozenset[str]]  # its Message-ID as it is kept, whether it was sent, everybody's addresses
EventLine = tuple[str, datetime, datetime]
CardLine = tuple[str, str, frozenset[str]]


def differences(home: Home, *, ever: Iterable[Mail] = (), spoilt: Iterable[str] = ()) -> list[str]:
    """What differs; empty if the store is as the town is.

    ``ever``: mails that were there once; what was read of them stays. ``spoilt``: ids of planted things that nobody can
    read, which are set aside and nothing else is.
    """
    seen = {_ref(each): _mail_line(each) for each in (*ever, *home.person.mails)}
    must = {_ref(each): _mail_line(each) for each in home.person.mails if _is_read(each)}
    return [
        *_first("mail", _mails(stored_mails(home), must, seen)),
        *_first("event", _two(stored_events(home), events_at(home, set(spoilt)))),
        *_first("card", _two(stored_cards(home), cards_at(home))),
        *_first("follow-up", _follow_ups(home)),
        *_first("stream", _streams(home)),
        *_first("aside", _aside(home, set(spoilt))),
    ]


def _first(kind: str, found: Iterable[str]) -> list[str]:
    return [f"{kind} {each}" for each in islice(found, FEW)]


def _two(stored: Counter[Any], there: Counter[Any]) -> Iterator[str]:
    yield from (f"missing: {each}" for each in sorted(there - stored, key=str))
    yield from (f"too much: {each}" for each in sorted(stored - there, key=str))


# --- mails


def _mails(stored: Mapping[str, MailLine], must: Mapping[str, MailLine], seen: Mapping[str, MailLine]) -> Iterator[str]:
    yield from (f"missing: {must[ref]}" for ref in must if ref not in stored)
    yield from (f"too much: {stored[ref]}" for ref in stored if ref not in seen)
    yield from (f"other: {stored[ref]}, {seen[ref]}" for ref in stored if seen.get(ref, stored[ref]) != stored[ref])


def _is_read(mail: Mail) -> bool:
    """Whether it is a mail, and not one of our own."""
    return not mail.labels & HIDDEN and not mail.header("x-keepwarm")


def _ref(mail: Mail) -> str:
    inner = mail.header("message-id").strip().strip("<>").encode()
    return blake2b(inner, digest_size=16).hexdigest()


def _mail_line(mail: Mail) -> MailLine:
    return _ref(mail), "SENT" in mail.labels, mail.addresses("from", "to", "cc", "bcc")


def stored_mails(home: Home) -> dict[str, MailLine]:
    people: dict[int, set[str]] = {}
    joined = select(participant.c.item_id, address.c.address).join(address, address.c.id == participant.c.address_id)
    with home.store.engine.connect() as line:
        for item, who in line.execute(joined):
            people.setdefault(item, set()).add(who)
        rows = line.execute(select(message).where(message.c.batch_id.is_(None))).all()
    return {row.ref: (row.ref, bool(row.marks & int(MailMark.SENT)), frozenset(people.get(row.id, ()))) for row in rows}


# --- events


def events_at(home: Home, spoilt: set[str]) -> Counter[EventLine]:
    """The owner's events that stand: uid, start and end of each, occurrences of series too."""
    calendars = [each for each in home.person.calendars.values() if not each.app]
    return Counter(line for each in calendars for line in _events_in(each, spoilt, home.moment + FAR))


def _events_in(calendar: Calendar, spoilt: set[str], before: datetime) -> Iterator[EventLine]:
    for each in calendar.events.values():
        if each["status"] == "cancelled" or each["id"] in spoilt or each.get("recurringEventId") in calendar.events:
            continue
        rows = calendar.expand(each, None, before) if each.get("recurrence") else (each,)
        yield from (_event_line(row) for row in rows if row["status"] != "cancelled")


def _event_line(row: Mapping[str, Any]) -> EventLine:
    return str(row["iCalUID"]), _at(row["start"]), _at(row["end"])


def _at(told: Mapping[str, Any]) -> datetime:
    if told.get("date"):
        return datetime.combine(date.fromisoformat(told["date"]), time(), ZONE).astimezone(UTC)
    return moment(dict(told)).astimezone(UTC)


def stored_events(home: Home) -> Counter[EventLine]:
    stands = (event.c.gone_at.is_(None), event.c.cancelled.is_(False), event.c.batch_id.is_(None))
    with home.store.engine.connect() as line:
        rows = line.execute(select(event.c.uid, event.c.start_at, event.c.end_at).where(*stands)).all()
    return Counter((row.uid, row.start_at, row.end_at) for row in rows)


# --- cards


def cards_at(home: Home) -> Counter[CardLine]:
    books = ((home.person.contacts, False), (home.person.other_contacts, True))
    return Counter(line for book, evidence in books for line in _cards_in(book, evidence=evidence))


def _cards_in(book: Contacts, *, evidence: bool) -> Iterator[CardLine]:
    for each in book.living():
        names = [one.get("displayName", "") for one in each.get("names", ())]
        mails = frozenset(one["value"].lower() for one in each.get("emailAddresses", ()))
        if any(names) and (mails or not evidence):
            yield each["resourceName"], names[0], mails


def stored_cards(home: Home) -> Counter[CardLine]:
    joined = select(card_address.c.card_id, address.c.address).join(address, address.c.id == card_address.c.address_id)
    mails: dict[int, set[str]] = {}
    with home.store.engine.connect() as line:
        for which, who in line.execute(joined):
            mails.setdefault(which, set()).add(who)
        rows = line.execute(select(card.c.id, card.c.ref, card.c.name).where(card.c.batch_id.is_(None))).all()
    return Counter((row.ref, row.name, frozenset(mails.get(row.id, ()))) for row in rows)


# --- what is ours, and how we stand


def _follow_ups(home: Home) -> Iterator[str]:
    """Each that stands, stands there once and at that hour; nothing else does."""
    with home.store.engine.connect() as line:
        rows = line.execute(select(follow_up)).all()
    said = {f"{row.id}@keepwarm": row for row in rows}
    there = {each["extendedProperties"]["private"]["keepwarm"]: each for each in standing(home.person)}
    for uid, row in said.items():
        at = moment(there[uid]["start"]) if uid in there else None
        if row.state in {"placed", "moved"} and row.event_fingerprint and row.at > home.moment and at != row.at:
            yield f"{row.state} for {row.at}, and stands for {at}"
        if row.state in {"deleted", "removed"} and at is not None:
            yield f"{row.state}, and stands for {at}"
    yield from (f"of nobody: {uid}" for uid in there if uid not in said)


def _streams(home: Home) -> Iterator[str]:
    with home.store.engine.connect() as line:
        rows = line.execute(select(stream).where(stream.c.kind != "files")).all()
    for row in rows:
        if row.revoked_at or row.last_error or row.stale_since or row.held_since:
            how = "revoked" if row.revoked_at else row.last_error or ("held" if row.held_since else "waits")
            yield f"{row.kind} {row.place_ref}: {how}"


def _aside(home: Home, spoilt: set[str]) -> Iterator[str]:
    with home.store.engine.connect() as line:
        rows = line.execute(select(quarantine)).all()
    yield from (f"for no reason: {row.position} {row.reason}" for row in rows if row.position not in spoilt)
    yield from (f"not, though nobody can read it: {each}" for each in sorted(spoilt - {row.position for row in rows}))
