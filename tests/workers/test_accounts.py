"""Accounts that stay connected: looked at in time, told about when they fall silent, believed with care."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from integrations.fake import Fake
from keepwarm.store import Store, accounts, duties, items
from keepwarm.types import Page, Place, StreamKind
from tests import make
from tests.integrations.houses import opening
from tests.integrations.open.sides import REACH, Town, resident, towns
from tests.workers.conftest import NOOR, NOW, House, _house
from workers import listen, schedule, sync, upkeep
from workers.listen import Listener

START = NOW + timedelta(days=3)
EVE = datetime(2026, 11, 25, 15, tzinfo=UTC)


@pytest.fixture
def polled(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """The fake account is looked at as those of open standards are."""
    monkeypatch.setitem(schedule.POLLED, "fake", 300)
    return house


def state(house: House) -> accounts.StreamState:
    with house.store.reading(house.owner_id) as tx:
        return next(each for each in accounts.streams(tx) if each.provider == "fake")


# --- looked at in time


def test_a_stream_is_looked_at_every_five_minutes(polled: House) -> None:
    stream_id = polled.stream()
    sync.sync_stream(polled.runtime, stream_id)
    polled.later(minutes=4)
    assert ("sync_stream", stream_id) not in upkeep.sweep(polled.runtime).wake
    polled.later(minutes=1)
    assert ("sync_stream", stream_id) in upkeep.sweep(polled.runtime).wake


def test_a_dead_password_is_not_tried_again_by_itself(polled: House) -> None:
    stream_id = polled.stream()
    polled.world.revoked = True
    assert sync.sync_stream(polled.runtime, stream_id).outcome == "failed"
    polled.later(hours=1)
    assert ("sync_stream", stream_id) not in upkeep.sweep(polled.runtime).wake
    polled.world.revoked = False
    with polled.store.transaction(polled.owner_id) as tx:
        accounts.wake_account(tx, state(polled).stream.account_id, polled.moment)
    assert sync.sync_stream(polled.runtime, stream_id).outcome == "done"
    assert (state(polled).revoked_at, state(polled).last_error) == (None, "")


def test_an_account_let_go_is_looked_at_no_more(polled: House) -> None:
    polled.stream()
    with polled.store.transaction(polled.owner_id) as tx:
        accounts.disconnect(tx, accounts.accounts(tx)[0].id, polled.moment)
    polled.later(hours=1)
    assert [name for name, _ in upkeep.sweep(polled.runtime).wake if name == "sync_stream"] == []


# --- told about


def about_the_account(house: House) -> int:
    account_id = state(house).stream.account_id
    return sum(account_id in row.key for row in house.rows("alarm"))


def test_a_dead_password_is_told_about_in_steps(polled: House) -> None:
    polled.world.revoked = True
    sync.sync_stream(polled.runtime, polled.stream())
    told: list[int] = []
    for hours in (0.5, 1.5, 10, 26, 80, 170, 400):
        polled.at(NOW + timedelta(hours=hours))
        upkeep.sweep(polled.runtime, by="beat")
        told.append(about_the_account(polled))
    assert told == [0, 1, 1, 2, 3, 4, 4]


def test_an_account_that_is_away_is_told_about_after_an_hour(polled: House) -> None:
    stream_id = polled.stream()
    sync.sync_stream(polled.runtime, stream_id)
    polled.world.throttle = timedelta(minutes=1)
    told: list[int] = []
    for minutes in range(0, 80, 4):
        polled.at(NOW + timedelta(minutes=minutes))
        upkeep.sweep(polled.runtime, by="beat")
        sync.sync_stream(polled.runtime, stream_id)
        told.append(about_the_account(polled))
    assert (told[14], told[-1]) == (0, 1)


def test_the_mail_about_a_dead_account_does_not_go_by_that_account(polled: House) -> None:
    stream_id = polled.stream()
    polled.world.revoked = True
    sync.sync_stream(polled.runtime, stream_id)
    for minutes in range(0, 70, 1):
        polled.at(NOW + timedelta(minutes=minutes))
        upkeep.sweep(polled.runtime, by="beat")
    account_id = state(polled).stream.account_id
    about = [row for row in polled.rows("alarm") if account_id in row.key]
    assert [row.account_id for row in about] == [None]


# --- looked at once more before a mail about a talk


@pytest.fixture
def booked(polled: House) -> House:
    """A talk that stands in the account's calendar, read an hour before the list is due."""
    polled.knows(NOOR)
    polled.world.add(make.event([NOOR], start=START))
    polled.at(EVE - timedelta(hours=1))
    sync.sync_stream(polled.runtime, polled.stream(StreamKind.CALENDAR))
    polled.drain()
    return polled.at(EVE)


