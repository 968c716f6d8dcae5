"""What is read quickly says the same as what is counted touch by touch and read person by person: random networks."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from keepwarm.followups import State
from keepwarm.plan import Candidate, Proposed, proposals
from keepwarm.reconnect import pick_people
from keepwarm.store import (
    Store,
    Tx,
    accounts,
    changes,
    contacts,
    follow_ups,
    listing,
    notes,
    outlook,
    planning,
    plans,
    profiles,
    views,
)  # fmt: skip
from keepwarm.store.adding import WEIGHT
from keepwarm.store.ahead import met_soon
from keepwarm.store.counted import kept, uncounted
from keepwarm.store.digesting import _digest_person
from keepwarm.store.people import NOTHING, ContactRow, Counts, counts, plain_counts
from keepwarm.store.plans import known_ids
from keepwarm.store.reconnecting import to_suggest
from keepwarm.store.world import World, fresh, reachable
from keepwarm.types import Item
from tests import make

FIRST, LAST = ("Ann", "Ben", "Cas", "Zoë", "emre"), ("Bos", "de Wit", "Yıldız", "Kaya")
PEOPLE = [
    f"{one} {two} <p{number}@example.com>" for number, (one, two) in enumerate((a, b) for a in FIRST for b in LAST)
]
OTHER = [each.replace("@example.com", "@example.net") for each in PEOPLE[:8]]  # second addresses of the first eight
ORIGINS = ([], ["friends"], ["colleagues"], ["linkedin"], ["address_book", "family"])
SEEDS = (1, 2, 3)


def network(store: Store, seed: int, now: datetime) -> str:
    """An owner with twenty people of all kinds, and mails and meetings before and after now."""
    chance, me = random.Random(seed), make.owner(store)
    make.imported(store, me, *_happenings(chance, now), now=now)
    with store.transaction(me) as tx:
        contacts.detect(tx, now)
        for row in contacts.contacts(tx, states=None, now=now):
            _judge(tx, chance, row.id, now)
        _deeds(tx, chance, now)
    return me


def _happenings(chance: random.Random, now: datetime) -> list[Item]:
    found: list[Item] = []
    for number in range(220):
        at = now - timedelta(days=chance.randrange(-20, 500), minutes=number)
        people = chance.sample([*PEOPLE, *OTHER], chance.choice((1, 1, 2, 3, 5)))
        if chance.random() < 0.25:
            found.append(make.event(people, start=at, uid=f"e{number}"))
        elif chance.random() < 0.5:
            found.append(make.message(make.OWNER, people, at=min(at, now)))
        else:
            found.append(make.message(people[0], make.OWNER, at=min(at, now), cc=people[1:]))
    return found


def _judge(tx: Tx, chance: random.Random, contact_id: str, now: datetime) -> None:
    if chance.random() < 0.15:
        return
    contacts.accept(tx, [contact_id], private=chance.random() < 0.1, now=now - timedelta(days=chance.randrange(300)))
    said = {
        "circle": chance.choice(("warm", "lukewarm", "cold")), "close": True,
        "rhythm_days": chance.choice((0, 20, 200)),
        "origins": chance.choice(ORIGINS), "paused_until": (now + timedelta(days=9)).date(), "interesting": True,
        "can_help": ["names"], "role": chance.choice(("Recruiter", "Museum guide")),
        "organisation": "Water Museum B.V.",
    }  # fmt: skip
    contacts.edit(tx, contact_id, now, **{name: each for name, each in said.items() if chance.random() < 0.2})


def _deeds(tx: Tx, chance: random.Random, now: datetime) -> None:
    ids = [row.id for row in contacts.contacts(tx, states=["active"], now=now)]
    for each in chance.sample(ids, 5):
        notes.add_note(tx, each, now, said="We spoke.", at=now - timedelta(days=chance.randrange(-3, 400)))
    if chance.random() < 0.7:
        made = plans.add_plan(tx, now, goal=chance.choice(("learn_vacancy", "explore_market")), words="")
        for each in chance.sample(ids, 3):
            plans.add_entry(tx, made, now, contact_id=each)
    profiles.save_profile(tx, now, role="Curator", sectors=["museum"])
    profiles.add_target(tx, now, name="Water Museum")


def plainly(tx: Tx, now: datetime) -> dict[str, Counts]:
    """Of everybody, whoever has nothing included."""
    everybody = [row.id for row in contacts.contacts(tx, states=None, now=now)]
    return dict.fromkeys(everybody, NOTHING) | plain_counts(tx, now, everybody)


def quickly(tx: Tx, now: datetime) -> dict[str, Counts]:
    found = counts(tx, now, None)
    return {row.id: found.get(row.id, NOTHING) for row in contacts.contacts(tx, states=None, now=now)}


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_kept_says_what_counting_says_at_any_moment(store: Store, now: datetime, seed: int) -> None:
    me = network(store, seed, now)
    with store.transaction(me) as tx:
        listing.recount(tx, [], now)
        assert uncounted(tx, now) == []
        for days in (0, -1, 3, 21, -200):
            at = now + timedelta(days=days)
            assert quickly(tx, at) == plainly(tx, at)


DEEDS: dict[str, Callable[[Store, str, datetime], None]] = {}


def deed(do: Callable[[Store, str, datetime], None]) -> Callable[[Store, str, datetime], None]:
    DEEDS[do.__name__.lstrip("_")] = do
    return do


@deed
def _a_mail_comes(store: Store, me: str, now: datetime) -> None:
    make.imported(store, me, make.message(PEOPLE[0], make.OWNER, at=now), path="more.mbox", now=now)


@deed
def _a_meeting_changes_its_people(store: Store, me: str, now: datetime) -> None:
    for people in (PEOPLE[:5], PEOPLE[:2]):
        make.imported(
            store, me, make.event(people, start=now - timedelta(days=2), uid="x"), path=f"{len(people)}.ics", now=now
        )


@deed
def _an_import_is_taken_back(store: Store, me: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        accounts.undo_batch(tx, next(iter(accounts.batches(tx))).id, now)


@deed
def _two_become_one(store: Store, me: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        one, two = [row.id for row in contacts.contacts(tx, states=["active"], now=now)][:2]
        contacts.join(tx, one, two, now)


@deed
def _two_become_one_and_two_again(store: Store, me: str, now: datetime) -> None:
    _two_become_one(store, me, now)
    with store.transaction(me) as tx:
        listing.recount(tx, [], now)
        changes.undo(tx, now)


@deed
def _an_address_turns_out_to_be_mine(store: Store, me: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        accounts.set_own_address(tx, "p3@example.com", own=True)


@deed
def _somebody_is_erased(store: Store, me: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        contacts.erase(tx, contacts.contacts(tx, states=["active"], now=now)[0].id, now)


@pytest.mark.parametrize("name", DEEDS)
def test_whatever_is_written_a_kept_count_is_true_or_gone(store: Store, now: datetime, name: str) -> None:
    me = network(store, 4, now)
    with store.transaction(me) as tx:
        listing.recount(tx, [], now)
    DEEDS[name](store, me, now)
    with store.transaction(me) as tx:
        assert quickly(tx, now) == plainly(tx, now)
        listing.recount(tx, [], now)
        assert quickly(tx, now) == plainly(tx, now)


def test_another_process_that_writes_rows_takes_the_mark_away(store: Store, now: datetime) -> None:
    me = network(store, 5, now)
    with store.transaction(me) as tx:
        listing.recount(tx, [], now)
        whom = tx.connection.execute(text("SELECT contact_id FROM address WHERE contact_id IS NOT NULL")).scalar()
        assert whom in {row["contact_id"] for row in kept(tx, now, None)}
        tx.connection.execute(
            text("DELETE FROM touch WHERE address_id IN (SELECT id FROM address WHERE contact_id = :whom)"),
            {"whom": whom},
        )
        assert whom not in {row["contact_id"] for row in kept(tx, now, None)}


def _the_latest(at_now: World) -> list[str]:
    rows = sorted(at_now.people.values(), key=lambda row: (-fresh(at_now, row).lateness, row.name.casefold(), row.id))
    return [row.id for row in rows if fresh(at_now, row).lateness >= 1]


def _to_add(tx: Tx, at_now: World) -> list[Proposed]:
    known = known_ids(tx)
    people = [
        Candidate(
            contact_id=row.id, name=row.name, circle=row.circle, role=row.role, organisation=row.organisation,
            organisation_kind=row.organisation_kind, interesting=row.interesting, help=tuple(row.can_help),
            strength=min(row.sent, row.received) + WEIGHT * row.meetings,
        )
        for row in at_now.people.values()
        if row.id not in known and not row.private and not (row.paused_until and row.paused_until > at_now.today)
    ]  # fmt: skip
    return proposals(people, at_now.profile, [each.name for each in profiles.targets(tx)], at_now.texts)


@pytest.mark.parametrize("tallied", [True, False])
@pytest.mark.parametrize("seed", SEEDS)
def test_who_is_latest_and_whom_to_add_are_as_if_everybody_were_read(
    store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch, seed: int, tallied: bool
) -> None:
    for module in ("lateness", "adding"):
        monkeypatch.setattr(f"keepwarm.store.{module}.PORTION", 3)
    me = network(store, seed, now)
    with store.transaction(me) as tx:
        if tallied:
            listing.recount(tx, [], now)
        quick, plain = views.world(tx, now), views.world(tx, now)
        assert [row.id for row, _ in views.latest(tx, quick)] == _the_latest(plain)
        assert planning.proposed(tx, quick) == _to_add(tx, plain)
        assert _the_latest(plain)
        assert _to_add(tx, plain)


@pytest.mark.parametrize("seed", SEEDS)
def test_people_read_one_by_one_are_those_read_together(store: Store, now: datetime, seed: int) -> None:
    me = network(store, seed, now)
    with store.reading(me) as tx:
        everybody = {row.id: row for row in contacts.contacts(tx, states=["active"], now=now)}
        others = [row.id for row in contacts.contacts(tx, states=["proposed"], now=now)]
        one_by_one, together = views.world(tx, now).people, views.world(tx, now).people
    assert {each: one_by_one[each] for each in everybody} == everybody  # the transaction is closed: read anew
    assert list(together.items()) == list(everybody.items())
    assert len(_people(store, me, now)) == len(everybody)
    assert all(each not in one_by_one and one_by_one.get(each) is None for each in [*others, "nobody"])


def _people(store: Store, me: str, now: datetime) -> Mapping[str, ContactRow]:
    with store.reading(me) as tx:
        return views.world(tx, now).people


def test_counting_one_person_looks_at_their_touches_alone(sqlite_store: Store) -> None:
    """SQLite without statistics would read all touches of the owner."""
    query = (
        "EXPLAIN QUERY PLAN SELECT count(*) FROM touch JOIN address ON address.id = touch.address_id"
        " WHERE touch.owner_id = 'o' AND address.contact_id IN ('c')"
    )
    with sqlite_store.system(write=False) as tx:
        steps = [row[3] for row in tx.connection.execute(text(query))]
    assert steps[-1].startswith("SEARCH touch USING PRIMARY KEY (owner_id=? AND address_id=?")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("now_counted", [True, False])
def test_a_digest_picks_as_if_everybody_were_read(
    store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch, seed: int, now_counted: bool
) -> None:
    monkeypatch.setattr("keepwarm.store.reconnecting.PORTION", 3)
    me = network(store, seed, now)
    with store.transaction(me) as tx:
        if now_counted:
            listing.recount(tx, [], now)
        quick, plain = views.world(tx, now), views.world(tx, now)
        soon = met_soon(tx, plain)
        everybody = [row for row in plain.people.values() if row.id not in soon and reachable(plain, row)]
        of_all = [_digest_person(plain, row) for row in everybody]
        few = [_digest_person(quick, row) for row in to_suggest(tx, quick, soon)]
        for week in (1, 2):
            picked = pick_people(few, 3, week_number=week, recently={})
            assert picked == pick_people(of_all, 3, week_number=week, recently={})
            assert picked


def _followed(tx: Tx, seed: int, now: datetime) -> None:
    """Some have a follow-up, in any state and of the cycle they are in or of another."""
    chance = random.Random(seed)
    everybody = outlook._due(world_of := views.world(tx, now), world_of.people.values())
    for number, each in enumerate(chance.sample(everybody, min(6, len(everybody)))):
        cycle, at = chance.choice((each.cycle, "another")), now + timedelta(days=chance.randrange(-9, 30))
        wall = at.replace(tzinfo=None).isoformat()
        follow_ups.place(
            tx, id=f"f{number}", contact_id=each.contact_id, cycle=cycle, at=at, wall=wall, zone="UTC", reason={},
            now=now,
        )  # fmt: skip
        follow_ups.change(tx, f"f{number}", state=chance.choice([each.value for each in State]))


@pytest.mark.parametrize("tallied", [True, False])
@pytest.mark.parametrize("ceiling", [0, 1, 3])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_plan_of_those_who_may_find_room_is_that_of_everybody(
    store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch, seed: int, ceiling: int, tallied: bool
) -> None:
    monkeypatch.setattr("keepwarm.store.lateness.PORTION", 2)
    me = network(store, seed, now)
    with store.transaction(me) as tx:
        _followed(tx, seed, now)
        if tallied:
            listing.recount(tx, [], now)
        at_now = views.world(tx, now)
        pace = replace(at_now.pace, weekly_follow_ups=ceiling, backlog_weeks=1)
        at_now, standing = replace(at_now, pace=pace), follow_ups.follow_ups(tx)
        plain = views.world(tx, now)
        everybody = outlook._due(plain, plain.people.values(), met_soon(tx, plain)) + outlook._owed(tx, plain)
        few = outlook._to_plan(tx, at_now, standing, explained=True)
        assert {each.subject: each for each in few}.items() <= {each.subject: each for each in everybody}.items()
        of_all = views.follow_up_plan(tx, everybody, standing, now, pace)
        assert replace(views.follow_up_plan(tx, few, standing, now, pace), waiting=()) == replace(of_all, waiting=())
        assert of_all.place or not ceiling
        assert len(few) < len(everybody)
