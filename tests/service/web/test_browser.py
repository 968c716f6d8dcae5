"""The walk of a new day in a real browser on a phone: sign-in, files, people to judge, what is coming.

Drives Chromium (Debian package ``chromium``) at 360 pixels; nothing may appear in its console and no page may be wider
than the screen.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Locator, Page

from keepwarm.store import Store
from service import create_app
from tests.service.web import world
from tests.service.web.conftest import runtime_over
from tests.service.web.screen import PHONE, listened, opened, served, width_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def address(sqlite_store: Store, tmp_path: Path, now: datetime) -> Iterator[str]:
    world.settle(sqlite_store, now)
    with served(create_app(runtime_over(sqlite_store, tmp_path, now))) as where:
        yield where


@pytest.fixture
def chromium() -> Iterator[Chromium]:
    with opened() as browser:
        yield browser


def watched(browser: Chromium, said: list[str], *, scripts: bool) -> Page:
    """A page on a phone; everything its console says is added to ``said``."""
    context = browser.new_context(viewport={"width": PHONE, "height": 740}, java_script_enabled=scripts)
    return listened(context.new_page(), said)


def sign_in(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("E-mail address").fill(world.OWNER)
    page.get_by_label("Password").fill(world.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Hello Sam").wait_for()


def fits(page: Page) -> bool:
    """Whether the page is no wider than the phone."""
    return width_of(page) <= PHONE


@pytest.mark.parametrize("scripts", [True, False])
def test_a_link_in_a_mail_that_is_shown_leads_out_of_its_frame(address: str, chromium: Chromium, scripts: bool) -> None:
    page = watched(chromium, [], scripts=scripts)  # the frame runs no script, the driver's own neither, and says so
    sign_in(page, address)
    for shown in ("/settings/mails/digest", "/first/done"):
        page.goto(f"{address}{shown}")
        link = page.frame_locator("iframe.letter").get_by_role("link", name="Change what you get and when")
        link.evaluate("node => node.setAttribute('href', '/settings')")  # the address that the runtime knows is another
        link.click()
        page.wait_for_url(f"{address}/settings")


def test_taking_a_tap_back_keeps_the_eye_where_it_is(address: str, chromium: Chromium) -> None:
    said: list[str] = []
    page = watched(chromium, said, scripts=True)
    sign_in(page, address)
    page.goto(f"{address}/judge")
    before = page.locator("#tabs").inner_text()
    page.locator(".picks li").nth(5).get_by_role("button", name="Leave out").click()
    page.locator("#said.afloat", has_text="is left out").wait_for()
    there = page.evaluate("scrollY")
    assert there > 0
    assert page.locator("#tabs").inner_text() != before
    page.locator("#said").get_by_role("button", name="Undo").click()
    page.locator("#said.afloat", has_text="Taken back.").wait_for()
    assert page.evaluate("scrollY") == there
    assert page.locator("#tabs").inner_text() == before
    assert said == []


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize(("path", "deed"), [("/contacts?tab=new", "Leave out"), ("/judge", "Take into my network")])
def test_what_can_be_done_with_those_ticked_is_in_sight_and_covers_nobody(
    address: str, chromium: Chromium, path: str, deed: str, scripts: bool
) -> None:
    page = watched(chromium, [], scripts=scripts)
    sign_in(page, address)
    page.goto(f"{address}{path}")
    bar, boxes = page.locator(".bar"), page.locator("[type=checkbox][name=id]")
    assert not in_sight(bar)
    boxes.first.check()
    assert in_sight(bar)
    assert fits(page)
    boxes.last.check()
    page.locator("footer").scroll_into_view_if_needed()
    foot = boxes.last.bounding_box()
    top = bar.bounding_box()
    assert foot
    assert top
    assert foot["y"] + foot["height"] <= top["y"]
    bar.get_by_role("button", name=deed).click()
    page.locator("#said", has_text="2 people").wait_for()


def test_two_who_may_be_one_are_told_apart_on_a_phone_line_by_line(address: str, chromium: Chromium) -> None:
    page = watched(chromium, [], scripts=True)
    sign_in(page, address)
    page.goto(f"{address}/twice")
    assert fits(page)
    work, circle = (page.locator(".pairs tr", has=page.get_by_text(each, exact=True)) for each in ("Work", "Circle"))
    assert [each.is_visible() for each in work.locator("td").all()] == [False, False, True]
    assert [each.is_visible() for each in circle.locator("td").all()] == [True, True, True]
    lefts = {round(each.evaluate("node => node.getBoundingClientRect().left")) for each in circle.locator("td").all()}
    assert len(lefts) == 1


def in_sight(part: Locator) -> bool:
    """Whether all of it lies above the rooms at the foot of the screen."""
    box = part.bounding_box()
    rooms = part.page.locator(".rooms").bounding_box()
    return bool(box and rooms and box["y"] + box["height"] <= rooms["y"] + 1)


@pytest.mark.parametrize("scripts", [True, False])
def test_the_walk_of_a_day_on_a_phone(address: str, chromium: Chromium, tmp_path: Path, scripts: bool) -> None:
    said: list[str] = []
    page = watched(chromium, said, scripts=scripts)
    sign_in(page, address)

    page.get_by_role("link", name="More", exact=True).click()
    assert fits(page)
    page.get_by_role("main").get_by_role("link", name="Files").click()
    made = tmp_path / "People.vcf"
    made.write_text("BEGIN:VCARD\nVERSION:3.0\nFN:Vera Smit\nEMAIL:vera@example.net\nEND:VCARD\n")
    page.locator("input[type=file]").set_input_files(made)
    page.get_by_role("button", name="Add and read").click()
    assert page.get_by_role("heading", name="People.vcf").is_visible()
    assert page.get_by_text("You can leave this page").is_visible()
    assert fits(page)

    page.get_by_role("link", name="More", exact=True).click()
    page.get_by_role("main").get_by_role("link", name="New people").click()
    card = page.locator(".picks > li", has_text="Daniel Okafor")
    card.get_by_role("button", name="Daniel Okafor: Cold").click()
    page.locator("#said", has_text="is in your network now").wait_for()
    assert card.count() == 0
    assert fits(page)
    page.get_by_role("button", name="Undo").click()
    page.locator("#said", has_text="Taken back.").wait_for()

    page.get_by_role("link", name="Talks", exact=True).click()
    assert page.get_by_text("Coffee with Noor").is_visible()
    assert fits(page)
    page.get_by_role("link", name="Coffee with Noor").click()
    assert page.get_by_role("heading", name="The question list as it stands").is_visible()
    assert fits(page)
    page.get_by_role("button", name="Sign out").click()
    assert page.get_by_role("heading", name="Welcome back").is_visible()
    assert said == []


def test_progress_moves_on_by_itself(
    address: str, chromium: Chromium, sqlite_store: Store, now: datetime, tmp_path: Path
) -> None:
    """The page of an import that runs takes over what changed, and stops asking once it is done."""
    said: list[str] = []
    page = watched(chromium, said, scripts=True)
    page.goto(f"{address}/sign-in?next=files.overview")
    page.get_by_label("E-mail address").fill(world.OWNER)
    page.get_by_label("Password").fill(world.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    made = tmp_path / "Sent.mbox"
    made.write_text("From x\n\n")
    page.locator("input[type=file]").set_input_files(made)
    page.get_by_role("button", name="Add and read").click()
    page.get_by_text("0 items so far").wait_for()
    world.finish(sqlite_store, now, page.url.rpartition("/")[2])
    page.get_by_text("finished Monday 23 November").wait_for(timeout=15_000)
    assert page.locator("[data-live]").count() == 0
    assert said == []
