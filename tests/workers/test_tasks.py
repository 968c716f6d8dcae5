"""The doorbells: lost, doubled and parallel ones are harmless; duties, alarms and the ban on times in messages."""

from __future__ import annotations

import ast
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from keepwarm.errors import KeepwarmError, TryAgainLater
from keepwarm.store import duties
from tests import make
from tests.workers.conftest import NOOR, NOW, House
from workers import logs, schedule, tasks, upkeep
from workers.app import answered, app, configuration

ROOT = Path(__file__).resolve().parents[2]


def test_two_at_once_do_nothing_twice(house: House) -> None:
    house.knows(NOOR, "Ann Example <ann@example.com>", "Bo Example <bo@example.com>", days_ago=200)
    house.talk(NOW + timedelta(days=1))
    house.at(NOW + timedelta(hours=6))
    with ThreadPoolExecutor(max_workers=3) as pool:
        list(pool.map(lambda _: tasks.drain(house.runtime), range(3)))
    house.later(seconds=121).drain()
    assert len(house.mails()) == len(set(house.mails())) == 1
    assert len(house.world.events) == len(house.follow_ups()) == 2
    assert set(house.states("follow_up_put")) == {"sent"}


def test_a_wake_up_that_never_comes_is_found_by_the_sweep(house: House) -> None:
    house.world.add(*make.both_ways(NOOR))
    stream = house.stream()
    assert ("sync_stream", stream) in upkeep.sweep(house.runtime).wake


def test_a_second_drain_finds_nothing_to_do(house: House) -> None:
    house.knows(NOOR, days_ago=200)
    assert house.drain() > 0
    assert house.drain() == 0


def test_a_dead_broker_is_no_error(quick_house: House) -> None:
    runtime = quick_house.runtime
    gone = type(runtime.settings)(home=str(runtime.home), broker_url=f"redis+socket://{runtime.home}/nothing.sock")
    away = type(runtime)(**{**runtime.__dict__, "settings": gone})
    assert tasks.broker_answers(away) is False
    assert tasks.wake(away, "prepare_owner", quick_house.owner_id) is False


def test_a_broker_that_is_there_answers(quick_house: House) -> None:
    assert tasks.broker_answers(quick_house.runtime) is True
    assert tasks.wake(quick_house.runtime, "prepare_owner", quick_house.owner_id) is True


def test_waking_inside_a_transaction_is_refused(quick_house: House) -> None:
    with quick_house.store.transaction(quick_house.owner_id), pytest.raises(AssertionError):
        tasks.wake(quick_house.runtime, "prepare_owner", quick_house.owner_id)


@pytest.mark.parametrize("kind", [RuntimeError, KeepwarmError, TryAgainLater])
def test_what_an_error_says_is_not_logged(kind: type[Exception], caplog: pytest.LogCaptureFixture) -> None:
    """A message may repeat what somebody wrote."""
    caplog.set_level("INFO")

    def work() -> None:
        raise kind("Lunch with Noor")

    assert answered("deliver", work, outbox="row") is None
    assert kind.__name__ in caplog.text
    assert "Noor" not in caplog.text


@pytest.mark.parametrize("package", ["workers", "service"])
def test_no_message_carries_a_time(package: str) -> None:
    """A time in a message runs the task many times (RELIABILITY.md E1)."""
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg in {"eta", "countdown"}:
                raise AssertionError(f"{path.name}:{node.value.lineno}")
            if isinstance(node, ast.Attribute) and node.attr in {"signature", "chord", "AsyncResult"}:
                raise AssertionError(f"{path.name}:{node.lineno}")


def test_the_settings_of_the_study_hold() -> None:
    found = configuration()
    wanted = {"task_acks_late": False, "worker_prefetch_multiplier": 1, "task_ignore_result": True}
    wanted |= {"broker_connection_max_retries": None, "worker_enable_remote_control": False}
    assert {name: found[name] for name in wanted} == wanted
    assert found["task_soft_time_limit"] < found["task_time_limit"] < 120
    assert "result_backend" not in found
    assert {entry["task"] for entry in found["beat_schedule"].values()} == {"sweep", "resume"}
    assert set(schedule.ROUTES) == set(tasks.TASKS) <= set(app.tasks)


def test_every_duty_is_a_row_after_a_sweep(house: House) -> None:
    upkeep.sweep(house.runtime)
    with house.store.system() as tx:
        assert {each.name for each in duties.duties(tx, NOW)} == set(schedule.DUTIES)


@pytest.mark.parametrize("queue", schedule.QUEUES)
def test_a_canary_is_a_heartbeat(house: House, queue: str) -> None:
    upkeep.sweep(house.runtime)
    upkeep.canary(house.runtime, queue)
    with house.store.system() as tx:
        found = {each.name: each.last_ok_at for each in duties.duties(tx, NOW)}
    assert found[f"canary-{queue}"] == NOW


def awake_for(house: House, minutes: int) -> list[str]:
    """Time passes with beat awake, a sweep every four minutes, and a deaf worker; how the alarms stand."""
    for _ in range(0, minutes, 4):
        house.later(minutes=4)
        for name, row_id in upkeep.sweep(house.runtime, by="beat").wake:
            tasks._inline(house.runtime, name, row_id)
        with house.store.system() as tx:
            for duty in {*schedule.DUTIES} - {"canary-send"}:
                duties.ok(tx, duty, house.moment)
    house.drain()
    return house.states("alarm")


def test_a_silent_duty_is_told_after_an_hour_and_a_day(house: House) -> None:
    upkeep.sweep(house.runtime)
    upkeep.canary(house.runtime, "send")
    told = [awake_for(house, minutes) for minutes in (56, 4, 300, 1076, 8)]
    assert told == [[], ["sent"], ["sent"], ["sent"], ["sent", "sent"]]


def test_a_worker_that_never_was_is_told_after_an_hour(house: House) -> None:
    upkeep.sweep(house.runtime)
    assert [awake_for(house, minutes) for minutes in (56, 4)] == [[], ["sent"]]


def test_a_pause_of_our_own_is_no_alarm(house: House) -> None:
    """Nor while the backlog after it keeps the workers busy: silence counts from when we woke up."""
    upkeep.sweep(house.runtime)
    upkeep.canary(house.runtime, "send")
    house.later(days=30)
    assert awake_for(house, 56) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("redis://user:secret@host/0", "redis://***@host/0"),
        ("wrote to ann@example.com today", "wrote to *** today"),
        ("GET https://example.org/x?token=secret", "GET https://example.org/x?***"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_the_log_hides_secrets_and_addresses(text: str, expected: str) -> None:
    assert logs.redacted(text) == expected


def test_a_clock_that_ticks_every_few_seconds_fills_no_log() -> None:
    beside = [sys.executable, "-c", _TICKS]
    said = subprocess.run(beside, capture_output=True, text=True, timeout=60, check=True).stderr
    assert "Sending due task" not in said
    assert "clock broken" in said


_TICKS = """
from celery.beat import Scheduler, logger
from workers import logs
from workers.app import app
logs.set_up()
ticking = Scheduler(app, schedule_filename=None, lazy=True)
ticking.apply_async = lambda *given, **named: None
ticking.apply_entry(ticking._maybe_entry("resume", {"task": "resume", "schedule": 5}))
logger.error("clock broken")
"""
