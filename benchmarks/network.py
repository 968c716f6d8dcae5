"""A network as large as they come, of invented people, written in seconds. Called by `benchmarks.pages`.

20,000 contacts and 200,000 mails and meetings: some twenty a week over twelve years (the issue of the web app names the
numbers). Few people have most of it, as in a real mailbox. Touches are computed by the product itself.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Table, update

from keepwarm.contacts import match_form
from keepwarm.store import Store, Tx, accounts, changes, items, notes, plans, profiles
from keepwarm.store.listing import recount
from keepwarm.store.rows import chunks, insert_new, insert_tuples
from keepwarm.store.tables import (
    address,
    card,
    contact,
    event,
    follow_up,
    identity,
    introduction,
    message,
    microseconds,
    news_round,
    outbox,
    participant,
    suggestion,
)
from keepwarm.types import MailMark, Reply, Role

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
YEARS = timedelta(days=12 * 365)
MAILS, EVENTS = 180_000, 20_000
PEOPLE = 20_000
PER_PERSON = 1.15  # addresses
ME = "sam@example.org"

_FIRST = "Noor Emre Sanne Tomas Aisha Pieter Lotte Daniel Ingrid Mark Yara Hugo Femke Bram Zoë Jörg Mehmet Ana Li Iris"
_MIDDLE = "van de|van der|de|ten|op den|von|da|el"
_LAST = "Bos Lind Vermeer Okafor Solberg Hendriks Santos Willemse Groot Visser Kaya Novak Silva Berg Dijk Mulder Peters"
_WORK = "Water Harbour City North Green Open Light Paper Stone River Summer Bridge Clay Copper Linen Maple"
_KIND = "Works Museum Council Studio Bank School Clinic Press Lab Theatre Foundation Logistics Energy Design"
_ROLE = ("Engineer", "Curator", "Head of operations", "Recruiter", "Teacher", "Analyst", "Director", "Nurse", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What was made: the owner, the ids of active people with most contact first, one id of each thing with a page."""

    owner_id: str
    people: Sequence[str]
    ids: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    id: str
    name: str
    addresses: tuple[int, ...]


def make(store: Store, *, active: int, email: str = ME) -> Network:
    """An owner with `PEOPLE` contacts of whom so many are active; most others are proposed."""
    with store.system() as tx:
        made = accounts.create_owner(tx, email=email, now=NOW - timedelta(days=40), zone="Europe/Amsterdam")
    chance = random.Random(8)
    with store.transaction(made.id) as tx:
        accounts.update_owner(tx, name="Sam")
        accounts.set_own_address(tx, email, own=True)
        people = _people(tx, chance, active)
        _mails(tx, chance, people, email)
        _meetings(tx, chance, people, email)
        items.rebuild_touches(tx)
        recount(tx, [], NOW)  # as at the end of every sync
        ids = _deeds(tx, chance, [each.id for each in people[:active]])
    _settle(store)
    return Network(owner_id=made.id, people=[each.id for each in people[:active]], ids=ids)


def set_aside(store: Store, made: Network, *, active: int) -> Network:
    """The same owner once more when only so many are in the network and the others wait or were left out.

    Several times quicker than another network of that size.
    """
    kept, others = made.people[:active], made.people[active:]
    with store.transaction(made.owner_id) as tx:
        for number, state in enumerate(("proposed", "proposed", "proposed", "proposed", "ignored")):
            for part in chunks(others[number::5]):
                here = (contact.c.owner_id == tx.owner_id, contact.c.id.in_(part))
                tx.connection.execute(update(contact).where(*here).values(state=state, accepted_at=None, private=False))
        recount(tx, [], NOW)
    _settle(store)
    return replace(made, people=kept)


def _settle(store: Store) -> None:
    """PostgreSQL counts its tables by itself within minutes."""
    if store.file is None:
        with store.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()


