"""A series that a newer import holds otherwise: what it left out is no talk any more, until that import is undone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keepwarm.store import Store, accounts, contacts, views
from keepwarm.types import CalendarEvent
from tests import make
from tests.make import NOW

ANN = "Ann Example <ann@example.com>"
LATER = NOW + timedelta(hours=1)


def weekly(*days: int, hour: int = 0, **fields: object) -> list[CalendarEvent]:
    """Occurrences of one series so many days from now."""
    starts = [NOW + timedelta(days=each, hours=hour) for each in days]
    return [make.event([ANN], start=at, occurrence=at.isoformat(), recurring=True, **fields) for at in starts]  # type: ignore[arg-type]  # any field of an event


@pytest.fixture
def me(store: Store) -> str:
    owner_id = make.owner(store)
    make.imported(store, owner_id, *make.both_ways(ANN), now=NOW - timedelta(days=2))
    with store.transaction(owner_id) as tx:
        contacts.detect(tx, NOW)
        contacts.accept(tx, None, now=NOW)
    make.imported(store, owner_id, *weekly(7, 14, 21), path="old.ics", now=NOW - timedelta(days=1))
    return owner_id


def ahead(store: Store, me: str) -> list[float]:
    """Days until each talk."""
    with store.reading(me) as tx:
        talks = views.upcoming(tx, now=LATER, days=40, stored=True).talks
        return [(each.event.start_at - NOW) / timedelta(days=1) for each in talks]


@pytest.mark.parametrize(
    ("newer", "expected"),
    [
        (weekly(7, 21), [7, 21]),  # one taken out
        (weekly(7, 14, 21, hour=3), [7.125, 14.125, 21.125]),  # moved as a whole
        (weekly(14, cancelled=True), [7, 21]),  # an answer to one alone says nothing of the others
        (weekly(7, 14, 21, 28), [7, 14, 21, 28]),
    ],
)
def test_the_newest_import_of_a_series_tells(
    store: Store, me: str, newer: list[CalendarEvent], expected: list[float]
) -> None:
    newest = make.imported(store, me, *newer, path="new.ics", now=NOW)
    assert ahead(store, me) == expected
    with store.transaction(me) as tx:
        accounts.undo_batch(tx, newest, LATER)
    assert ahead(store, me) == [7, 14, 21]


def test_another_calendar_takes_nothing_away(store: Store, me: str) -> None:
    make.imported(store, me, *weekly(8, 15, uid="other@x.org"), path="other.ics", now=NOW)
    assert ahead(store, me) == [7, 8, 14, 15, 21]


def test_what_was_left_out_is_free_time(store: Store, me: str) -> None:
    make.imported(store, me, *weekly(7, 21), path="new.ics", now=NOW)
    with store.reading(me) as tx:
        assert [(each - NOW).days for each, _ in views.busy(tx, NOW, NOW + timedelta(days=40))] == [7, 21]
