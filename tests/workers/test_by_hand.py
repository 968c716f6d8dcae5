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
    assert local.get_event("", uid_of(found.id)).deleted_by_user


@pytest.mark.parametrize("deed", ["move", "remove"])
def test_one_that_is_gone_is_not_made_again_from_a_page_that_stayed_open(quick_house: House, deed: str) -> None:
    found = written(quick_house)
    page = browser(quick_house)
    page.post(f"/coming/follow-up/{found.id}/remove")
    quick_house.later(minutes=1).drain()
    page.post(f"/coming/follow-up/{found.id}/{deed}", THERE)
    quick_house.later(minutes=1).drain()
    assert (only(quick_house).state, quick_house.world.events) == ("deleted", {})
