"""Every page, found by its links, in Chromium: no wider than the screen, nothing for axe or the console to say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium

from tests.rings.conftest import Ring
from tests.rings.pages.conftest import cookie_of
from tests.rings.pages.homes import Home
from tests.rings.pages.look import WAYS, Chosen, looked_at
from tests.rings.pages.walk import LETTERS, never_seen, walked
from tests.service.web.conftest import Browser, signed_in
from tests.service.web.screen import opened

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(3600)]

# How many pages of each kind of home a sample looks at, each in one way; full runs look at all of them in every way.
SAMPLE = {"sample": 18, "empty": 6, "crowded": 6, "doors": 4}
# Pages to which no link leads somebody who is signed in, and why. Most of them are looked at as doors all the same.
APART = {
    "auth.start": "the printed address of the first visit",
    "auth.join": "the address of an invitation",
    "auth.new_password": "the address in a mail",
    "auth.new_address": "the address in a mail",
    "auth.forgotten": "for strangers",
    "auth.sign_in": "whoever is signed in is led on",
    "data.goodbye": "after everything was erased",
    "consent.callback": "the way back from a provider",
    "consent.administrator": "asked for by a provider's answer",
}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with opened() as browser:
        yield browser


def test_every_page_fits_every_screen_and_axe_finds_nothing(
    app: Flask, home: Home, kind: str, chromium: Chromium, ring: Ring
) -> None:
    browser = signed_in(app, home.owner_id)
    walk = walked(app, browser, beside=home.beside)
    assert walk.broken == []
    drawn = _drawn(ring, walk.paths, SAMPLE[kind])
    wrong = looked_at(app, chromium, drawn, cookie_of(browser))
    ring.record(pages=len(walk.paths), views=sum(map(len, drawn.values())), wrong=len(wrong))
    assert wrong == []
    if kind == "sample":
        assert never_seen(app, walk) - APART.keys() == set()


@pytest.mark.parametrize("kind", ["sample"], indirect=True)
def test_what_strangers_see_fits_every_screen_too(app: Flask, home: Home, chromium: Chromium, ring: Ring) -> None:
    walk = walked(app, Browser(app), start="/sign-in", beside=home.doors)
    assert walk.broken == []
    drawn = _drawn(ring, [*walk.paths, *home.spent], SAMPLE["doors"])
    wrong = looked_at(app, chromium, drawn)
    ring.record(pages=len(walk.paths), views=sum(map(len, drawn.values())), wrong=len(wrong))
    assert wrong == []


def _drawn(ring: Ring, paths: Sequence[str], sample: int) -> Chosen:
    """The pages that are looked at, and how."""
    there = [each for each in paths if not each.endswith(LETTERS)]
    if ring.full:
        return dict.fromkeys(there, WAYS)
    return {path: [ring.chance(path).choice(WAYS)] for path in ring.chance().sample(there, min(sample, len(there)))}
