"""A talk's questions on paper and on a phone, in Chromium: twelve with room to write fill one page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from keepwarm.questions import OwnTalk, prepare
from keepwarm.store import Store, talks, views
from service import create_app
from tests.service.web import world
from tests.service.web.conftest import runtime_over
from tests.service.web.screen import served
from tests.service.web.test_browser import chromium, fits

pytestmark = [pytest.mark.browser, pytest.mark.slow]

__all__ = ["chromium"]  # the fixture

WORDS = (
    "What would you do in my place if you had ten years of teaching behind you and wished to work with energy, and why"
)
PAGES = re.compile(rb"/Type\s*/Page\b")


@pytest.fixture
def site(sqlite_store: Store, tmp_path: Path, now: datetime) -> Iterator[tuple[str, world.World]]:
    """A talk with twelve questions: its server, and the world."""
    here = world.settle(sqlite_store, now)
    added = tuple(f"{WORDS} ({number})?" for number in range(10))
    with sqlite_store.transaction(here.owner_id) as tx:
        talks.settle(tx, here.talk_id, now, questions=list(added))
        found = prepare(views.situation(tx, here.ids["Noor Willemse"], now, event_id=here.talk_id))
        others = [each.id for each in (*found.shown, *found.more) if not each.id.startswith("talk_")][:2]
        order = (*(f"talk_{number}" for number in range(1, 11)), *others)
        talks.settle(tx, here.talk_id, now, own=OwnTalk(added=added, order=order))
    with served(create_app(runtime_over(sqlite_store, tmp_path, now))) as address:
        yield address, here


def signed_in(browser: Chromium, address: str, *, scripts: bool) -> Page:
    page = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=scripts).new_page()
    page.goto(f"{address}/sign-in")
    page.get_by_label("E-mail address").fill(world.OWNER)
    page.get_by_label("Password").fill(world.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    return page


def test_twelve_questions_stand_on_one_page_of_paper(site: tuple[str, world.World], chromium: Chromium) -> None:
    address, here = site
    page = signed_in(chromium, address, scripts=True)
    page.goto(f"{address}/coming/talk/{here.talk_id}/print")
    assert page.locator(".blanks > li").count() >= 12
    for paper in ("A4", "Letter"):
        assert len(PAGES.findall(page.pdf(format=paper))) == 1, paper


def test_questions_are_ticked_without_a_script(site: tuple[str, world.World], chromium: Chromium) -> None:
    address, here = site
    page = signed_in(chromium, address, scripts=False)
    page.goto(f"{address}/coming/talk/{here.talk_id}/read")
    page.get_by_text("(3)?").click()
    assert page.locator("input:checked").count() == 1
    assert fits(page)
    assert page.locator(".ticks input").first.bounding_box()["width"] >= 24  # type: ignore[index]  # it is there


def test_a_talk_is_written_down_without_a_script(site: tuple[str, world.World], chromium: Chromium) -> None:
    address, _ = site
    page = signed_in(chromium, address, scripts=False)
    page.goto(f"{address}/talks/new")
    page.get_by_label("Whom I talked to").fill("sanne")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Choose Sanne de Groot").click()
    page.get_by_label("What was it about?").fill("The bees.")
    page.get_by_role("button", name="Save").click()
    assert page.get_by_text("A word of thanks does good").is_visible()
    page.goto(f"{address}/talks")
    assert page.get_by_text("The bees.").is_visible()
    for path in ("/coming", "/calendar", "/introductions", "/organisations", "/plan", "/me", "/round", "/talks/print"):
        page.goto(f"{address}{path}")
        assert fits(page), path
