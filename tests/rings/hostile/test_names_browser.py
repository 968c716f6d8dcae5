"""The hostile house in a real browser on a phone: nothing runs, nothing leaves, nothing is wider than the screen."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium

from keepwarm.store import Store
from service import create_app
from tests.rings.conftest import Ring
from tests.rings.hostile import names, names_house
from tests.rings.hostile.names_house import House
from tests.rings.hostile.test_names import paths_of
from tests.rings.pages.walk import LETTERS
from tests.service.web import world
from tests.service.web.screen import PHONE, served, unfold
from tests.service.web.test_browser import chromium, fits

__all__ = ["chromium"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

PROBES = ("/healthz", "/readyz", "/healthz/sync")  # no pages: plain words for machines

WORST = (  # people that try the layout hardest, first so that every sample has them
    ("W" * 5000, "wide@far.example"),
    ("\u0644\u0645" * 2000, "lam@far.example"),
    ("Zo" + "\u0336\u0489" * 400 + "e", "flood@far.example"),
    ("﷽" * 30, "basmala@far.example"),
    ("𒐫" * 20, "cuneiform@far.example"),
    ("שלום לוי", "levi@far.example"),
    ("محمد بن سلمان", "salman@far.example"),
    ("Nооr Jansen", "n@far.example"),
    ("Noor Jansen", "noor@lantern.example"),
    ("<img src=x onerror=alert('pwned')>", "img@far.example"),
    ("Kim Bos", "k" * 60 + "@" + "far" * 20 + ".example"),
)


@pytest.fixture(params=["en", "nl"])
def hostile(request: pytest.FixtureRequest, tmp_path: Path, migrated: Path, ring: Ring) -> Iterator[tuple[House, str]]:
    """The house and the address at which it is served."""
    shutil.copyfile(migrated, tmp_path / "keepwarm.db")
    numbers = iter(range(10**9))
    store = Store(f"sqlite:///{tmp_path / 'keepwarm.db'}", lambda: f"{next(numbers):032x}")
    texts = [*names.misleading()[-8:], *names.texts()[:: ring.size(1, 25)]]
    people = [*WORST, *names.impostors()[:: ring.size(1, 25)]]
    house = names_house.build(
        store, tmp_path, datetime.fromisoformat("2026-11-23T09:00:00+00:00"), texts, people, request.param
    )
    with served(create_app(house.runtime)) as address:
        yield house, address
    store.close()


def test_nothing_runs_nothing_leaves_and_all_fits_a_phone(
    hostile: tuple[House, str], chromium: Chromium, ring: Ring
) -> None:
    house, address = hostile
    said: list[str] = []
    context = chromium.new_context(viewport={"width": PHONE, "height": 740})
    page = context.new_page()
    page.set_default_timeout(120_000)  # ms; the largest of these pages take a busy machine a while
    page.on("dialog", lambda dialog: (said.append(f"dialog: {dialog.message}"), dialog.dismiss()))  # type: ignore[func-returns-value]
    page.on("console", lambda message: said.append(message.text))  # a refusal of the CSP is told here too
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: request.url.startswith(address) or said.append(f"asked for {request.url}"))
    page.goto(f"{address}/sign-in")
    page.locator("input[name=email]").fill(world.OWNER)
    page.locator("input[name=password]").fill(world.PASSWORD)
    page.locator("main button").click()
    paths = [each for each in paths_of(create_app(house.runtime), house, ring.size(40, 2)) if each not in PROBES]
    shots = os.environ.get("SHOTS")  # a folder: keep a picture of every page, to look at
    for number, path in enumerate(paths):
        answer = page.goto(address + path)
        assert answer, path
        assert answer.status < 500, path
        if answer.status >= 400:  # where a link without its token ends: of itself the console tells that
            said[:] = [each for each in said if not each.startswith("Failed to load resource")]
        if path.endswith(LETTERS):
            continue  # no script may look inside, not even ours; it stands in a frame on the page of its mail
        if shots:
            page.screenshot(path=f"{shots}/{number:03d}{path.replace('/', '_')[:30]}.png", full_page=True)
        assert fits(page), path
        unfold(page)
        assert fits(page), f"{path}, all unfolded"
    ring.record(pages=len(paths))
    context.close()
    assert said == [], "\n".join(said)
