"""Arrange: owners, mails, events, cards and pages with as few words as a test needs. Invented people only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from keepwarm.store import Store, Tx, accounts, items
from keepwarm.types import (
    Address,
    Broken,
    CalendarEvent,
    ContactCard,
    Item,
    MailMark,
    Message,
    Page,
    Participant,
    Reply,
    Role,
    Skipped,
    SourceInfo,
)

OWNER = "owner@example.org"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def person(text: str) -> Address:
    """An address from "Ann Example <ann@example.com>" or "ann@example.com"."""
    name, _, rest = text.rpartition("<")
    return Address(address=rest.rstrip(">").strip().lower(), name=name.strip())


def owner(store: Store, email: str = OWNER, *, now: datetime = NOW, own: Sequence[str] | None = None) -> str:
    """A new owner's id, with their e-mail as own address (or those of ``own``)."""
    with store.system() as tx:
        created = accounts.create_owner(tx, email=email, now=now)
    with store.transaction(created.id) as tx:
        for each in [email] if own is None else own:
            accounts.set_own_address(tx, each, own=True)
    return created.id


def message(
    sender: str, to: str | Iterable[str], *, at: datetime = NOW - timedelta(days=30), ref: str = "",
    marks: MailMark = MailMark.NONE, cc: Iterable[str] = (),
) -> Message:  # fmt: skip
    """A mail. Without ``ref`` one from all else: the same words make the same mail."""
    to = [to] if isinstance(to, str) else list(to)
    people = [(Role.FROM, sender), *((Role.TO, each) for each in to), *((Role.CC, each) for each in cc)]
    found = sha256(repr((people, at)).encode()).hexdigest()[:40]
    return Message(
        ref=ref or found,
        at=at,
        marks=marks,
        recipients=len(people) - 1,
        participants=tuple(Participant(role=role, address=person(each)) for role, each in people),
    )


def both_ways(who: str, *, me: str = OWNER, at: datetime = NOW - timedelta(days=30)) -> list[Message]:
    """A mail each way."""
    return [message(me, who, at=at), message(who, me, at=at + timedelta(hours=1))]


def event(
    people: Iterable[str | tuple[str, Reply]], *, start: datetime = NOW + timedelta(days=3), uid: str = "talk@x.org",
    organiser: str = OWNER, minutes: int = 60, **fields: Any,
) -> CalendarEvent:  # fmt: skip
    """An event of the organiser with these people, who accepted unless it says otherwise."""
    guests = [each if isinstance(each, tuple) else (each, Reply.ACCEPTED) for each in people]
    attendees = [Participant(role=Role.ATTENDEE, address=person(who), reply=reply) for who, reply in guests]
    host = [Participant(role=Role.ORGANISER, address=person(organiser))] if organiser else []
    values = {"title": "A talk", "zone": "Europe/Amsterdam"} | fields
    return CalendarEvent(
        uid=uid,
        start_at=start,
        end_at=start + timedelta(minutes=minutes),
        participants=(*host, *attendees),
        **values,
    )


def card(name: str, *addresses: str, ref: str = "", source: str = "vcf", **fields: Any) -> ContactCard:
    return ContactCard(ref=ref or name, source=source, name=name, addresses=addresses, **fields)


def source(path: str = "mail.mbox", kind: str = "mbox") -> SourceInfo:
    return SourceInfo(path=path, kind=kind, fingerprint=f"print of {path}", size=1000)


def page(*found: Item, path: str = "mail.mbox", last: bool = True, **fields: Any) -> Page:
    """A page of an import, by default the only one."""
    values = {"source": source(path), "source_done": last, "cursor": "end" if last else "", "last": last} | fields
    return Page(items=found, **values)


def skipped(reason: str = "draft", position: str = "1") -> Skipped:
    return Skipped(position=position, reason=reason)


def broken(position: str = "1") -> Broken:
    return Broken(position=position, digest="0" * 64, reason="not readable")


def lease(tx: Tx, *, label: str = "mail.mbox", now: datetime = NOW) -> tuple[str, accounts.Lease]:
    """A new import batch's id and the lease on its stream."""
    created = accounts.create_batch(tx, label=label, paths=[label], uploaded=False, now=now)
    held = accounts.lease_stream(tx, created.stream_id, now)
    assert held is not None
    return created.id, held


def imported(store: Store, owner_id: str, *found: Item, path: str = "mail.mbox", now: datetime = NOW) -> str:
    """Import these items as one finished batch of one page; the batch id."""
    with store.transaction(owner_id) as tx:
        batch_id, held = lease(tx, label=path, now=now)
        items.keep_page(tx, held, page(*found, path=path), now)
        accounts.finish_stream(tx, held, now)
        accounts.finish_batch(tx, batch_id, now)
    return batch_id
