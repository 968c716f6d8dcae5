"""The outbox protocol's rows: once, fenced, and given up on after five claims."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from keepwarm.errors import LeaseLost
from keepwarm.store import Store, duties, outbox
from tests import make

MINUTE = timedelta(minutes=1)


@pytest.fixture
def me(store: Store) -> str:
    return make.owner(store)


def intent(now: datetime, key: str = "brief:1", **fields: object) -> outbox.Intent:
    values = {"kind": "brief", "subject_ref": "1", "run_at": now} | fields
    return outbox.Intent(key=key, **values)  # type: ignore[arg-type]


def test_a_key_is_put_once_and_a_newer_generation_moves_it(store: Store, me: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        assert outbox.put(tx, intent(now), now)
        assert not outbox.put(tx, intent(now + MINUTE, generation=1, payload={"x": 1}), now)
        assert not outbox.put(tx, intent(now), now)  # of an older generation: too late
        [row] = outbox.rows(tx)
    assert (row.run_at, row.generation, row.payload, row.state) == (now + MINUTE, 1, {"x": 1}, "due")


def test_what_waits_untouched_takes_a_new_hour(store: Store, me: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        outbox.put(tx, intent(now + MINUTE), now)
        outbox.put(tx, intent(now), now)
        assert [each.run_at for each in outbox.rows(tx)] == [now]
        row = outbox.lease(tx, outbox.rows(tx)[0].id, now)
        assert row is not None
        outbox.release(tx, row, run_at=now + 5 * MINUTE, reason="wait", forgive=True)
        outbox.put(tx, intent(now), now)
        assert [each.run_at for each in outbox.rows(tx)] == [now + 5 * MINUTE]  # the pause asked for holds


def test_what_was_withdrawn_waits_anew_when_it_is_wanted_again(store: Store, me: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        outbox.put(tx, intent(now), now)
        outbox.withdraw(tx, "1", "declined", now)
        assert outbox.put(tx, intent(now + MINUTE), now)
        [row] = outbox.rows(tx)
    assert (row.state, row.reason, row.run_at, row.settled_at) == ("due", "", now + MINUTE, None)


def test_what_was_sent_is_not_due_again_by_a_newer_generation(store: Store, me: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        outbox.put(tx, intent(now), now)
        row = outbox.lease(tx, outbox.rows(tx)[0].id, now)
        assert row is not None
        outbox.sending(tx, row, now)
        outbox.settle(tx, row, "sent", now, remote_ref="r")
        outbox.put(tx, intent(now, generation=9), now)
        assert [(each.state, each.generation) for each in outbox.rows(tx)] == [("sent", 0)]
        assert outbox.sent_counts(tx, now) == outbox.SentCounts(last_hour=1, today=1, this_week=1)
        later = outbox.sent_counts(tx, now + timedelta(hours=3))
    assert later == outbox.SentCounts(last_hour=0, today=1, this_week=1)


def test_withdrawing_skips_what_is_due_with_the_reason(store: Store, me: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        outbox.put(tx, intent(now), now)
        outbox.put(tx, intent(now, key="note:1"), now)
        outbox.put(tx, intent(now, key="brief:2", subject_ref="2"), now)
        assert outbox.withdraw(tx, "1", "the talk moved", now) == 2
        assert outbox.withdraw(tx, "brief:2", "no longer wanted", now) == 1
        assert outbox.withdraw(tx, "brief:2", "again", now) == 0
        assert {each.state for each in outbox.rows(tx)} == {"skipped"}
    with store.system() as tx:
        assert outbox.due(tx, now) == []


def test_a_row_has_one_holder_and_who_comes_late_writes_nothing(store: Store, me: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        outbox.put(tx, intent(now), now)
        [(_, row_id)] = outbox.due(tx, now)
        first = outbox.lease(tx, row_id, now)
        assert first is not None
        assert outbox.lease(tx, row_id, now + MINUTE) is None
        second = outbox.lease(tx, row_id, now + 3 * MINUTE)
        assert second is not None
        with pytest.raises(LeaseLost):
            outbox.sending(tx, first, now)
        with pytest.raises(LeaseLost):
            outbox.settle(tx, first, "sent", now)
        with pytest.raises(LeaseLost):
            outbox.release(tx, first, run_at=now, reason="")
        with pytest.raises(LeaseLost):
            outbox.sending(tx, replace(second, generation=1), now)
        outbox.sending(tx, second, now)
        with pytest.raises(LeaseLost):
            outbox.sending(tx, second, now)


def test_what_was_left_while_sending_comes_up_to_be_settled(store: Store, me: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        outbox.put(tx, intent(now), now)
        row = outbox.lease(tx, outbox.rows(tx)[0].id, now)
        assert row is not None
        outbox.sending(tx, row, now)
        assert outbox.due(tx, now + MINUTE) == []
        assert outbox.due(tx, now + 3 * MINUTE) == [(me, row.id)]
        again = outbox.lease(tx, row.id, now + 3 * MINUTE)
        assert again is not None
        assert again.state == "sending"
        outbox.settle(tx, again, "unknown", now, reason="no answer")
        assert outbox.due(tx, now + 9 * MINUTE) == []


def test_five_claims_without_an_outcome_fail_and_are_shown(store: Store, me: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        outbox.put(tx, intent(now), now)
        row_id = outbox.rows(tx)[0].id
        claims = [outbox.lease(tx, row_id, now + n * 3 * MINUTE) for n in range(6)]
        assert [each.attempts if each else None for each in claims] == [1, 2, 3, 4, 5, None]
        assert outbox.row(tx, row_id).state == "failed"
        assert [each.position for each in duties.quarantined(tx)] == [row_id]


def test_a_released_row_waits_for_its_time(store: Store, me: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        outbox.put(tx, intent(now), now)
        row = outbox.lease(tx, outbox.rows(tx)[0].id, now)
        assert row is not None
        outbox.release(tx, row, run_at=now + MINUTE, reason="quiet hours")
        assert outbox.due(tx, now) == []
        assert outbox.due(tx, now + MINUTE) == [(me, row.id)]


@pytest.mark.parametrize("kind", ["alarm", "access"])
def test_what_warns_does_not_wait_behind_all_that_piled_up(store: Store, me: str, now: datetime, kind: str) -> None:
    with store.transaction(me) as tx:
        for number in range(5):
            outbox.put(tx, intent(now - number * MINUTE, f"brief:{number}"), now)
        outbox.put(tx, intent(now, "warns", kind=kind), now)
        found = outbox.due(tx, now, limit=3)
        assert [outbox.row(tx, each).key for _, each in found] == ["warns", "brief:4", "brief:3"]
