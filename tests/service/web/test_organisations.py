"""Organisations: the list, the page of one, and on or off the list of where the owner would like to be."""

from __future__ import annotations

import pytest
from flask import Flask

from keepwarm.store import contacts, notes, profiles
from tests.service.web import world
from tests.service.web.conftest import Browser, signed_in
from workers.runtime import Runtime

MUSEUM = "/organisations/harbour%20museum"


@pytest.fixture
def museum(runtime: Runtime, here: world.World) -> str:
    """Noor and Sanne work there, by two spellings; Sanne's id."""
    sanne = here.ids["Sanne de Groot"]
    with runtime.store.transaction(here.owner_id) as tx:
        contacts.edit(
            tx, sanne, runtime.now(), organisation="Harbour museum B.V.", circle="cold", origins=["colleagues"]
        )
        notes.add_note(tx, here.ids["Emre Yıldız"], runtime.now(), said="The Harbour Museum looks for a planner.")
    return sanne


def targets(runtime: Runtime, here: world.World) -> list[str]:
    with runtime.store.reading(here.owner_id) as tx:
        return [each.name for each in profiles.targets(tx)]


def test_two_spellings_are_one_and_search_finds_it(owner: Browser, museum: str) -> None:
    page = owner.get("/organisations").text
    assert page.count(f'href="{MUSEUM}"') == 1
    assert "2 people" in page
    assert "1 organisation" in owner.get("/organisations?q=MUSEUM").text
    assert "Nothing found." in owner.get("/organisations?q=bakery").text


def test_the_page_of_one_tells_all_of_it(owner: Browser, here: world.World, museum: str) -> None:
    page = owner.get(MUSEUM).text
    for text in (
        "Noor Willemse", "Sanne de Groot", "Also written", "colleague, now or before",
        "The Harbour Museum looks for a planner.", "The new wing opens in spring.", "know each other is open",
    ):  # fmt: skip
        assert text in page
    assert f"whom={museum}" in page
    assert "Ways into" in page.partition('<svg class="chain"')[2].partition("</title>")[0], "the ways are drawn too"


def test_the_switch_and_its_undo(owner: Browser, here: world.World, runtime: Runtime, museum: str) -> None:
    page = owner.post(f"{MUSEUM}/target", on=MUSEUM, follow_redirects=True).text
    assert "is on your list." in page
    assert targets(runtime, here) == ["Harbour museum B.V."] or targets(runtime, here) == ["Harbour Museum"]
    assert "Take off my list" in page
    owner.post("/undo")
    assert targets(runtime, here) == []
    owner.post(f"{MUSEUM}/target", on=MUSEUM)
    owner.post(f"{MUSEUM}/target", on=MUSEUM)
    assert targets(runtime, here) == []


def test_one_that_only_stood_on_the_list_is_gone_with_it(owner: Browser, here: world.World, runtime: Runtime) -> None:
    with runtime.store.transaction(here.owner_id) as tx:
        profiles.add_target(tx, runtime.now(), name="Kite Works")
    assert "You know nobody there yet." in owner.get("/organisations/kite%20works").text
    assert owner.post("/organisations/kite%20works/target").location == "/organisations"
    assert owner.get("/organisations/kite%20works").status_code == 404


def test_a_role_is_planned_from_here(owner: Browser, here: world.World, museum: str) -> None:
    owner.post("/plan/goals", {"goal": "learn_field"}, on="/plan")
    plan = owner.get(MUSEUM).text.split('name="plan" value="')[1].split('"')[0]
    owner.post("/plan/entries", {"plan": plan, "role": "planner", "organisation": "Harbour Museum"}, on="/plan")
    assert ">planner</a>" in owner.get(MUSEUM).text


def test_other_owners_and_empty_accounts(owner: Browser, app: Flask, runtime: Runtime, museum: str) -> None:
    other = signed_in(app, world.make_owner(runtime.store, runtime.now(), email="other@example.org"))
    assert other.get(MUSEUM).status_code == 404
    assert other.post(f"{MUSEUM}/target").status_code == 404
    assert "None yet." in other.get("/organisations").text
    for path in ("/organisations/nowhere", "/organisations/%20"):
        assert owner.get(path).status_code == 404
