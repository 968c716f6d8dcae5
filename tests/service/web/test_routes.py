"""Every route of the app's own map: as its owner, as another tenant, as a stranger, and with an empty account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from werkzeug.routing import Rule

from service.security import HEADERS
from tests.rings.pages import homes
from tests.service.web import world
from tests.service.web.conftest import Browser, signed_in
from tests.service.web.routes import EVERYBODYS, OTHERWISE, filled, own
from workers.runtime import Runtime

# Open to whoever asks, and why: what another tenant sees there is not the owner's.
OPEN = {
    "static": "ours, for everybody",
    "feed.calendar": "behind an address of its own",
    "reply.show": "a signed link is its own proof, whoever is signed in",
    "reply.act": "the same",
    "organisations.target": "names an organisation by its words: any may be a target",
}
ANSWERS = {  # to the owner, other than 200
    "auth.sign_in": 303,  # led on: signed in already
    "auth.start": 303,  # the same
    "auth.join": 400,  # without an invitation
    "auth.new_password": 400,
    "auth.new_address": 400,
    "consent.callback": 303,
    "consent.administrator": 303,  # nothing waits for one
    "consent.mail": 303,  # another kind of account
    "feed.calendar": 404,
    "first.overview": 303,
    "health.ready": 503,  # no worker runs in tests
}
NAMES = re.compile("Hanna Visser|Emma Clarke|Karin Postma|hanna.visser@")  # of the sample network
NOT_THERE = {"house.overview", "first.digest_html"}  # the operator's; a digest without anything to say
# Enough for every form to get as far as the one whose id it was given.
FORM: dict[str, object] = {
    "name": "Taken", "said": "agreed", "sure": "yes", "at": "2026-12-01T10:00", "type": "orientation", "to": "later",
    "state": "talked", "word": "taken", "goal": "present_self", "answer": "later", "do": "never", "action": "never",
    "purpose": "x", "question": "x", "text": "x", "find_out": "x", "circle": "warm", "drafts": "yes",
    "events": "remove",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Houses:
    owner: Browser
    other: Browser
    values: dict[str, str]


@pytest.fixture
def houses(app: Flask, runtime: Runtime) -> Houses:
    """An owner with one of everything, and another tenant with nothing of it."""
    home = homes.sampled(runtime, runtime.now(), "en")
    values = own(runtime, home)
    other = world.make_owner(runtime.store, runtime.now(), email="other@example.com")
    return Houses(owner=signed_in(app, home.owner_id), other=signed_in(app, other), values=values)


def rules(app: Flask, method: str) -> Iterator[Rule]:
    return (rule for rule in app.url_map.iter_rules() if method in (rule.methods or ()))


def is_owned(rule: Rule) -> bool:
    """Whether an argument names something of one owner's."""
    named = {OTHERWISE.get(rule.endpoint, {}).get(name, name) for name in rule.arguments}
    return bool(named - EVERYBODYS.keys()) and rule.endpoint not in OPEN


def test_every_page_opens_for_its_owner_and_no_byte_of_it_for_another(app: Flask, houses: Houses) -> None:
    for rule in rules(app, "GET"):
        path = filled(rule, houses.values)
        answer, theirs = houses.owner.get(path), houses.other.get(path)
        assert answer.status_code == ANSWERS.get(rule.endpoint, 200), path
        assert theirs.status_code == 404 if is_owned(rule) else theirs.status_code in (200, 303, 400, 404, 503), path
        assert rule.endpoint in OPEN or not NAMES.search(theirs.text), path
        assert [name for each in (answer, theirs) for name in HEADERS if name not in each.headers] == [], path


def test_the_names_looked_for_are_on_the_pages(houses: Houses) -> None:
    assert all(
        NAMES.search(houses.owner.get(path).text) for path in ("/", "/contacts", "/plan", "/coming", "/data/json")
    )


def test_no_form_of_another_tenant_changes_anything(app: Flask, houses: Houses, runtime: Runtime) -> None:
    reached, before = 0, theirs_is(runtime, houses)
    for rule in rules(app, "POST"):
        if is_owned(rule):
            path = filled(rule, houses.values)
            answer = houses.other.post(path, FORM)
            assert answer.status_code in (303, 400, 404), path
            assert not NAMES.search(answer.text), path
            assert [name for name in HEADERS if name not in answer.headers] == [], path
            reached += answer.status_code == 404
            assert theirs_is(runtime, houses) == before, path
    assert reached >= 30, "most forms must get as far as looking for whose it is"


def theirs_is(runtime: Runtime, houses: Houses) -> str:
    """All that the owner has, to compare."""
    return re.sub(r'"(?:made|exported)_at": "[^"]*"', "", houses.owner.get("/data/json").text)


def test_no_form_works_without_its_token(app: Flask, houses: Houses) -> None:
    for rule in rules(app, "POST"):
        if rule.endpoint != "reply.act":  # a signed link is its own proof
            path = filled(rule, houses.values)
            for data in ({}, {"csrf_token": "wrong"}):
                assert houses.owner.client.post(path, data=data).status_code == 400, path


def test_strangers_are_sent_to_the_door(app: Flask, houses: Houses, stranger: Browser) -> None:
    for rule in rules(app, "GET"):
        path = filled(rule, houses.values)
        answer = stranger.get(path)
        assert answer.status_code in (200, 303, 400, 404, 410, 503), path
        if is_owned(rule):
            assert answer.location.startswith("/sign-in"), path
        assert rule.endpoint in OPEN or not NAMES.search(answer.text), path


def test_every_page_opens_with_an_empty_account(app: Flask, houses: Houses) -> None:
    for rule in rules(app, "GET"):
        if not rule.arguments:
            expected = ANSWERS.get(rule.endpoint, 404 if rule.endpoint in NOT_THERE else 200)
            assert houses.other.get(rule.rule).status_code == expected, rule
