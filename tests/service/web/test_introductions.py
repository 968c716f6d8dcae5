"""Introductions: found by what was typed, ways with their evidence, requests and what comes next."""

from __future__ import annotations

import pytest
from flask import Flask

from keepwarm.store import contacts, introductions, views
from tests.service.web import world
from tests.service.web.conftest import Browser, signed_in
from workers.runtime import Runtime


@pytest.fixture
def colleagues(runtime: Runtime, here: world.World) -> tuple[str, str]:
    """Emre, who is known well, and Sanne, who is not; both at Lantern."""
    emre, sanne = here.ids["Emre Yıldız"], here.ids["Sanne de Groot"]
    with runtime.store.transaction(here.owner_id) as tx:
        contacts.edit(tx, emre, runtime.now(), organisation="Lantern B.V.", circle="warm")
        contacts.edit(tx, sanne, runtime.now(), organisation="Lantern", circle="cold")
    return emre, sanne


def test_a_search_offers_places_and_people(owner: Browser, colleagues: tuple[str, str]) -> None:
    page = owner.get("/introductions?q=lantern").text
    assert "you know 2 people there" in page
    assert "/introductions?at=Lantern" in page
    assert f"/introductions?whom={colleagues[1]}" in owner.get("/introductions?q=sanne").text
    assert "Nobody in your network fits “xyzzy”." in owner.get("/introductions?q=xyzzy").text
    assert '<option value="Lantern' in owner.get("/introductions").text


def test_ways_say_how_sure_they_are_and_how_to_ask(owner: Browser, colleagues: tuple[str, str]) -> None:
    emre, sanne = colleagues
    for path in (f"/introductions?whom={sanne}", "/introductions?at=LANTERN"):
        page = owner.get(path).text
        assert "whether they know each other is open" in page
        assert "thin evidence" in page
        assert f"/write/{emre}?kind=introduction&amp;whom={sanne}" in page
    assert "No way found" in owner.get("/introductions?at=Nowhere").text
    assert "You know Emre Yıldız yourself." in owner.get(f"/introductions?whom={emre}").text


def test_a_request_goes_its_way_on_this_page(
    owner: Browser, here: world.World, runtime: Runtime, colleagues: tuple[str, str]
) -> None:
    emre, sanne = colleagues
    owner.post("/plan/introductions", {"via": emre, "contact": sanne}, on="/introductions")
    assert "You asked Emre Yıldız today." in owner.get("/introductions").text
    with runtime.store.reading(here.owner_id) as tx:
        (found,) = introductions.introductions(tx, views.world(tx, runtime.now()))
    answer = owner.post(
        f"/plan/introductions/{found.id}", {"said": "introduced", "back": "introductions"}, on="/introductions"
    )
    assert answer.location == "/introductions#introductions"
    page = owner.get("/introductions").text
    assert "Say thanks now" in page
    assert f"/write/{emre}?kind=thank" in page


def test_strangers_stay_strangers(
    owner: Browser, app: Flask, runtime: Runtime, colleagues: tuple[str, str], here: world.World
) -> None:
    other = signed_in(app, world.settle(runtime.store, runtime.now(), email="other@example.org").owner_id)
    assert other.get(f"/introductions?whom={colleagues[1]}").status_code == 404
    assert owner.get("/introductions?whom=nobody").status_code == 404
    assert "Lantern" not in other.get("/introductions?q=lantern").text.split("<main")[1].split("value=")[0]


def test_an_empty_account_is_told_what_to_do(app: Flask, account: str) -> None:
    browser = signed_in(app, account)
    assert "Nobody is asked yet." in browser.get("/introductions").text
    assert "No way found" in browser.get("/introductions?at=Lantern").text
