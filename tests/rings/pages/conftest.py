"""An owner with a small world, in one language, and the app over it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from keepwarm.store import Store, accounts
from service import create_app
from tests.service.web import world
from tests.service.web.conftest import Browser, runtime_over


@pytest.fixture(params=["en", "nl"])
def app(request: pytest.FixtureRequest, sqlite_store: Store, tmp_path: Path, now: datetime) -> Flask:
    """``app.config["OWNER"]``: whose it is."""
    made = create_app(runtime_over(sqlite_store, tmp_path, now))
    here = world.settle(sqlite_store, now)
    with sqlite_store.transaction(here.owner_id) as tx:
        accounts.update_owner(tx, lang=request.param)
    made.config["OWNER"] = here.owner_id
    return made


def cookie_of(browser: Browser) -> str:
    """The session, for a browser with a screen."""
    found = browser.client.get_cookie("keepwarm")
    assert found is not None
    return str(found.value)
