"""The pictures for docs/: pages of the sample network alone, made anew by one command, to be looked at one by one.

python -m tests.rings.pages.pictures docs/pictures
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from keepwarm.store import Store, contacts, views
from keepwarm.store.accounts import Owner
from service import create_app
from tests.rings.pages.conftest import cookie_of
from tests.rings.pages.homes import own_sample
from tests.service.web.conftest import runtime_over, signed_in
from tests.service.web.screen import PHONE, opened, served

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # the same day in every run, so that only what changed differs
WIDE, USUAL, PHONE_TALL = 1280, 800, 740  # pixels
TALL = {"map": 1230, "calendar": 990}  # what does not fit the usual height
LARGEST = 150_000  # bytes; ours: docs/ is cloned by everybody
SOMEBODY = "Hanna Visser"  # with talks held and one ahead
# name of the file → the page, its width, light or dark; the words in braces are filled in by `_places`
PICTURES: Mapping[str, tuple[str, int, str]] = {
    "today": ("/", WIDE, "light"),
    "people": ("/contacts", WIDE, "light"),
    "person": ("/contacts/{person}", WIDE, "light"),
    "talk": ("/coming/talk/{talk}", WIDE, "light"),
    "plan": ("/plan", WIDE, "light"),
    "map": ("/pictures", WIDE, "light"),
    "warmth": ("/pictures/warmth", WIDE, "light"),
    "calendar": ("/calendar", WIDE, "light"),
    "today-dark": ("/", WIDE, "dark"),
    "today-phone": ("/", PHONE, "light"),
    "talk-phone": ("/coming/talk/{talk}/read", PHONE, "light"),
    "person-phone": ("/contacts/{person}", PHONE, "light"),
}


def main(folder: Path) -> None:
    """Write them all; ends with a failure if one is larger than LARGEST."""
    folder.mkdir(parents=True, exist_ok=True)
    with _sample() as (app, owner), served(app) as address, opened() as chromium:
        places, cookie = _places(app, owner), cookie_of(signed_in(app, owner.id))
        for name, (path, width, theme) in PICTURES.items():
            tall = PHONE_TALL if width == PHONE else TALL.get(name, USUAL)
            with _looking(chromium, {"width": width, "height": tall}, theme, (cookie, address)) as page:
                page.goto(address + path.format(**places))
                page.screenshot(path=folder / f"{name}.png")
    large = [each.name for each in folder.glob("*.png") if each.stat().st_size > LARGEST]
    if large:
        sys.exit(f"larger than {LARGEST} bytes: {', '.join(sorted(large))}")


@contextmanager
def _looking(chromium: Chromium, size: Mapping[str, int], theme: str, session: tuple[str, str]) -> Iterator[Page]:
    context = chromium.new_context(viewport=dict(size), color_scheme=theme)  # type: ignore[arg-type]  # a size; light or dark
    context.add_cookies([{"name": "keepwarm", "value": session[0], "url": session[1]}])
    yield context.new_page()
    context.close()


@contextmanager
def _sample() -> Iterator[tuple[Flask, Owner]]:
    with tempfile.TemporaryDirectory() as folder:
        home, numbers = Path(folder), count()
        store = Store(f"sqlite:///{home / 'keepwarm.db'}", lambda: f"{next(numbers):032x}")
        store.migrate()
        runtime = runtime_over(store, home, MONDAY)
        yield create_app(runtime), own_sample(runtime, MONDAY, "en")
        store.close()


def _places(app: Flask, owner: Owner) -> dict[str, str]:
    """Who and which talk is shown."""
    with app.extensions["keepwarm"].store.reading(owner.id) as tx:
        person = next(row.id for row in contacts.contacts(tx, states=["active"], now=MONDAY) if row.name == SOMEBODY)
        talk = views.upcoming(tx, now=MONDAY, days=60, stored=True).talks[0].event.id
    return {"person": person, "talk": str(talk)}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
