"""An owner with a world of one kind, in one language, and the app over it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from keepwarm.store import Store
from service import create_app
from tests.rings.pages.homes import HOMES, Home
from tests.service.web.conftest import Browser, runtime_over

OF_FULL_RUNS = {"crowded"}  # how the pages carry many people is no matter of each change


@pytest.fixture(params=["en", "nl"])
def lang(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=HOMES)
def kind(request: pytest.FixtureRequest) -> str:
    """Of HOMES: whose pages."""
    if request.param in OF_FULL_RUNS and not request.config.getoption("--full"):
        pytest.skip("in full runs alone")
    return str(request.param)


@pytest.fixture
def app(sqlite_store: Store, tmp_path: Path, now: datetime) -> Flask:
    return create_app(runtime_over(sqlite_store, tmp_path, now))


@pytest.fixture
def home(app: Flask, kind: str, lang: str, now: datetime) -> Home:
    return HOMES[kind](app.extensions["keepwarm"], now, lang)


def cookie_of(browser: Browser) -> str:
    """The session, for a browser with a screen."""
    found = browser.client.get_cookie("keepwarm")
    assert found is not None
    return str(found.value)
