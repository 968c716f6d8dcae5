"""How the store is read beside a town, with plain SQL; what differs is said in few words.

A difference names the kind of thing and what is wrong with it, never more than the first few.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import islice
from typing import Any

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
from tests.rings.consent.home import Home

FEW = 3
FAR = timedelta(days=380)  # how far series are looked at; those of these rings end before
MailLine = tuple[str, bool, frozenset[str]]  # its Message-ID as it is kept, whether it was sent, everybody's addresses
EventLine = tuple[str, datetime, datetime]
CardLine = tuple[str, str, frozenset[str]]


def first(kind: str, found: Iterable[str]) -> list[str]:
    return [f"{kind} {each}" for each in islice(found, FEW)]


def two(stored: Counter[Any], there: Counter[Any]) -> Iterator[str]:
    yield from (f"missing: {each}" for each in sorted(there - stored, key=str))
    yield from (f"too much: {each}" for each in sorted(stored - there, key=str))


def of_mails(
    stored: Mapping[str, MailLine], must: Mapping[str, MailLine], seen: Mapping[str, MailLine]
) -> Iterator[str]:
    """``must``: those that are to be read now; ``seen``: those that could be read once."""
    yield from (f"missing: {must[ref]}" for ref in must if ref not in stored)
    yield from (f"too much: {stored[ref]}" for ref in stored if ref not in seen)
    yield from (f"other: {stored[ref]}, {seen[ref]}" for ref in stored if seen.get(ref, stored[ref]) != stored[ref])


def ref_of(message_id: str) -> str:
    """By which a mail is kept."""
    return blake2b(message_id.strip().strip("<>").encode(), digest_size=16).hexdigest()


def stored_mails(home: Home) -> dict[str, MailLine]:
    people: dict[int, set[str]] = {}
    joined = select(participant.c.item_id, address.c.address).join(address, address.c.id == participant.c.address_id)
    with home.store.engine.connect() as line:
        for item, who in line.execute(joined):
            people.setdefault(item, set()).add(who)
        rows = line.execute(select(message).where(message.c.batch_id.is_(None))).all()
    return {row.ref: (row.ref, bool(row.marks & int(MailMark.SENT)), frozenset(people.get(row.id, ()))) for row in rows}


def stored_events(home: Home) -> Counter[EventLine]:
    stands = (event.c.gone_at.is_(None), event.c.cancelled.is_(False), event.c.batch_id.is_(None))
    with home.store.engine.connect() as line:
        rows = line.execute(select(event.c.uid, event.c.start_at, event.c.end_at).where(*stands)).all()
    return Counter((row.uid, row.start_at, row.end_at) for row in rows)


def stored_cards(home: Home) -> Counter[CardLine]:
    joined = select(card_address.c.card_id, address.c.address).join(address, address.c.id == card_address.c.address_id)
    mails: dict[int, set[str]] = {}
    with home.store.engine.connect() as line:
        for which, who in line.execute(joined):
            mails.setdefault(which, set()).add(who)
        rows = line.execute(select(card.c.id, card.c.ref, card.c.name).where(card.c.batch_id.is_(None))).all()
    return Counter((row.ref, row.name, frozenset(mails.get(row.id, ()))) for row in rows)


def of_follow_ups(home: Home, there: Mapping[str, datetime]) -> Iterator[str]:
    """Each that stands, stands there once and at that hour; nothing else does. ``there``: our events by their UIDs."""
    with home.store.engine.connect() as line:
        rows = line.execute(select(follow_up)).all()
    said = {f"{row.id}@keepwarm": row for row in rows}
    for uid, row in said.items():
        at = there.get(uid)
        if row.state in {"placed", "moved"} and row.event_fingerprint and row.at > home.moment and at != row.at:
            yield f"{row.state} for {row.at}, and stands for {at}"
        if row.state in {"deleted", "removed"} and at is not None:
            yield f"{row.state}, and stands for {at}"
    yield from (f"of nobody: {uid}" for uid in there if uid not in said)


def of_streams(home: Home) -> Iterator[str]:
    with home.store.engine.connect() as line:
        rows = line.execute(select(stream).where(stream.c.kind != "files")).all()
    for row in rows:
        if row.revoked_at or row.last_error or row.stale_since or row.held_since:
            how = "revoked" if row.revoked_at else row.last_error or ("held" if row.held_since else "waits")
            yield f"{row.kind} {row.place_ref}: {how}"


def of_quarantine(home: Home, spoilt: set[str]) -> Iterator[str]:
    with home.store.engine.connect() as line:
        rows = line.execute(select(quarantine)).all()
    yield from (f"for no reason: {row.position} {row.reason}" for row in rows if row.position not in spoilt)
    yield from (f"not, though nobody can read it: {each}" for each in sorted(spoilt - {row.position for row in rows}))
