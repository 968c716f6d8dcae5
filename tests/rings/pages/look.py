"""Looks at pages in Chromium: they fit, axe and the console have nothing to say; keeps pictures on wish."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Mapping, Sequence

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from tests.service.web.screen import listened, served, unfold, width_of

WAYS = tuple(itertools.product((360, 800, 1280), ("light", "dark")))
SHOTS = os.environ.get("SHOTS")  # a folder: keep a picture of every page, to look at

Chosen = Mapping[str, Sequence[tuple[int, str]]]  # by page: in which of WAYS


def looked_at(app: Flask, chromium: Chromium, drawn: Chosen, cookie: str = "") -> list[str]:
    """What is wrong with these pages, a line for each."""
    wrong: list[str] = []
    with served(app) as address:
        for width, theme in WAYS:
            context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=theme)
            if cookie:
                context.add_cookies([{"name": "keepwarm", "value": cookie, "url": address}])
            paths = [path for path, chosen in drawn.items() if (width, theme) in chosen]
            wrong += _seen(context.new_page(), address, paths, f"{width}-{theme}")
            context.close()
    return wrong


def _seen(page: Page, address: str, paths: Sequence[str], how: str) -> list[str]:
    said: list[str] = []
    listened(page, said)
    for path in paths:
        answer = page.goto(address + path)
        if answer and answer.status >= 400:  # where a spent link ends: of itself the console tells that
            said[:] = [each for each in said if not each.startswith("Failed to load resource")]
        unfold(page)
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{_name(path)}-{page.locator('html').get_attribute('lang')}-{how}.png",
                            full_page=True)  # fmt: skip
        if (wide := width_of(page)) > page.viewport_size["width"]:
            said.append(f"{path} at {how}: {wide} pixels wide")
        found = Axe().run(page).response["violations"]
        said += [f"{path} at {how}: {each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]
    return said


def _name(path: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", path.strip("/"))[:40] or "today"
