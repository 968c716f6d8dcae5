"""A small world of invented people in the store, by the ways real data takes: kept, detected, judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from keepwarm.followups import uid_of
from keepwarm.store import Store, accounts, contacts, follow_ups, items, notes
from keepwarm.types import (
    Address,
    Broken,
    CalendarEvent,
    ContactCard,
    Item,
    Mail,
    MailMark,
    Message,
    OurEvent,
    Page,
    Participant,
    Reply,
    Role,
    Skipped,
    SourceInfo,
)
from service import passwords

OWNER = "sam@example.org"
PASSWORD = "three quiet green boats"

# name, address, mails written, mails received, days since the last
PEOPLE = (
    ("Noor Willemse", "noor.willemse@example.net", 14, 9, 120),
    ("Emre Yıldız", "emre@example.com", 8, 11, 9),
    ("Sanne de Groot", "s.degroot@example.net", 6, 4, 210),
    ("Tomas Lind", "tomas.lind@example.com", 5, 5, 400),
    ("Aisha Rahmani", "aisha@example.org", 4, 6, 33),
    ("Pieter Bos", "pieter.bos@example.com", 3, 2, 95),
    ("Lotte Vermeer", "lotte@example.net", 3, 3, 61),
    ("Lotte Vermeer", "l.vermeer@example.com", 2, 1, 300),
    ("Daniel Okafor", "d.okafor@example.org", 2, 4, 18),
    ("Ingrid Solberg", "ingrid.solberg@example.com", 1, 1, 500),
    ("Mark Hendriks", "mark@example.net", 2, 2, 77),
    ("Yara Santos", "yara.santos@example.org", 1, 3, 5),
)
ACCEPTED = ("Noor Willemse", "Emre Yıldız", "Sanne de Groot", "Tomas Lind", "Aisha Rahmani")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """``ids``: contact id by name, of those accepted; ``talk_id``: the event of the talk tomorrow."""

    owner_id: str
    ids: dict[str, str]
    batch_id: str
    talk_id: str
    follow_up_id: str


def make_owner(store: Store, now: datetime, *, email: str = OWNER, lang: str = "en") -> str:
    with store.system() as tx:
        owner = accounts.create_owner(tx, email=email, now=now, lang=lang, zone="Europe/Amsterdam", country="NL")
    with store.transaction(owner.id) as tx:
        accounts.update_owner(tx, name="Sam", password_hash=_hash())
        accounts.set_own_address(tx, email, own=True)
    return owner.id


def _hash(kept: list[str] = []) -> str:  # noqa: B006 - Argon2id is slow on purpose: one hash serves every test
    if not kept:
        kept.append(passwords.hashed(PASSWORD))
    return kept[0]


def _mail(number: int, at: datetime, sender: tuple[str, str], to: tuple[str, str], *, sent: bool) -> Message:
    people = ((Role.FROM, sender), (Role.TO, to))
    return Message(
        ref=sha256(f"{number} {sender[1]} {to[1]}".encode()).hexdigest()[:40],  # as adapters make it: no address in it
        at=at,
        participants=tuple(Participant(role=role, address=Address(address=a, name=n)) for role, (n, a) in people),
        marks=MailMark.SENT if sent else MailMark.NONE,
        recipients=1,
    )


def mails(now: datetime, owner: str, people: Sequence[tuple[str, str, int, int, int]] = PEOPLE) -> list[Item]:
    me, found = ("Sam", owner), []
    for name, address, written, received, days in people:
        last = now - timedelta(days=days)
        found += [_mail(n, last - timedelta(days=7 * n), me, (name, address), sent=True) for n in range(written)]
        found += [_mail(n, last - timedelta(days=9 * n + 1), (name, address), me, sent=False) for n in range(received)]
    return list(found)


def event(
    uid: str, title: str, start: datetime, owner: str, guests: Sequence[tuple[str, str]], location: str = ""
) -> CalendarEvent:
    people = [(Role.ORGANISER, ("Sam", owner)), *((Role.ATTENDEE, guest) for guest in guests)]
    return CalendarEvent(
        uid=uid,
        title=title,
        start_at=start,
        end_at=start + timedelta(hours=1),
        zone="Europe/Amsterdam",
        location=location,
        participants=tuple(
            Participant(role=role, address=Address(address=a, name=n), reply=Reply.ACCEPTED) for role, (n, a) in people
        ),
    )


def keep(store: Store, owner_id: str, now: datetime, found: Sequence[Item], *, path: str = "Sent.mbox") -> str:
    """Keep these items as one finished import; the batch id."""
    with store.transaction(owner_id) as tx:
        batch = accounts.create_batch(tx, label=path, paths=[f"/invented/{path}"], uploaded=False, now=now)
        lease = accounts.lease_stream(tx, batch.stream_id, now)
        assert lease is not None
        page = Page(
            items=tuple(found),
            skipped=(Skipped(position="7", reason="draft"), Skipped(position="9", reason="draft")),
            broken=(Broken(position="offset 4711", digest="ab" * 32, reason="The item breaks off in the middle."),),
            source=SourceInfo(path=path, kind="mbox", fingerprint="f1", size=4_000),
            source_done=True,
            read_bytes=4_000,
            total_bytes=4_000,
            last=True,
        )
        items.keep_page(tx, lease, page, now)
        accounts.finish_stream(tx, lease, now)
        accounts.finish_batch(tx, batch.id, now)
        contacts.detect(tx, now)
    return batch.id


def settle(store: Store, now: datetime, *, email: str = OWNER, lang: str = "en") -> World:
    """An owner with people accepted, people to judge, a talk tomorrow, notes, promises, a follow-up."""
    owner_id = make_owner(store, now, email=email, lang=lang)
    tomorrow = (now + timedelta(days=1)).replace(hour=9, minute=30)
    talk = event("talk-1", "Coffee with Noor", tomorrow, email, [PEOPLE[0][:2]], "https://meet.example.org/room")
    card = ContactCard(
        ref="c1", source="linkedin", name="Hugo Martens", addresses=("linkedin:hugo-martens",),
        organisation="Waterworks", role="Engineer", connected_on=date(2024, 5, 3), origins=("linkedin",),
    )  # fmt: skip
    batch_id = keep(store, owner_id, now, [*mails(now, email), talk, card])
    follow_up_id = f"follow{owner_id[-8:]}"
    with store.transaction(owner_id) as tx:
        wanted = [row.id for row in contacts.contacts(tx, states=["proposed"], now=now) if row.name in ACCEPTED]
        contacts.accept(tx, wanted, now=now)
        ids = {row.name: row.id for row in contacts.contacts(tx, states=["active"], now=now)}
        contacts.edit(tx, ids["Noor Willemse"], now, circle="warm", organisation="Harbour Museum", role="Curator")
        notes.add_note(
            tx, ids["Noor Willemse"], now, at=now - timedelta(days=90), said="The new wing opens in spring.",
            tips="Ask for Femke.", promises=[(True, "send the article on lamps", date(2026, 12, 1))],
        )  # fmt: skip
        follow_ups.place(
            tx, id=follow_up_id, contact_id=ids["Tomas Lind"], cycle="c", at=now + timedelta(days=3),
            wall="2026-11-26T10:00", zone="Europe/Amsterdam", reason={}, now=now,
        )  # fmt: skip
    return World(
        owner_id=owner_id, ids=ids, batch_id=batch_id, talk_id=_event_id(talk, owner_id), follow_up_id=follow_up_id
    )


def _event_id(of: CalendarEvent, owner_id: str) -> str:
    from keepwarm.store.tables import identity

    return str(identity(owner_id, "event", of.uid, of.occurrence))


def follow_up_event(of: World, now: datetime) -> OurEvent:
    return OurEvent(
        uid=uid_of(of.follow_up_id), title="Get in touch with Tomas Lind", description="", zone="Europe/Amsterdam",
        start_at=now + timedelta(days=3), end_at=now + timedelta(days=3, minutes=15),
    )  # fmt: skip


def mail(now: datetime, email: str = OWNER) -> Mail:
    return Mail(
        message_id="<invented@keepwarm.local>", sender=Address(address="keepwarm@localhost", name="Keepwarm"),
        to=Address(address=email), subject="Prepared: your talk on Tuesday 10:30", text="Bring the article.",
        html="<!doctype html><html><body style='color:#222'><p>Bring the article.</p></body></html>", at=now, lang="en",
    )  # fmt: skip


def upload_folder(home: Path, owner_id: str) -> Path:
    return home / "owners" / owner_id / "uploads"


def finish(store: Store, now: datetime, batch_id: str) -> None:
    """End an import that runs, as its worker would."""
    with store.system() as tx:
        (owner,) = accounts.owners(tx)
    with store.transaction(owner.id) as tx:
        accounts.finish_batch(tx, batch_id, now)
