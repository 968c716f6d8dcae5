"""The sample network: rich on any day, in both languages, and gone without a trace."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from keepwarm.digests import digest
from keepwarm.store import Store, accounts, contacts, follow_ups, held, introductions, notes, planning, plans, views
from keepwarm.store.owed import owed
from keepwarm.store.samples import begin, end
from keepwarm.store.tables import metadata
from keepwarm.texts import Texts
from tests import make


def everything(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables."""
    with store.system(write=False) as tx:
        return {
            table.name: sorted((tuple(row) for row in tx.connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


def look_around(store: Store, owner_id: str, now: datetime) -> str:
    """Begin the sample of this owner; the id of its own."""
    with store.system() as tx:
        whose = accounts.owner(replace(tx, owner_id=owner_id))
        return begin(tx, whose, now).id


def leave(store: Store, owner_id: str) -> str:
    with store.system() as tx:
        return end(tx, accounts.owner(replace(tx, owner_id=owner_id)))


def test_leaving_takes_every_row_away(store: Store, now: datetime) -> None:
    owner_id = make.owner(store)
    make.imported(store, owner_id, *make.both_ways("Ann Example <ann@example.com>"))
    before = everything(store)
    look_around(store, owner_id, now)
    during = everything(store)
    assert sum(map(len, during.values())) > sum(map(len, before.values())) + 500
    leave(store, owner_id)
    assert everything(store) == before
    assert leave(store, owner_id) == ""


def test_looking_again_makes_it_anew_and_once(store: Store, now: datetime) -> None:
    owner_id = make.owner(store)
    first = look_around(store, owner_id, now)
    second = look_around(store, owner_id, now + timedelta(days=40))
    assert first != second
    with store.system(write=False) as tx:
        assert [each.id for each in accounts.owners(tx)] == [owner_id]
        assert accounts.only_owner(tx) is not None
    leave(store, owner_id)
    with store.system(write=False) as tx:
        assert accounts.owner(replace(tx, owner_id=owner_id)).settings == {}


def test_two_people_look_around_side_by_side(store: Store, now: datetime) -> None:
    one, two = make.owner(store), make.owner(store, "other@example.org")
    look_around(store, one, now)
    before = everything(store)
    look_around(store, two, now)
    leave(store, two)
    assert everything(store) == before


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 23, 9, 0, tzinfo=UTC),  # a Monday
        datetime(2027, 2, 28, 22, 30, tzinfo=UTC),  # a Sunday night
        datetime(2027, 3, 29, 6, 0, tzinfo=UTC),  # Easter Monday, the day after clocks went forward
        datetime(2027, 12, 24, 16, 0, tzinfo=UTC),  # a Friday before two holidays
        datetime(2028, 2, 29, 12, 0, tzinfo=UTC),
    ],
)
def test_it_is_alive_on_any_day(sqlite_store: Store, now: datetime, lang: str) -> None:
    store, owner_id = sqlite_store, make.owner(sqlite_store)
    with store.transaction(owner_id) as tx:
        accounts.update_owner(tx, lang=lang, zone="Europe/Amsterdam")
    sample_id = look_around(store, owner_id, now)
    with store.reading(sample_id) as tx:
        at_now = views.world(tx, now)
        people = list(at_now.people.values())
        states = Counter(views.fresh(at_now, row).state for row in people)
        ahead = views.upcoming(tx, now=now, days=14, stored=True)
        assert 25 <= len(people) <= 40
        assert Counter(row.circle for row in people).keys() == {"warm", "lukewarm", "cold"}
        assert states.keys() >= {"fresh", "due", "late", "asleep"}
        assert len(ahead.talks) == 4
        assert ahead.follow_ups
        assert all(each.at > now for each in ahead.follow_ups)
        assert len([each for each in held.held_talks(tx, at_now) if not each.noted]) == 1
        assert {each.kind for each in owed(tx, at_now)} >= {"thanks", "promise"}
        assert {each.standing.state for each in introductions.introductions(tx, at_now)} == {"agreed", "introduced"}
        plan = plans.plans(tx)[0]
        standing = {each.standing.state for each in planning.planned(tx, at_now, plan)}
        assert standing >= {"to_approach", "talk_planned", "talked", "not_now"}
        assert len(notes.all_notes(tx)) == 6
        assert len(contacts.contacts(tx, states=["proposed"], now=now)) == 5
        assert contacts.suggestions(tx, now), "two who are likely one"
        assert digest(views.digest_facts(tx, at_now), Texts.load(lang)) is not None
        assert {each.state for each in follow_ups.follow_ups(tx)} == {"placed"}
        assert all(address.rpartition(".")[0].endswith("@example") for row in people for address in row.addresses)