def _people(tx: Tx, chance: random.Random, active: int) -> list[_Person]:
    people = [_person(tx, chance, number) for number in range(PEOPLE)]
    companies = [
        f"{one} {two}{extra}" for one in _WORK.split() for two in _KIND.split() for extra in ("", " BV", " NL")
    ]
    rows = [_contact(tx, chance, each, number, active, companies) for number, each in enumerate(people)]
    _all(tx, contact, rows)
    held = [
        _address(
            tx.owner_id, f"{_slug(each.name)}.{number}.{place}@example.{chance.choice(('com', 'net', 'org'))}", each.id
        )
        for number, each in enumerate(people)
        for place in range(1 + (chance.random() < PER_PERSON - 1))
    ]
    _all(tx, address, [*held, _address(tx.owner_id, ME, None)])
    keys: dict[str, list[int]] = {}
    for row in held:
        keys.setdefault(row["contact_id"], []).append(row["id"])
    _all(
        tx,
        card,
        [_card(tx, chance, each, row) for each, row in zip(people, rows, strict=True) if chance.random() < 0.4],
    )
    return [_Person(id=each.id, name=each.name, addresses=tuple(keys[each.id])) for each in people]


def _person(tx: Tx, chance: random.Random, number: int) -> _Person:
    middle = chance.choice(_MIDDLE.split("|")) + " " if chance.random() < 0.3 else ""
    last = chance.choice(_LAST.split()) + chance.choice(("", "", "-" + chance.choice(_LAST.split())))
    return _Person(
        id=f"{number:08x}{tx.owner_id[:24]}", name=f"{chance.choice(_FIRST.split())} {middle}{last}", addresses=()
    )


def _slug(name: str) -> str:
    return "".join(each for each in name.casefold() if each.isascii() and each.isalpha())


def _address(owner_id: str, text: str, contact_id: str | None) -> dict[str, Any]:
    key = identity(owner_id, "address", text)
    return {"id": key, "owner_id": owner_id, "address": text, "match": match_form(text), "contact_id": contact_id}


def _contact(
    tx: Tx, chance: random.Random, each: _Person, number: int, active: int, companies: Sequence[str]
) -> dict[str, Any]:
    state = "active" if number < active else chance.choices(("proposed", "ignored", "never"), (15, 2, 1))[0]
    said = state == "active" and chance.random() < 0.3
    row: dict[str, Any] = {column.name: None for column in contact.columns}
    return row | {
        "id": each.id,
        "owner_id": tx.owner_id,
        "name": each.name,
        "state": state,
        "private": state == "active" and chance.random() < 0.05,
        "circle": chance.choice(("warm", "lukewarm", "cold")) if said else None,
        "close": number < 15,
        "organisation": chance.choice(companies) if chance.random() < 0.6 else "",
        "role": chance.choice(_ROLE),
        "organisation_kind": "",
        "interesting": chance.random() < 0.01,
        "can_help": ["names"] if chance.random() < 0.01 else [],
        "origins": chance.choice(([], [], ["linkedin"], ["address_book"], ["colleagues"], ["friends"])),
        "rhythm_days": chance.choice((30, 60, 365)) if said and chance.random() < 0.1 else None,
        "paused_until": date(2027, 1, 10) if state == "active" and chance.random() < 0.02 else None,
        "died": False,
        "edited": [],
        "proposed_at": NOW - timedelta(days=39),
        "accepted_at": NOW - timedelta(days=chance.randrange(1, 38)) if state == "active" else None,
    }


def _card(tx: Tx, chance: random.Random, each: _Person, row: dict[str, Any]) -> dict[str, Any]:
    ref = f"card-{each.id}"
    found: dict[str, Any] = {column.name: None for column in card.columns}
    changed = chance.random() < 0.005
    return found | {
        "id": identity(tx.owner_id, "card", "vcf", ref), "owner_id": tx.owner_id, "source": "vcf", "ref": ref,
        "name": each.name, "organisation": "Open Lab" if changed else row["organisation"], "role": row["role"],
        "phone": "", "url": "", "origins": [], "fingerprint": "f", "contact_id": each.id, "resource_ref": "",
        "birthday": f"19{chance.randrange(50, 99)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
        if chance.random() < 0.5 else "",
        "was": {"organisation": row["organisation"], "role": row["role"]} if changed else None,
        "changed_at": NOW - timedelta(days=chance.randrange(1, 25)) if changed else None,
    }  # fmt: skip


