"""A follow-up moved or removed on our pages: the calendar where it stands follows, connected or ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from keepwarm.followups import uid_of
from keepwarm.store.follow_ups import FollowUp
from service import create_app
from tests.service.web.conftest import Browser, signed_in
from tests.workers.conftest import NOOR, House

THERE = {"at": "2026-12-04T10:30"}
MOMENT = datetime(2026, 12, 4, 9, 30, tzinfo=UTC)


def browser(house: House) -> Browser:
    return signed_in(create_app(house.runtime), house.owner_id)


def only(house: House) -> FollowUp:
    (found,) = house.follow_ups()
    return found


def written(house: House) -> FollowUp:
    """A follow-up that stands in the connected calendar."""
    house.knows(NOOR, days_ago=200)
    house.drain()
    assert list(house.world.events) == [uid_of(only(house).id)]
    return only(house)


def test_a_move_reaches_the_connected_calendar_and_stays(house: House) -> None:
    found = written(house)
    browser(house).post(f"/coming/follow-up/{found.id}/move", THERE)
    house.later(minutes=1).drain()
    assert house.world.events[uid_of(found.id)].start_at == MOMENT
    for _ in range(3):
        house.later(hours=5).drain()
    assert (only(house).state, only(house).at) == ("moved", MOMENT)
    assert [each.start_at for each in house.world.events.values()] == [MOMENT]


def test_moved_twice_the_last_one_counts(house: House) -> None:
    found = written(house)
    page = browser(house)
    page.post(f"/coming/follow-up/{found.id}/move", {"at": "2026-12-03T16:00"})
    page.post(f"/coming/follow-up/{found.id}/move", THERE)
    house.later(minutes=1).drain()
    assert [each.start_at for each in house.world.events.values()] == [MOMENT]
    assert only(house).at == MOMENT


def test_a_lost_answer_makes_no_second_event(quick_house: House) -> None:
    found = written(quick_house)
    browser(quick_house).post(f"/coming/follow-up/{found.id}/move", THERE)
    quick_house.world.lose_answer = True
    for _ in range(3):
        quick_house.later(minutes=20).drain()
    assert [each.start_at for each in quick_house.world.events.values()] == [MOMENT]
    assert (only(quick_house).state, only(quick_house).at) == ("moved", MOMENT)


def test_one_that_was_not_written_yet_is_written_where_it_was_moved(quick_house: House) -> None:
    house = quick_house
    house.world.throttle = timedelta(minutes=5)
    house.knows(NOOR, days_ago=200)
    house.drain()
    assert house.world.events == {}
    browser(house).post(f"/coming/follow-up/{only(house).id}/move", THERE)
    house.world.throttle = None
    house.later(minutes=10).drain()
    assert [each.start_at for each in house.world.events.values()] == [MOMENT]


def test_what_the_owner_then_moves_in_their_calendar_counts_more(quick_house: House) -> None:
    house, later = quick_house, MOMENT + timedelta(days=3)
    found = written(house)
    browser(house).post(f"/coming/follow-up/{found.id}/move", THERE)
    house.later(minutes=1).drain()
    house.world.user_moves(uid_of(found.id), later)
    house.later(hours=1).drain()
    assert only(house).at == later
    assert [each.start_at for each in house.world.events.values()] == [later]


def test_removed_it_leaves_the_connected_calendar(house: House) -> None:
    found = written(house)
    page = browser(house).post(f"/coming/follow-up/{found.id}/remove", follow_redirects=True).text
    assert "Removed." in page
    house.later(minutes=1).drain()
    assert house.world.events == {}
    house.later(days=3).drain()
    assert (house.world.events, only(house).state) == ({}, "deleted")


def test_one_whose_writing_was_never_answered_leaves_too(quick_house: House) -> None:
    house = quick_house
    house.world.lose_answer = True
    house.knows(NOOR, days_ago=200)
    house.drain()
    assert list(house.world.events) == [uid_of(only(house).id)]
    assert only(house).account_id == ""
    browser(house).post(f"/coming/follow-up/{only(house).id}/remove")
    house.later(minutes=30).drain()
    assert house.world.events == {}


def test_in_our_own_calendar_it_moves_at_once(plain_house: House) -> None:
    plain_house.knows(NOOR, days_ago=200)
    plain_house.drain()
    found, local = only(plain_house), plain_house.runtime.open_local(plain_house.owner_id)
    browser(plain_house).post(f"/coming/follow-up/{found.id}/move", THERE)
    assert local.get_event("", uid_of(found.id)).start_at == MOMENT
    plain_house.later(minutes=1).drain()
    assert local.get_event("", uid_of(found.id)).start_at == MOMENT
    browser(plain_house).post(f"/coming/follow-up/{found.id}/remove")
    assert local.get_event("", uid_of(found.id)) is None
    plain_house.later(days=3).drain()
    assert (only(plain_house).state, local.get_event("", uid_of(found.id))) == ("deleted", None)


@pytest.mark.parametrize("deed", ["move", "remove"])
def test_one_that_is_gone_is_not_made_again_from_a_page_that_stayed_open(quick_house: House, deed: str) -> None:
    found = written(quick_house)
    page = browser(quick_house)
    page.post(f"/coming/follow-up/{found.id}/remove")
    quick_house.later(minutes=1).drain()
    page.post(f"/coming/follow-up/{found.id}/{deed}", THERE)
    quick_house.later(minutes=1).drain()
    assert (only(quick_house).state, quick_house.world.events) == ("deleted", {})


def undo(house: House) -> str:
    return browser(house).post("/undo", {"back": "calendar.overview"}, follow_redirects=True).text


@pytest.mark.parametrize("by", ["/coming/follow-up/{}/remove", "/accounts/calendar/{}/remove"])
def test_a_removal_is_offered_to_be_taken_back(quick_house: House, by: str) -> None:
    found = written(quick_house)
    page = browser(quick_house).post(by.format(found.id), follow_redirects=True).text
    assert 'name="change"' in page.partition("<h1")[0]
    assert "follow-up removed: Noor Jansen" in browser(quick_house).get("/changes").text


@pytest.mark.parametrize("gone_already", [False, True])
def test_a_removal_taken_back_stands_in_the_connected_calendar(house: House, gone_already: bool) -> None:
    found = written(house)
    browser(house).post(f"/coming/follow-up/{found.id}/remove")
    if gone_already:
        house.later(minutes=1).drain()
        assert house.world.events == {}
    assert "Taken back." in undo(house)
    for _ in range(3):
        house.later(hours=2).drain()
    assert [each.start_at for each in house.world.events.values()] == [found.at]
    assert (only(house).state, only(house).at) == ("placed", found.at)


def test_a_removal_under_way_when_it_is_taken_back_is_waited_for(quick_house: House) -> None:
    house = quick_house
    found = written(house)
    browser(house).post(f"/coming/follow-up/{found.id}/remove")
    _undone_while("delete_event", house)
    house.later(minutes=1).drain()
    for _ in range(3):
        house.later(minutes=10).drain()
    assert [each.start_at for each in house.world.events.values()] == [found.at]
    assert only(house).state == "placed"


def _undone_while(verb: str, house: House) -> None:
    """Take the newest change back, once, while the provider is busy with this."""
    usual = house.world.before_call

    def undone(called: str) -> None:
        if called == verb:
            house.world.before_call = usual
            undo(house)

    house.world.before_call = undone


def test_a_moved_one_returns_where_it_was_moved_to(quick_house: House) -> None:
    house = quick_house
    found = written(house)
    browser(house).post(f"/coming/follow-up/{found.id}/move", THERE)
    house.later(minutes=1).drain()
    browser(house).post(f"/coming/follow-up/{found.id}/remove")
    house.later(minutes=1).drain()
    undo(house)
    house.later(minutes=1).drain()
    assert [each.start_at for each in house.world.events.values()] == [MOMENT]
    assert (only(house).state, only(house).at) == ("moved", MOMENT)
    undo(house)  # and the move too
    house.later(minutes=1).drain()
    assert [each.start_at for each in house.world.events.values()] == [found.at]


def test_what_the_owner_deleted_in_their_calendar_no_undo_brings_back(quick_house: House) -> None:
    house = quick_house
    found = written(house)
    house.world.user_removes(uid_of(found.id))
    browser(house).post(f"/coming/follow-up/{found.id}/remove")
    undo(house)
    for _ in range(3):
        house.later(minutes=10).drain()
    assert (house.world.events, only(house).state) == ({}, "deleted")


def test_one_deleted_in_the_calendar_cannot_be_removed_and_brought_back(quick_house: House) -> None:
    house = quick_house
    found = written(house)
    house.world.user_removes(uid_of(found.id))
    house.later(minutes=10).drain()
    assert only(house).state == "deleted"
    page = browser(house).post(f"/coming/follow-up/{found.id}/remove", follow_redirects=True).text
    assert "is not in your calendar any more" in page
    assert 'name="change"' not in page.partition("<h1")[0]


def test_in_our_own_calendar_a_removal_is_taken_back_too(plain_house: House) -> None:
    house = plain_house
    house.knows(NOOR, days_ago=200)
    house.drain()
    found, local = only(house), house.runtime.open_local(house.owner_id)
    browser(house).post(f"/coming/follow-up/{found.id}/remove")
    house.later(minutes=1).drain()
    undo(house)
    house.later(minutes=1).drain()
    assert local.get_event("", uid_of(found.id)).start_at == found.at
    assert only(house).state == "placed"
