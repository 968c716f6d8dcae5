"""Streams: everything arrives once, whatever fails on the way."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from keepwarm.errors import LeaseLost
from keepwarm.store import accounts, contacts, duties, views
from keepwarm.store.accounts import StreamState
from keepwarm.types import StreamKind
from tests import make
from tests.workers.conftest import NOW, Crash, House
from workers import sync

PEOPLE = ["Ann Example <ann@example.com>", "Bo Example <bo@example.com>", "Cem Example <cem@example.net>"]


def mails(*people: str) -> list[object]:
    return [each for who in people or PEOPLE for each in make.both_ways(who)]


def state(house: House, stream_id: str) -> StreamState:
    with house.store.reading(house.owner_id) as tx:
        return next(each for each in accounts.streams(tx) if each.stream.id == stream_id)


def proposed(house: House) -> set[str]:
    with house.store.reading(house.owner_id) as tx:
        return {row.name for row in contacts.contacts(tx, states=["proposed"], now=house.moment)}


def stored(house: House) -> int:
    with house.store.reading(house.owner_id) as tx:
        return views.health(tx, house.moment).mails


def test_a_stream_is_read_to_its_end(house: House) -> None:
    house.world.add(*mails())
    stream = house.stream()
    seen: list[int] = []
    done = sync.sync_stream(house.runtime, stream, progress=lambda: seen.append(1))
    assert (done.outcome, done.pages, done.items, len(seen)) == ("done", 3, 6, 3)
    assert proposed(house) == {"Ann Example", "Bo Example", "Cem Example"}
    assert state(house, stream).stale_since is None


def test_doubled_wake_ups_are_harmless(house: House) -> None:
    house.world.add(*mails())
    stream = house.stream()
    outcomes = [sync.sync_stream(house.runtime, stream).outcome for _ in range(3)]
    assert outcomes == ["done", "held", "held"]
    assert stored(house) == 6


def test_what_arrives_later_is_read_from_the_cursor(house: House) -> None:
    house.world.add(*mails(PEOPLE[0]))
    stream = house.stream()
    sync.sync_stream(house.runtime, stream)
    house.world.add(*mails(PEOPLE[1]))
    with house.store.transaction(house.owner_id) as tx:
        accounts.mark_stale(tx, stream, house.moment)
    assert sync.sync_stream(house.runtime, stream).items == 2
    assert stored(house) == 4


def test_news_during_a_sync_is_not_lost(house: House) -> None:
    house.world.add(*mails(PEOPLE[0]))
    stream = house.stream()

    def news() -> None:
        with house.store.transaction(house.owner_id) as tx:
            accounts.mark_stale(tx, stream, house.moment)

    assert sync.sync_stream(house.runtime, stream, progress=news).outcome == "news"
    house.world.add(*mails(PEOPLE[1]))
    house.drain()
    assert stored(house) == 4


def test_a_slice_ends_and_the_next_goes_on(house: House) -> None:
    house.world.add(*mails())
    stream = house.stream()
    outcomes = [sync.sync_stream(house.runtime, stream, seconds=-1).outcome for _ in range(4)]
    assert outcomes == ["more", "more", "more", "done"]  # the people are found in a slice of its own
    assert stored(house) == 6


def test_a_throttle_never_fails_the_account(house: House) -> None:
    stream = house.stream()
    house.world.throttle = timedelta(seconds=1)
    calls: list[str] = []
    house.world.before_call = calls.append
    for _ in range(60):  # an hour of refusals, looked at every minute
        house.drain()
        house.later(minutes=1)
    assert 1 < len(calls) <= 10
    assert state(house, stream).last_error == sync.WAITING
    house.world.throttle = None
    house.world.add(*mails())
    house.later(hours=2).drain()
    assert (stored(house), state(house, stream).last_error) == (6, "")


def test_the_delay_asked_for_is_honoured(house: House) -> None:
    stream = house.stream()
    house.world.throttle = timedelta(minutes=20)
    house.drain()
    assert state(house, stream).retry_at == NOW + timedelta(minutes=20)


def test_a_dead_cursor_starts_over_without_effects(house: House) -> None:
    house.world.add(*mails())
    stream = house.stream()
    sync.sync_stream(house.runtime, stream)
    before = (stored(house), proposed(house), house.rows())
    house.world.epoch += 1
    with house.store.transaction(house.owner_id) as tx:
        accounts.mark_stale(tx, stream, house.moment)
    assert sync.sync_stream(house.runtime, stream).outcome == "done"
    assert (stored(house), proposed(house), house.rows()) == before
    assert state(house, stream).stream.cursor.startswith("1:")


def test_who_is_read_anew_more_than_twice_a_day_is_told_once(house: House) -> None:
    house.world.add(*mails())
    stream = house.stream()
    sync.sync_stream(house.runtime, stream)

    def loses(times: int) -> int:
        for _ in range(times):
            house.later(hours=1).world.epoch += 1
            with house.store.transaction(house.owner_id) as tx:
                accounts.mark_stale(tx, stream, house.moment)
            assert sync.sync_stream(house.runtime, stream).outcome == "done"
        return len(house.rows("alarm"))

    assert (loses(2), loses(1)) == (0, 1)
    (alarm,) = house.rows("alarm")
    assert "3 times" in alarm.payload["lines"][0]
    assert loses(2) == 1
    house.later(days=2)
    assert loses(2) == 1


def test_what_is_refused_before_it_begins_anew_is_not_counted(house: House) -> None:
    stream = house.stream()
    sync.sync_stream(house.runtime, stream)
    house.world.epoch += 1
    with house.store.transaction(house.owner_id) as tx:
        accounts.mark_stale(tx, stream, house.moment)

    def refuse(_: str) -> None:
        house.world.throttle = timedelta(seconds=1) if len(calls) % 2 else None
        calls.append(_)

    calls: list[str] = []
    house.world.before_call = refuse
    for _ in range(6):
        sync.sync_stream(house.runtime, stream)
        house.later(hours=2)
    assert house.rows("alarm") == []


def test_a_withdrawn_grant_is_shown_and_keeps_the_cursor(house: House) -> None:
    house.world.add(*mails())
    stream = house.stream()
    sync.sync_stream(house.runtime, stream)
    cursor = state(house, stream).stream.cursor
    house.world.revoked = True
    with house.store.transaction(house.owner_id) as tx:
        accounts.mark_stale(tx, stream, house.moment)
    assert sync.sync_stream(house.runtime, stream).outcome == "failed"
    found = state(house, stream)
    assert (found.last_error, found.stale_since, found.stream.cursor) == (sync.REVOKED, None, cursor)


def test_a_bug_is_given_up_after_five_tries_and_shown(house: House) -> None:
    stream = house.stream()
    tries: list[str] = []

    def broken(verb: str) -> None:
        tries.append(verb)
        raise RuntimeError("content that must not be shown")

    house.world.before_call = broken
    for _ in range(10):
        house.drain()
        house.later(hours=2)
    assert len(tries) == 5
    assert state(house, stream).last_error == sync.GIVEN_UP
    with house.store.reading(house.owner_id) as tx:
        aside = duties.quarantined(tx)
    assert [(each.place, each.position) for each in aside] == [("stream", stream)]
    assert "content" not in aside[0].reason


def test_a_process_that_dies_five_times_is_given_up(house: House) -> None:
    stream = house.stream()

    def die(verb: str) -> None:
        raise Crash(verb)

    house.world.before_call = die
    for _ in range(5):
        with pytest.raises(Crash):
            sync.sync_stream(house.runtime, stream)
        house.later(seconds=121)
    assert sync.sync_stream(house.runtime, stream).outcome == "failed"
    assert state(house, stream).stale_since is None


def test_one_broken_item_stops_nothing(house: House) -> None:
    first, last = mails(PEOPLE[0]), mails(PEOPLE[1])
    house.world.add(*first, make.broken(), *last)
    house.stream()
    house.drain()
    assert stored(house) == 4
    with house.store.reading(house.owner_id) as tx:
        assert len(duties.quarantined(tx)) == 1


@pytest.mark.parametrize("call", range(1, 5))
def test_dying_at_any_call_loses_nothing_and_doubles_nothing(house: House, call: int) -> None:
    house.world.add(*mails())
    stream, left = house.stream(), [call]

    def die(verb: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Crash(verb)

    house.world.before_call = die
    try:
        sync.sync_stream(house.runtime, stream)
    except Crash:
        assert sync.sync_stream(house.runtime, stream).outcome == "held"
    house.later(seconds=121).drain()
    assert stored(house) == 6
    assert proposed(house) == {"Ann Example", "Bo Example", "Cem Example"}


def test_who_comes_late_writes_nothing(house: House) -> None:
    house.world.add(*mails())
    stream, calls = house.stream(), list[str]()

    def stall(verb: str) -> None:
        calls.append(verb)
        if len(calls) == 2:  # before the second page: another worker takes over meanwhile
            house.later(seconds=121)
            house.world.before_call = lambda _: None
            assert sync.sync_stream(house.runtime, stream).outcome == "done"

    house.world.before_call = stall
    with pytest.raises(LeaseLost):
        sync.sync_stream(house.runtime, stream)
    assert stored(house) == 6
    assert state(house, stream).stale_since is None


def mbox(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    head = "From a@example.com Mon Nov 23 09:00:00 2026\nFrom: Ann Example <ann@example.com>\n"
    rest = "To: owner@example.org\nDate: Mon, 2 Nov 2026 09:00:00 +0000\nMessage-ID: <1@example.com>\n\nHello\n"
    path.write_text(head + rest, encoding="ascii")
    return path


def test_uploaded_files_go_when_they_were_read_and_others_stay(house: House, tmp_path: Path) -> None:
    ours = mbox(house.runtime.owner_home(house.owner_id) / "uploads" / "1" / "mail.mbox")
    theirs = mbox(tmp_path / "theirs.mbox")
    for uploaded, path in ((True, ours), (False, theirs), (True, theirs)):
        with house.store.transaction(house.owner_id) as tx:
            batch = accounts.create_batch(tx, label="mail", paths=[str(path)], uploaded=uploaded, now=house.moment)
        assert sync.sync_stream(house.runtime, batch.stream_id).outcome == "done"
    assert (ours.exists(), ours.parent.exists(), theirs.exists()) == (False, False, True)
    assert stored(house) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_upload_goes_although_its_worker_died(house: House, when: str) -> None:
    path = mbox(house.runtime.owner_home(house.owner_id) / "uploads" / "1" / "mail.mbox")
    with house.store.transaction(house.owner_id) as tx:
        batch = accounts.create_batch(tx, label="mail", paths=[str(path)], uploaded=True, now=house.moment)
    with pytest.raises(Crash):
        sync.sync_stream(house.crash_at(f"{when} commit workers.sync._finish_import").runtime, batch.stream_id)
    assert path.exists()
    house.later(seconds=121)
    assert sync.sync_stream(house.runtime, batch.stream_id).outcome == "done"
    assert (path.exists(), path.parent.exists(), stored(house)) == (False, False, 1)


def test_importing_again_adds_nothing(house: House, tmp_path: Path) -> None:
    path, counts = mbox(tmp_path / "mail.mbox"), []
    for _ in range(2):
        with house.store.transaction(house.owner_id) as tx:
            batch = accounts.create_batch(tx, label="mail", paths=[str(path)], uploaded=False, now=house.moment)
        sync.sync_stream(house.runtime, batch.stream_id)
        with house.store.reading(house.owner_id) as tx:
            found = accounts.batch(tx, batch.id)
        assert found.finished_at is not None
        counts.append([(each.read, each.stored, each.known) for each in found.sources])
    assert counts == [[(1, 1, 0)], [(1, 0, 1)]]


def bring(house: House, *paths: Path) -> accounts.Batch:
    with house.store.transaction(house.owner_id) as tx:
        made = accounts.create_batch(
            tx, label="mail", paths=[str(path) for path in paths], uploaded=False, now=house.moment
        )
    sync.sync_stream(house.runtime, made.stream_id)
    with house.store.reading(house.owner_id) as tx:
        return accounts.batch(tx, made.id)


def take_back(house: House, batch: accounts.Batch) -> None:
    with house.store.transaction(house.owner_id) as tx:
        accounts.undo_batch(tx, batch.id, house.moment)


def test_a_file_stays_while_another_import_of_it_stands(house: House, tmp_path: Path) -> None:
    path = mbox(tmp_path / "mail.mbox")
    first, second = bring(house, path), bring(house, path)
    take_back(house, first)
    assert stored(house) == 1
    third = bring(house, path)
    assert [(each.stored, each.known) for each in third.sources] == [(0, 1)]
    take_back(house, second)
    assert stored(house) == 1
    take_back(house, third)
    assert stored(house) == 0
    assert bring(house, path).sources[0].stored == 1


def test_a_file_that_lay_among_others_of_an_undone_import_is_read_anew(house: House, tmp_path: Path) -> None:
    path, other = mbox(tmp_path / "mail.mbox"), mbox(tmp_path / "other.mbox")
    other.write_text(other.read_text().replace("<1@example.com>", "<2@example.com>"))
    first, second = bring(house, path, other), bring(house, path)
    take_back(house, first)
    assert stored(house) == 0
    assert sync.sync_stream(house.runtime, second.stream_id).outcome == "done"
    assert stored(house) == 1
    with house.store.reading(house.owner_id) as tx:
        assert [(each.read, each.stored) for each in accounts.batch(tx, second.id).sources] == [(1, 1)]


def test_a_mailbox_that_grew_keeps_its_beginning(house: House, tmp_path: Path) -> None:
    path = mbox(tmp_path / "mail.mbox")
    first = bring(house, path)
    path.write_text(path.read_text() + "\n" + path.read_text().replace("<1@example.com>", "<2@example.com>"))
    bring(house, path)
    take_back(house, first)
    assert stored(house) == 2


def test_only_one_kind_of_stream_is_a_batch(quick_house: House) -> None:
    quick_house.world.add(*mails())
    assert sync.sync_stream(quick_house.runtime, quick_house.stream(StreamKind.CALENDAR)).outcome == "done"


def test_a_stream_that_needs_nothing_costs_no_claim(house: House) -> None:
    """A wake-up call too many is a question to the database, not a write."""
    stream = house.stream()
    sync.sync_stream(house.runtime, stream)
    with house.store.transaction(house.owner_id):  # the writer's place is taken
        assert sync.sync_stream(house.runtime, stream).outcome == "held"
