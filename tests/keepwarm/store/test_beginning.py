"""When follow-ups begin: at the step that shows them, at the owner's word, or after a week; else as ever."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from keepwarm.store import Store, accounts, beginning, contacts, follow_ups
from tests import make

WEEK = timedelta(days=7)


@pytest.fixture
def me(store: Store) -> str:
    return make.owner(store)


def waits(store: Store, owner_id: str, now: datetime) -> datetime | None:
    with store.reading(owner_id) as tx:
        return beginning.waits_until(tx, accounts.owner(tx), now)


def take_in(store: Store, owner_id: str, at: datetime, name: str = "Ann") -> str:
    with store.transaction(owner_id) as tx:
        return contacts.add_contact(tx, name=name, now=at)


def said(store: Store, owner_id: str, first: dict[str, Any] | None) -> None:
    with store.transaction(owner_id) as tx:
        accounts.update_owner(tx, settings={"first": first})


@pytest.mark.parametrize(
    ("first", "waiting"),
    [
        (None, False),  # never began: made by the command
        ({}, True),  # signed up, and nothing more
        ({"settled": ["goal", "pick"]}, True),
        ({"settled": ["goal"], "picked": ["x"], "picking_since": "2020-01-01T00:00:00+00:00"}, True),
        ({"settled": ["rhythm"]}, False),
        ({"settled": ["goal"], "over": True}, False),
    ],
)
def test_the_calendar_waits_for_the_step_that_shows_it(
    store: Store, me: str, now: datetime, first: dict[str, Any] | None, waiting: bool
) -> None:
    said(store, me, first)
    take_in(store, me, now)
    assert waits(store, me, now) == (now + WEEK if waiting else None)


def test_it_waits_a_week_from_the_first_who_was_taken_in(store: Store, me: str, now: datetime) -> None:
    said(store, me, {})
    assert waits(store, me, now + 30 * WEEK) == now + 31 * WEEK, "with nobody there is nothing to begin"
    take_in(store, me, now)
    take_in(store, me, now + timedelta(days=3), "Bea")
    assert waits(store, me, now + WEEK - timedelta(seconds=1)) == now + WEEK
    assert waits(store, me, now + WEEK) is None


def test_what_began_goes_on(store: Store, me: str, now: datetime) -> None:
    """Somebody from before walks through the first steps a second time."""
    who = take_in(store, me, now)
    with store.transaction(me) as tx:
        follow_ups.place(
            tx, id="f", contact_id=who, cycle="c", at=now, wall="2026-11-26T10:00", zone="UTC", reason={}, now=now
        )
    said(store, me, {"settled": ["goal"]})
    assert waits(store, me, now) is None


def test_anothers_people_and_follow_ups_count_for_nothing(store: Store, me: str, now: datetime) -> None:
    other = make.owner(store, "other@example.com")
    who = take_in(store, other, now - 9 * WEEK)
    with store.transaction(other) as tx:
        follow_ups.place(
            tx, id="f", contact_id=who, cycle="c", at=now, wall="2026-11-26T10:00", zone="UTC", reason={}, now=now
        )
    said(store, me, {})
    take_in(store, me, now)
    assert waits(store, me, now) == now + WEEK