def _some(chance: random.Random, people: Sequence[_Person], number: int) -> list[_Person]:
    """So many of them, the first far more often: half of all falls on the first few hundred."""
    return [people[min(int(len(people) * chance.random() ** 4), len(people) - 1)] for _ in range(number)]


def _at(chance: random.Random, ahead: timedelta = timedelta()) -> datetime:
    return NOW + ahead - (YEARS + ahead) * chance.random()


def _mails(tx: Tx, chance: random.Random, people: Sequence[_Person], email: str) -> None:
    me = identity(tx.owner_id, "address", email)
    kept: list[tuple[Any, ...]] = []
    who: list[tuple[Any, ...]] = []
    for number in range(MAILS):
        ref, at, sent = f"mail-{number}", microseconds(_at(chance)), chance.random() < 0.45
        key = identity(tx.owner_id, "message", ref)
        others = _some(chance, people, chance.choices((1, 2, 4), (8, 2, 1))[0])
        marks = int(MailMark.SENT if sent else MailMark.NONE)
        kept.append((key, tx.owner_id, ref, at, marks, len(others) if sent else 1))
        roles: dict[int, int] = {me: Role.FROM.bit if sent else Role.TO.bit}
        for place, each in enumerate(others):
            part = Role.TO if sent else Role.CC if place else Role.FROM
            roles.setdefault(each.addresses[number % len(each.addresses)], part.bit)
        who += [(tx.owner_id, key, whom, part, at, "", Reply.NONE.value, False) for whom, part in roles.items()]
    insert_tuples(tx, message, ("id", "owner_id", "ref", "at", "marks", "recipients"), kept)
    insert_tuples(tx, participant, _PARTICIPANT, who)


_PARTICIPANT = ("owner_id", "item_id", "address_id", "roles", "at", "name", "reply", "resource")


def _meetings(tx: Tx, chance: random.Random, people: Sequence[_Person], email: str) -> None:
    rows: list[dict[str, Any]] = []
    who: list[tuple[Any, ...]] = []
    starts = [NOW + timedelta(days=day, hours=2) for day in (-9, -4, -2, -1, 1, 2, 3, 5, 9, 16, 24, 40)]
    starts += [_at(chance) for _ in range(EVENTS - len(starts))]
    for number, start in enumerate(starts):
        row = _event(tx, number, start)
        rows.append(row)
        among = people[:400] if number < 12 else people
        others = {each.addresses[0] for each in _some(chance, among, chance.choices((1, 2, 3, 6), (6, 3, 2, 1))[0])}
        me = identity(tx.owner_id, "address", email)
        for whom in (me, *sorted(others)):
            part = Role.ORGANISER if whom == me else Role.ATTENDEE
            at = microseconds(start)
            who.append((tx.owner_id, row["id"], whom, part.bit, at, "", Reply.ACCEPTED.value, False))
    _all(tx, event, rows)
    insert_tuples(tx, participant, _PARTICIPANT, who)


def _event(tx: Tx, number: int, start: datetime) -> dict[str, Any]:
    found: dict[str, Any] = {column.name: None for column in event.columns}
    uid = f"event-{number}"
    return found | {
        "id": identity(tx.owner_id, "event", uid, ""), "owner_id": tx.owner_id, "uid": uid, "occurrence": "",
        "title": "Coffee", "start_at": start, "end_at": start + timedelta(hours=1), "zone": "Europe/Amsterdam",
        "zone_guessed": False, "all_day": False, "recurring": False, "cancelled": False, "busy": True, "location": "",
        "fingerprint": "f", "generation": 0, "first_seen_at": min(start, NOW) - timedelta(days=9), "resource_ref": "",
    }  # fmt: skip


