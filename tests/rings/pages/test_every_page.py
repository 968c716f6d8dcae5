"""Every page, found by its links, in Chromium: no wider than the screen, nothing for axe or the console to say."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from tests.rings.conftest import Ring
from tests.rings.pages.conftest import cookie_of
from tests.rings.pages.walk import never_seen, walked
from tests.service.web.conftest import signed_in
from tests.service.web.screen import listened, opened, served, width_of

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1800)]

WIDTHS, THEMES = (360, 800, 1280), ("light", "dark")
SHOTS = os.environ.get("SHOTS")  # a folder: keep a picture of every page, to look at
# Pages to which no link of the app leads somebody who is signed in and has begun, and why.
APART = {
    "auth.start": "the printed address of the first visit",
    "auth.sign_in": "whoever is signed in is led on",
    "consent.callback": "the way back from a provider",
    "consent.administrator": "asked for by a provider's answer",
    "reply.show": "links of mails",
}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with opened() as browser:
        yield browser


def test_every_page_fits_every_screen_and_axe_finds_nothing(app: Flask, chromium: Chromium, ring: Ring) -> None:
    browser = signed_in(app, app.config["OWNER"])
    walk = walked(app, browser)
    assert walk.broken == []
    ways = list(itertools.product(WIDTHS, THEMES))
    drawn = {path: ways if ring.full else [ring.chance(path).choice(ways)] for path in walk.paths}
    wrong: list[str] = []
    with served(app) as address:
        for width, theme in ways:
            context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=theme)
            context.add_cookies([{"name": "keepwarm", "value": cookie_of(browser), "url": address}])
            paths = [path for path, chosen in drawn.items() if (width, theme) in chosen]
            wrong += looked_at(context.new_page(), address, paths, f"{width}-{theme}")
            context.close()
    ring.record(pages=len(walk.paths), views=sum(map(len, drawn.values())), wrong=len(wrong))
    assert wrong == []
    assert never_seen(app, walk) - APART.keys() == set()


def looked_at(page: Page, address: str, paths: Sequence[str], how: str) -> list[str]:
    """What is wrong with these pages, a line for each."""
    said: list[str] = []
    listened(page, said)
    for path in paths:
        if path.endswith("/html"):
            continue  # a mail: no script may look inside, not even ours; it stands in a frame on a page of its own
        page.goto(address + path)
        for each in page.locator("summary").all():
            each.click(force=True)
        if SHOTS:
            page.screenshot(
                path=f"{SHOTS}/{path.strip('/').replace('/', '_')[:40] or 'today'}-{how}.png", full_page=True
            )
        if (wide := width_of(page)) > page.viewport_size["width"]:
            said.append(f"{path} at {how}: {wide} pixels wide")
        found = Axe().run(page).response["violations"]
        said += [f"{path} at {how}: {each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]
    return said