def talk_mails(house: House) -> list[str]:
    return [subject for subject in house.mails() if subject.startswith("Prepared")]


def test_a_talk_that_still_stands_gets_its_list(booked: House) -> None:
    booked.drain()
    assert len(talk_mails(booked)) == 1


@pytest.mark.parametrize("change", [{"cancelled": True}, {"start": START + timedelta(days=1)}])
def test_a_talk_that_changed_since_the_last_look_gets_none_for_the_old_hour(
    booked: House, change: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(schedule.POLLED, "fake")  # nobody but the delivery itself looks
    booked.world.add(make.event([NOOR], **{"start": START} | change))  # type: ignore[arg-type]  # fields of an event
    booked.drain()
    assert talk_mails(booked) == []


def test_a_calendar_that_cannot_be_read_holds_the_mail_back(booked: House) -> None:
    booked.world.before_call = booked_away
    booked.drain()
    assert talk_mails(booked) == []
    booked.world.before_call = lambda _: None
    booked.later(minutes=20).drain()
    assert len(talk_mails(booked)) == 1


def test_a_calendar_that_does_not_let_us_in_is_not_tried_for_each_mail(booked: House) -> None:
    """The mail waits, and asks again each minute; a dead password tried each minute locks people out."""
    booked.world.revoked = True
    with booked.store.transaction(booked.owner_id) as tx:
        accounts.mark_stale(tx, state(booked).stream.id, booked.moment)
    tried = list[str]()
    booked.world.before_call = lambda verb: tried.extend([verb] if verb == "changes" else [])
    for _ in range(20):
        booked.later(minutes=1).drain()
    assert len(tried) == 1
    assert state(booked).revoked_at is not None


def booked_away(verb: str) -> None:
    if verb == "changes":
        raise ConnectionResetError("away")


# --- believed with care (RELIABILITY.md C5)


def told(house: House, stream_id: str, page: Page) -> None:
    with house.store.transaction(house.owner_id) as tx:
        accounts.mark_stale(tx, stream_id, house.moment)
        lease = accounts.lease_stream(tx, stream_id, house.moment)
        assert lease is not None
        items.keep_page(tx, lease, page, house.moment)
        accounts.finish_stream(tx, lease, house.moment)


def standing(house: House) -> int:
    with house.store.reading(house.owner_id) as tx:
        rows = tx.connection.exec_driver_sql("SELECT count(*) FROM event WHERE gone_at IS NULL")
        return int(rows.scalar_one())


@pytest.fixture
def calendar(house: House) -> Iterator[tuple[House, str]]:
    """Ten events of ten resources in one calendar."""
    stream_id = house.stream(StreamKind.CALENDAR)
    found = [
        make.event([NOOR], uid=f"e{n}@x.org", start=START + timedelta(hours=n), resource_ref=f"/c/{n}.ics")
        for n in range(10)
    ]
    refs = tuple(each.resource_ref for each in found)
    told(house, stream_id, Page(items=tuple(found), whole=refs, everything=frozenset(refs), cursor="one", last=True))
    assert standing(house) == 10
    return (house, stream_id)


def cursor(house: House) -> str:
    return state(house).stream.cursor


@pytest.mark.parametrize("page", [{"everything": frozenset()}, {"whole": tuple(f"/c/{n}.ics" for n in range(10))}])
def test_a_calendar_that_empties_at_once_is_looked_at_twice(
    calendar: tuple[House, str], page: dict[str, object]
) -> None:
    house, stream_id = calendar
    empty = Page(cursor="two", last=True, **page)  # type: ignore[arg-type]  # fields of a page
    told(house, stream_id, empty)
    assert (standing(house), cursor(house)) == (10, "one")
    assert state(house).held_since == house.moment
    told(house.later(minutes=5), stream_id, empty)
    assert (standing(house), cursor(house)) == (0, "two")
    assert state(house).held_since is None


def test_two_looks_of_one_run_are_one(calendar: tuple[House, str]) -> None:
    """Whoever is unsure reads everything right behind what changed, as Outlook's calendars do."""
    house, stream_id = calendar
    refs = tuple(f"/c/{n}.ics" for n in range(10))
    looks = (Page(cursor="two", whole=refs), Page(cursor="three", last=True, everything=frozenset()))
    glitch = type("Glitch", (Fake,), {"changes": lambda *_: iter(looks)})
    house.runtime = replace(house.runtime, load=lambda _: glitch)
    for minutes, left in ((0, 10), (1, 10), (5, 0)):
        house.later(minutes=minutes)
        with house.store.transaction(house.owner_id) as tx:
            accounts.mark_stale(tx, stream_id, house.moment)
        assert sync.sync_stream(house.runtime, stream_id).outcome == "done"
        assert (standing(house), state(house).held_since is None) == (left, not left)
    assert cursor(house) == "three"


def test_what_is_to_be_looked_at_twice_is_not_passed_by_the_pages_behind_it(calendar: tuple[House, str]) -> None:
    house, stream_id = calendar
    looks = (Page(cursor="two", whole=tuple(f"/c/{n}.ics" for n in range(8))), Page(cursor="three", last=True))
    glitch = type("Glitch", (Fake,), {"changes": lambda *_: iter(looks)})
    house.runtime = replace(house.runtime, load=lambda _: glitch)
    for minutes, left, there in ((0, 10, "one"), (5, 2, "three")):
        house.later(minutes=minutes)
        with house.store.transaction(house.owner_id) as tx:
            accounts.mark_stale(tx, stream_id, house.moment)
        sync.sync_stream(house.runtime, stream_id)
        assert (standing(house), cursor(house)) == (left, there)


def test_a_calendar_that_comes_back_is_believed_and_the_first_look_forgotten(calendar: tuple[House, str]) -> None:
    house, stream_id = calendar
    told(house, stream_id, Page(cursor="two", last=True, everything=frozenset()))
    refs = frozenset(f"/c/{n}.ics" for n in range(10))
    told(house, stream_id, Page(cursor="three", last=True, everything=refs))
    assert (standing(house), cursor(house), state(house).held_since) == (10, "three", None)


def test_a_few_removals_are_believed_at_once(calendar: tuple[House, str]) -> None:
    house, stream_id = calendar
    told(house, stream_id, Page(cursor="two", last=True, whole=("/c/1.ics", "/c/2.ics")))
    assert (standing(house), cursor(house)) == (8, "two")


def test_what_a_page_does_not_speak_of_stays(calendar: tuple[House, str]) -> None:
    """A window that moved on: whatever merely left it was not removed."""
    house, stream_id = calendar
    span = (START + timedelta(hours=4), START + timedelta(hours=7))
    told(house, stream_id, Page(cursor="two", last=True, everything=frozenset({"/c/5.ics"}), span=span))
    assert (standing(house), cursor(house)) == (8, "two")


def test_an_occurrence_that_left_its_series_is_gone(house: House) -> None:
    stream_id = house.stream(StreamKind.CALENDAR)
    one = make.event([NOOR], uid="s@x.org", occurrence="1", resource_ref="/c/s.ics")
    two = make.event([NOOR], uid="s@x.org", occurrence="2", start=START + timedelta(days=7), resource_ref="/c/s.ics")
    told(house, stream_id, Page(items=(one, two), whole=("/c/s.ics",), cursor="a", last=True))
    told(house, stream_id, Page(items=(one,), whole=("/c/s.ics",), cursor="b", last=True))
    assert standing(house) == 1


def test_what_came_by_a_file_too_is_the_accounts_to_remove(house: House) -> None:
    event = make.event([NOOR], uid="f@x.org")
    house.reads(event)
    stream_id = house.stream(StreamKind.CALENDAR)
    told(house, stream_id, Page(items=(replace(event, resource_ref="/c/f.ics"),), whole=("/c/f.ics",), last=True))
    told(house, stream_id, Page(whole=("/c/f.ics",), last=True))
    assert standing(house) == 0


def test_talks_of_a_calendar_let_go_are_not_relied_on(calendar: tuple[House, str]) -> None:
    house, _ = calendar
    with house.store.transaction(house.owner_id) as tx:
        accounts.set_places(tx, accounts.accounts(tx)[0].id, [], house.moment)
    assert standing(house) == 0


def test_places_come_and_go_and_cursors_stay(calendar: tuple[House, str]) -> None:
    house, _ = calendar
    kept = Place(ref="", name="calendar", kind=StreamKind.CALENDAR)
    more = Place(ref="INBOX", name="INBOX", kind=StreamKind.MAIL)
    with house.store.transaction(house.owner_id) as tx:
        account_id = accounts.accounts(tx)[0].id
        accounts.set_places(tx, account_id, [kept, more], house.moment)
        assert {(each.stream.place_ref, each.stream.cursor) for each in accounts.streams(tx)} == {
            ("", "one"),
            ("INBOX", ""),
        }


# --- heard of at once


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    yield from towns(tmp_path_factory.mktemp("town"))


@pytest.fixture
def connected(sqlite_store: Store, tmp_path: Path, town: Town) -> Iterator[tuple[House, str]]:
    """A house with an account over real servers; the user's name there."""
    for house in _house(sqlite_store, tmp_path, connected=False):
        here = resident(town, opening(tmp_path))
        runtime = replace(house.runtime, settings=replace(house.runtime.settings, allow_hosts=REACH.allow))
        with house.store.transaction(house.owner_id) as tx:
            account = accounts.ensure_account(tx, provider="open", settings=here.opened.settings, now=NOW)
            sealed = runtime.keys.seal(house.owner_id, account.id, here.opened.grant)
            accounts.keep_grant(tx, account.id, sealed, runtime.keys.id)
            accounts.set_places(tx, account.id, [Place(ref="INBOX", name="", kind=StreamKind.MAIL)], NOW)
        yield replace(house, runtime=runtime), here.user


def test_news_marks_the_stream_stale_and_wakes_a_worker(connected: tuple[House, str], town: Town) -> None:
    house, user = connected
    woken: list[str] = []
    listener = Listener(runtime=house.runtime, wake=woken.append)
    try:
        for _ in range(20):
            listener.turn()
            if woken:
                break
        assert len(woken) == 1  # what came before anybody listened
        (stream_id,) = woken
        assert sync.sync_stream(house.runtime, stream_id).outcome == "done"
        town.dovecot.deliver(
            user, b"From: Noor <noor@lantern.example>\r\nTo: x@example.org\r\nMessage-ID: <1@x>\r\n\r\n"
        )
        for _ in range(20):
            listener.turn()
            if len(woken) > 1:
                break
        assert woken == [stream_id] * 2
        assert sync.sync_stream(house.runtime, stream_id).items == 1
    finally:
        listener.stopping = True
        listener.run()


def silent(house: House) -> set[str]:
    """The duties that were not done in time."""
    with house.store.system(write=False) as tx:
        return {each.name for each in duties.duties(tx, house.moment) if each.overdue}


def test_that_nobody_listens_is_seen(connected: tuple[House, str]) -> None:
    house, _ = connected
    upkeep.sweep(house.runtime)
    upkeep.sweep(house.runtime.at(house.later(minutes=6).moment))
    assert "listen" in silent(house)
    Listener(runtime=house.runtime.at(house.moment), wake=lambda _: None)._call_the_roll(1.0)
    assert "listen" not in silent(house)


def test_where_there_is_nobody_to_listen_to_nobody_is_missed(house: House) -> None:
    upkeep.sweep(house.runtime)
    upkeep.sweep(house.later(minutes=6).runtime)
    assert "listen" not in silent(house)


def test_a_refused_password_is_told_to_reading_and_then_left_alone(
    connected: tuple[House, str], town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, user = connected
    monkeypatch.setattr(listen, "ROSTER", 0.0)
    town.dovecot.add(user, "another")
    woken: list[str] = []
    listener = Listener(runtime=house.runtime, wake=woken.append)
    try:
        for _ in range(20):
            listener.turn()
            if woken:
                break
        assert len(woken) == 1
        assert sync.sync_stream(house.runtime, woken[0]).outcome == "failed"
        monkeypatch.setattr(listen, "TICK", 0.01)
        listener.turn()
        assert listener.posts == {}
    finally:
        listener.stopping = True
        listener.run()


def test_an_account_let_go_is_listened_to_no_more(
    connected: tuple[House, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, _ = connected
    monkeypatch.setattr(listen, "ROSTER", 0.0)
    listener = Listener(runtime=house.runtime, wake=lambda _: None)
    try:
        for _ in range(5):
            listener.turn()
        assert [post.ear is not None for post in listener.posts.values()] == [True]
        with house.store.transaction(house.owner_id) as tx:
            accounts.disconnect(tx, accounts.accounts(tx)[0].id, house.moment)
        monkeypatch.setattr(listen, "TICK", 0.01)
        listener.turn()
        assert listener.posts == {}
    finally:
        listener.stopping = True
        listener.run()


# --- an event of ours that is not there


@pytest.fixture
def placed(quick_house: House) -> House:
    """A follow-up that stands in the account's calendar."""
    quick_house.knows(NOOR, days_ago=300)
    quick_house.drain()
    assert [each.state for each in quick_house.follow_ups()] == ["placed"]
    return quick_house


def test_an_event_missing_at_one_look_is_not_taken_for_deleted(placed: House) -> None:
    held = dict(placed.world.events)
    placed.world.events.clear()
    placed.later(minutes=1).drain()
    assert [each.state for each in placed.follow_ups()] == ["placed"]
    placed.world.events.update(held)
    placed.later(minutes=5).drain()
    placed.world.events.clear()
    placed.later(minutes=1).drain()
    assert [each.state for each in placed.follow_ups()] == ["placed"]


def test_an_event_missing_at_two_looks_was_deleted_by_the_owner(placed: House) -> None:
    placed.world.events.clear()
    placed.later(minutes=1).drain()
    placed.later(minutes=5).drain()
    assert [each.state for each in placed.follow_ups()] == ["deleted"]
    assert placed.world.events == {}
