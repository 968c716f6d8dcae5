"""The web app over a real runtime, and browsers without a screen: an owner's, another owner's, a stranger's."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from keepwarm.settings import Settings
from keepwarm.store import Store, access
from service import create_app, passwords
from tests.service.web import world
from workers.runtime import Runtime

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
UNDO = re.compile(r'name="change" value="(\d+)"')


class Browser:
    """A client that sends the token of the page a form stands on, as a browser would."""

    def __init__(self, app: Flask, lang: str = "en") -> None:
        self.client: FlaskClient = app.test_client()
        self.headers = {"Accept-Language": lang}

    def get(self, path: str, *, follow: bool = False) -> TestResponse:
        answer = self.client.get(path, headers=self.headers, follow_redirects=follow)
        answer.get_data()
        answer.close()  # a static file stays open otherwise
        return answer

    def token(self, on: str) -> str:
        found = TOKEN.search(self.get(on).text)
        assert found, f"no form on {on}"
        return found[1]

    def post(
        self, path: str, data: dict[str, object] | None = None, *, on: str = "/settings", **more: object
    ) -> TestResponse:
        filled = {"csrf_token": self.token(on), **(data or {})}
        return self.client.post(path, data=filled, headers=self.headers, **more)  # type: ignore[arg-type]  # test data

    def undo(self, page: str) -> None:
        """What such a page offers to take back, in one tap."""
        found = UNDO.search(page)
        assert found, "one tap takes it back"
        self.post("/undo", {"change": found[1]})

    def sign_in(self, email: str = world.OWNER, password: str = world.PASSWORD) -> TestResponse:
        return self.post("/sign-in", {"email": email, "password": password}, on="/sign-in")


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2id is slow on purpose; here it need not be."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    kept = quick.hash(world.PASSWORD)
    monkeypatch.setattr(passwords, "_hasher", quick)
    monkeypatch.setattr(passwords, "_nobody", lambda: kept)
    monkeypatch.setattr(world, "_hash", lambda: kept)


@pytest.fixture
def runtime(tmp_path: Path, sqlite_store: Store, now: datetime) -> Runtime:
    return runtime_over(sqlite_store, tmp_path, now)


def runtime_over(store: Store, home: Path, now: datetime, **settings: str) -> Runtime:
    made = Settings.from_mapping({f"KEEPWARM_{name}": value for name, value in settings.items()}, home=str(home))
    return Runtime(settings=made, home=home, store=store, secret=b"s" * 32, clock=lambda: now)


@pytest.fixture
def app(runtime: Runtime) -> Flask:
    made = create_app(runtime)
    made.config["TESTING"] = True
    return made


@pytest.fixture
def here(runtime: Runtime, now: datetime) -> world.World:
    """A settled owner's world in the store."""
    return world.settle(runtime.store, now)


@pytest.fixture
def account(runtime: Runtime, now: datetime) -> str:
    """An owner with nothing yet; the id."""
    return world.make_owner(runtime.store, now)


@pytest.fixture
def owner(app: Flask, here: world.World) -> Browser:
    """The owner, signed in."""
    return signed_in(app, here.owner_id)


def signed_in(app: Flask, owner_id: str) -> Browser:
    """A browser with a session of this owner, without the slow password."""
    browser, runtime = Browser(app), app.extensions["keepwarm"]
    with runtime.store.system() as tx:
        token = access.new_session(tx, owner_id, runtime.now())
    with browser.client.session_transaction() as session:
        session["token"] = token
    return browser


@pytest.fixture
def stranger(app: Flask) -> Browser:
    return Browser(app)


@pytest.fixture
def new_browser(app: Flask) -> Callable[..., Browser]:
    return lambda lang="en": Browser(app, lang)
