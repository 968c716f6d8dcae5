"""Lighthouse gives each page a hundred for accessibility and for good practice."""

from __future__ import annotations

import pytest
from flask import Flask

from tests import lighthouse
from tests.rings.conftest import Ring
from tests.rings.pages.conftest import cookie_of
from tests.rings.pages.homes import Home
from tests.rings.pages.walk import LETTERS, walked
from tests.service.web.conftest import signed_in
from tests.service.web.screen import served

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1800)]

SAMPLE = 2


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> lighthouse.Ask:
    return lighthouse.installed(tmp_path_factory.mktemp("lighthouse"))


@pytest.mark.parametrize("kind", ["sample"], indirect=True)
def test_lighthouse_gives_every_page_a_hundred(app: Flask, home: Home, ask: lighthouse.Ask, ring: Ring) -> None:
    browser = signed_in(app, home.owner_id)
    paths = [each for each in walked(app, browser, beside=home.beside).paths if not each.endswith(LETTERS)]
    drawn = sorted(ring.chance().sample(paths, ring.size(len(paths), SAMPLE)))
    cookie = {"Cookie": f"keepwarm={cookie_of(browser)}"}
    with served(app) as address:
        wrong = [f"{path}: {line}" for path in drawn for line in ask(address + path, cookie)]
    ring.record(pages=len(drawn), below_a_hundred=len(wrong))
    assert wrong == []
