"""The month: each entry on its day, follow-ups moved and removed with one tap, the address to subscribe to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from keepwarm.followups import uid_of
from keepwarm.store import Store, accounts, follow_ups
from service import create_app
from tests.service.web import world
from tests.service.web.conftest import Browser, runtime_over, signed_in
from workers.runtime import Runtime


def state(runtime: Runtime, here: world.World) -> follow_ups.FollowUp:
    with runtime.store.reading(here.owner_id) as tx:
        return follow_ups.follow_up(tx, here.follow_up_id)


def test_a_month_shows_each_on_its_day(owner: Browser, here: world.World) -> None:
    page = owner.get("/calendar").text
    assert "November 2026" in page
    cells = dict(re.findall(r'<span class="number">(\d+)</span>\s*(.*?)</td>', page, re.DOTALL))
    assert "Coffee with Noor" in cells["24"]
    assert "10:00 Get in touch with Tomas Lind" in re.sub("<[^>]+>", "", cells["26"])
    assert not cells["25"].strip()
    december = owner.get("/calendar?month=2026-12").text
    assert "You promised Noor Willemse: send the article on lamps" in december
    assert "Coffee with Noor" not in december


@pytest.mark.parametrize("asked", ["", "x", "2026-13", "0001-01", "9999-12", "2026-1", "2026-11-01"])
def test_an_odd_month_is_this_one(owner: Browser, asked: str) -> None:
    assert "November 2026" in owner.get(f"/calendar?month={asked}").text


def test_before_and_after_lead_on(owner: Browser) -> None:
    page = owner.get("/calendar?month=2027-01").text
    assert "/calendar?month=2026-12" in page
    assert "/calendar?month=2027-02" in page
    assert "This month" in page
    assert 'rel="prev"' not in owner.get("/calendar?month=1970-01").text


@pytest.mark.parametrize(("later", "day"), [("day", 27), ("week", 3)])
def test_one_tap_moves_a_follow_up(
    owner: Browser, here: world.World, runtime: Runtime, now: object, later: str, day: int
) -> None:
    runtime.open_local(here.owner_id).put_event("local", world.follow_up_event(here, runtime.now()))
    answer = owner.post(f"/coming/follow-up/{here.follow_up_id}/move", {"later": later}, on="/calendar")
    found = state(runtime, here)
    assert (found.state, found.at.day, found.at.hour) == ("moved", day, state(runtime, here).at.hour)
    assert answer.location.startswith("/calendar?month=2026-1")
    assert "It stays where you put it." in owner.get(answer.location).text
    event = runtime.open_local(here.owner_id).get_event("local", uid_of(here.follow_up_id))
    assert event is not None
    assert event.start_at == found.at


def test_a_day_that_is_over_is_refused(owner: Browser, here: world.World, runtime: Runtime) -> None:
    before = state(runtime, here)
    for at in ("2020-01-01T10:00", "", "soon"):
        page = owner.post(f"/coming/follow-up/{here.follow_up_id}/move", {"at": at}, follow_redirects=True).text
        assert "still ahead" in page
    assert state(runtime, here) == before


def test_removed_with_one_tap(owner: Browser, here: world.World, runtime: Runtime) -> None:
    page = owner.post(f"/coming/follow-up/{here.follow_up_id}/remove", follow_redirects=True).text
    assert "Removed." in page
    assert "Get in touch with Tomas Lind" not in page
    assert state(runtime, here).state == "deleted"


def test_it_says_what_works_without_a_public_address(
    sqlite_store: Store, tmp_path: Path, here: world.World, owner: Browser
) -> None:
    assert "needs a public address" in owner.get("/calendar").text
    public = runtime_over(sqlite_store, tmp_path, here_now(owner), PUBLIC_URL="https://warm.example.org")
    page = signed_in(create_app(public), here.owner_id).get("/calendar").text
    assert "needs a public address" not in page
    assert 'value="https://warm.example.org/feed/' in page


def here_now(owner: Browser) -> object:
    return owner.client.application.extensions["keepwarm"].now()


def test_it_speaks_dutch(owner: Browser, here: world.World, runtime: Runtime) -> None:
    with runtime.store.transaction(here.owner_id) as tx:
        accounts.update_owner(tx, lang="nl")
    page = owner.get("/calendar?month=2026-12").text
    assert "December 2026" in page
    assert "Je beloofde Noor Willemse: send the article on lamps" in page


def test_an_empty_account_sees_a_kind_word(runtime: Runtime, account: str, app: object) -> None:
    page = signed_in(app, account).get("/calendar").text  # type: ignore[arg-type]  # the fixture's app
    assert "Nothing stands in this month yet." in page