def _deeds(tx: Tx, chance: random.Random, people: Sequence[str]) -> dict[str, str]:
    """Notes, promises, plans, introductions, follow-ups, a round; one id of each that has a page."""
    profiles.save_profile(tx, NOW, role="Curator", sectors=["museum", "education"], regions=["Utrecht"])
    for number in range(10):
        profiles.add_target(tx, NOW, name=f"{_WORK.split()[number]} Museum", why="their collection")
    made = [plans.add_plan(tx, NOW, goal=each, words="") for each in ("learn_vacancy", "explore_market")]
    entries = [
        plans.add_entry(tx, made[number % 2], NOW - timedelta(days=number), contact_id=people[number * 7])
        for number in range(60)
    ]
    for number in range(1_000):
        whom, at = people[int(len(people) * chance.random() ** 3)], NOW - timedelta(days=chance.randrange(2, 900))
        promised = [(number % 4 == 0, "send the article", None)] if number % 5 == 0 else []
        notes.add_note(tx, whom, NOW, said="We spoke about the new wing.", tips="Ask there.", promises=promised, at=at)
    _all(tx, follow_up, [_follow_up(tx, people[number * 3], number) for number in range(60)])
    pairs = [("asked", 3, 40), ("introduced", 5, 41), ("agreed", 8, 42)]
    common: dict[str, Any] = {"owner_id": tx.owner_id, "said_at": NOW - timedelta(days=3), "created_at": NOW}
    row = {"id": tx.new_id(), "owner_id": tx.owner_id, "kind": "progress", "news": {"en": "I begin in March."}}
    _all(tx, news_round, [row | {"begun_at": NOW - timedelta(days=3), "ended_at": None, "left_out": []}])
    _all(tx, introduction, [
        {"id": tx.new_id(), "said": said, "via_id": people[via], "contact_id": people[whom], **common}
        for said, via, whom in pairs
    ])  # fmt: skip
    _all(tx, suggestion, [_alike(tx, people[number], people[-1 - number]) for number in range(60)])
    _all(tx, outbox, [_sent(tx, number) for number in range(500)])
    batch = accounts.create_batch(tx, label="Sent.mbox", paths=["/invented/Sent.mbox"], uploaded=False, now=NOW)
    accounts.finish_batch(tx, batch.id, NOW)
    latest = changes.latest(tx)
    return {
        "contact_id": people[2],
        "entry_id": entries[0],
        "batch_id": batch.id,
        "event_id": str(identity(tx.owner_id, "event", "event-4", "")),
        "held_id": str(identity(tx.owner_id, "event", "event-2", "")),
        "change_id": str(latest.id if latest else 0),
    }


def _follow_up(tx: Tx, whom: str, number: int) -> dict[str, Any]:
    at = NOW + timedelta(days=number % 50 - 5, hours=1)
    return {
        "id": tx.new_id(), "owner_id": tx.owner_id, "contact_id": whom, "cycle": "c", "at": at,
        "zone": "Europe/Amsterdam", "wall": f"{at:%Y-%m-%dT%H:%M}",
        "state": "placed" if number > 5 else "done", "reason": {}, "account_id": "",
        "missing_at": None, "event_fingerprint": "", "sequence": 0, "created_at": NOW,
    }  # fmt: skip


def _alike(tx: Tx, one: str, two: str) -> dict[str, Any]:
    reason = {"key": "same_name", "values": {"name": "Noor"}}
    row = {"id": tx.new_id(), "owner_id": tx.owner_id, "contact_a": min(one, two), "contact_b": max(one, two)}
    return row | {"reason": reason, "state": "open"}


def _sent(tx: Tx, number: int) -> dict[str, Any]:
    found: dict[str, Any] = {column.name: None for column in outbox.columns}
    at = NOW - timedelta(days=number)
    return found | {
        "id": tx.new_id(), "owner_id": tx.owner_id, "key": f"digest:{tx.owner_id}:{number}", "kind": "digest",
        "subject_ref": "", "payload": {"people": []}, "run_at": at, "state": "sent", "reason": "", "attempts": 1,
        "fence": 1, "generation": 0, "remote_ref": "", "fingerprint": "", "created_at": at, "settled_at": at,
    }  # fmt: skip


def _all(tx: Tx, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    insert_new(tx, table, rows)
