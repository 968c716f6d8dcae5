"""Duties, quarantine, sign-in."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from keepwarm.store import Store, Tx, access, duties
from tests import make

HOUR = timedelta(hours=1)


def test_silence_makes_a_duty_overdue(store: Store, now: datetime) -> None:
    with store.system() as tx:
        duties.ensure_duties(tx, {"sweep": (60, 240), "prepare": (3600, 3600), "gone": (1, 1)}, now)
        duties.ensure_duties(tx, {"sweep": (60, 240), "prepare": (3600, 7200)}, now)
        duties.ok(tx, "sweep", now)
        duties.failed(tx, "prepare", "no disk")
        assert [(each.name, each.overdue) for each in duties.duties(tx, now + timedelta(seconds=300))] == [
            ("prepare", False),
            ("sweep", False),
        ]
        found = {each.name: each for each in duties.duties(tx, now + 4 * HOUR)}
        assert {name for name, each in found.items() if each.overdue} == {"sweep", "prepare"}
        assert (found["prepare"].last_error, found["prepare"].grace) == ("no disk", 7200)
        duties.ok(tx, "prepare", now + 4 * HOUR)
        assert {each.name for each in duties.duties(tx, now + 4 * HOUR) if each.overdue} == {"sweep"}


def test_a_duty_that_never_ran_is_overdue_too(store: Store, now: datetime) -> None:
    """A worker that was never started is a silent stop like any other."""
    with store.system() as tx:
        duties.ensure_duties(tx, {"sweep": (60, 240)}, now)
        duties.ensure_duties(tx, {"sweep": (60, 240)}, now + timedelta(minutes=4))
        for seconds, overdue in ((300, False), (301, True)):
            (only,) = duties.duties(tx, now + timedelta(seconds=seconds))
            assert (only.last_ok_at, only.silent_since, only.overdue) == (None, now, overdue)


def test_the_same_broken_item_is_set_aside_once(store: Store, now: datetime) -> None:
    me = make.owner(store)
    with store.transaction(me) as tx:
        for _ in range(2):
            duties.quarantine(tx, place="a.mbox", position="7", digest="d", reason="not readable", now=now)
        assert [(each.place, each.position) for each in duties.quarantined(tx)] == [("a.mbox", "7")]


def test_instance_values_are_replaced(store: Store) -> None:
    with store.system() as tx:
        assert duties.instance_value(tx, "epoch") is None
        duties.set_instance_value(tx, "epoch", "1")
        duties.set_instance_value(tx, "epoch", "2")
        assert duties.instance_value(tx, "epoch") == "2"


@pytest.mark.parametrize(("purpose", "after", "works"), [("start", 0, True), ("other", 0, False), ("start", 25, False)])
def test_a_token_works_once_for_its_purpose_in_time(
    store: Store, now: datetime, purpose: str, after: int, works: bool
) -> None:
    with store.system() as tx:
        token = access.new_one_time_token(tx, "start", now)
        when = now + after * HOUR
        assert access.token_is_good(tx, token, purpose, when) is works
        assert access.use_one_time_token(tx, token, purpose, when) is works
        assert not access.use_one_time_token(tx, token, purpose, when)


def _whose(tx: Tx, token: str, now: datetime) -> str | None:
    found = access.session(tx, token, now)
    return found.owner_id if found else None


def test_a_session_ends_by_itself_or_by_hand(store: Store, now: datetime) -> None:
    me = make.owner(store)
    with store.system() as tx:
        token = access.new_session(tx, me, now, days=1)
        other = access.new_session(tx, me, now, days=1)
        assert _whose(tx, token, now) == me
        assert _whose(tx, token, now + 24 * HOUR) is None
        assert _whose(tx, "\udc80 wrong", now) is None
        access.end_session(tx, token)
        assert _whose(tx, token, now) is None
        assert _whose(tx, other, now) == me
        access.end_sessions(tx, me)
        assert _whose(tx, other, now) is None
