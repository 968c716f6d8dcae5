"""Every page as owner, stranger, other tenant and with an empty account; in both languages; on both databases."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from keepwarm.store import Store, duties
from keepwarm.store.tables import event
from service import create_app
from service.security import HEADERS
from tests.service.web import world
from tests.service.web.conftest import Browser, runtime_over, signed_in
from workers import watch
from workers.runtime import Runtime

ROOMS = (
    "/talks",
    "/talks/new",
    "/coming/new",
    "/calendar",
    "/introductions",
    "/organisations",
    "/plan",
    "/plan/add",
    "/me",
    "/round",
)
FIRST = ("goal", "connect", "meet", "pick", "origins", "plan", "rhythm", "done")
PLAIN = (
    *("/", "/files", "/judge", "/contacts", "/coming", "/sent", "/changes", "/settings", "/health", "/more"),
    *("/offline", "/accounts", "/never", "/data", "/data/erase", "/settings/mails/digest", "/settings/sign-in"),
    *ROOMS,
    *(f"/first/{step}" for step in FIRST),
)
OPEN = (
    "/sign-in", "/forgotten", "/healthz", "/healthz/sync", "/static/keepwarm.css", "/static/keepwarm.js",
    "/worker.js", "/manifest.webmanifest",
)  # fmt: skip


def own_paths(of: world.World) -> list[str]:
    noor = of.ids["Noor Willemse"]
    return [f"/files/{of.batch_id}", f"/contacts/{noor}", f"/contacts/{noor}/erase", f"/coming/talk/{of.talk_id}"]


def foreign_forms(of: world.World) -> list[tuple[str, dict[str, object]]]:
    noor = of.ids["Noor Willemse"]
    return [
        (f"/files/{of.batch_id}/undo", {}),
        (f"/contacts/{noor}/edit", {"name": "Taken"}),
        (f"/contacts/{noor}/plan", {"goal": "present_self"}),
        (f"/contacts/{noor}/note", {"said": "x"}),
        (f"/contacts/{noor}/promise/p", {}),
        (f"/contacts/{noor}/erase", {"sure": "yes"}),
        (f"/sent/{of.follow_up_id}/again", {}),
        (f"/coming/talk/{of.talk_id}/type", {"type": "orientation"}),
        (f"/coming/talk/{of.talk_id}/send", {}),
        (f"/coming/follow-up/{of.follow_up_id}/move", {"at": "2026-12-01T10:00"}),
        (f"/coming/follow-up/{of.follow_up_id}/remove", {}),
    ]


def test_every_page_opens_for_its_owner(store: Store, tmp_path: Path, now: datetime) -> None:
    here = world.settle(store, now)
    browser = signed_in(create_app(runtime_over(store, tmp_path, now)), here.owner_id)
    for path in (*PLAIN, *own_paths(here)):
        answer = browser.get(path)
        assert answer.status_code == 200, path
        assert "<h1>" in answer.text, path


def test_notices_of_everybody_are_for_the_operator_alone(
    app: Flask, owner: Browser, here: world.World, runtime: Runtime, now: datetime
) -> None:
    other = signed_in(app, world.make_owner(runtime.store, now, email="kim@example.com"))
    app.extensions["keepwarm.notices"].taken(known=3, strange=1)
    page = owner.get("/health").text
    assert "Notices of news to everybody here" in page
    assert "of yours" not in page
    assert "Notices" not in other.get("/health").text


def test_an_owner_without_any_worker_is_told_so(app: Flask, runtime: Runtime, account: str, now: datetime) -> None:
    """Nothing but the web process lives, and never did: within six minutes it says so."""
    browser = signed_in(app, account)
    for began, told in ((now - timedelta(minutes=2), False), (now - timedelta(minutes=6), True)):
        with runtime.store.system() as tx:
            duties.set_instance_value(tx, duties.BEGAN, began.isoformat())
        watch.look(runtime)
        assert ("has not run for a while" in browser.get("/").text) is told
        assert (browser.get("/healthz/sync").status_code == 503) is told


def test_pages_know_the_people(owner: Browser, here: world.World) -> None:
    assert "Daniel Okafor" in owner.get("/judge").text
    assert "noor.willemse@example.net" in owner.get(f"/contacts/{here.ids['Noor Willemse']}").text
    coming = owner.get("/coming").text
    assert "Coffee with Noor" in coming


@pytest.mark.parametrize(
    ("written", "guessed", "said"),
    [("Europe/Amsterdam", False, False), ("Europe/Berlin", False, False), ("Asia/Tokyo", False, True),
     ("Europe/Amsterdam", True, True)],
)  # fmt: skip
def test_whose_clock_it_is_stands_where_an_hour_may_mislead(
    owner: Browser, here: world.World, runtime: Runtime, *, written: str, guessed: bool, said: bool
) -> None:
    with runtime.store.transaction(here.owner_id) as tx:
        here_ = (event.c.owner_id == here.owner_id, event.c.id == int(here.talk_id))
        tx.connection.execute(update(event).where(*here_).values(zone=written, zone_guessed=guessed))
    for path in ("/", "/coming", f"/coming/talk/{here.talk_id}"):
        assert bool(re.search(r"\d\d:\d\d \(Amsterdam\)", owner.get(path).text)) == said, path


@pytest.mark.parametrize(
    "path", [*PLAIN, "/files/x", "/contacts/x", "/coming/talk/1", "/sent/mail/x", "/sent/mail/x/html"]
)
def test_a_stranger_is_sent_to_sign_in(stranger: Browser, path: str) -> None:
    answer = stranger.get(path)
    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in")


@pytest.mark.parametrize("path", OPEN)
def test_open_pages_need_nobody(stranger: Browser, path: str) -> None:
    assert stranger.get(path).status_code == 200


def test_another_owner_sees_and_changes_nothing(
    owner: Browser, here: world.World, runtime: Runtime, app: Flask
) -> None:
    other = signed_in(app, world.settle(runtime.store, runtime.now(), email="other@example.org").owner_id)
    for path in own_paths(here):
        assert other.get(path).status_code == 404, path
    for path, data in foreign_forms(here):
        assert other.post(path, data).status_code == 404, path
    other.post("/judge", {"id": here.ids["Noor Willemse"], "action": "never"})
    page = owner.get(f"/contacts/{here.ids['Noor Willemse']}").text
    assert "Noor Willemse" in page
    assert "in my network" not in page.split("<main")[1].split("</h1>")[1][:400]
    assert "Take into my network" not in page


def test_every_page_opens_with_an_empty_account(runtime: Runtime, app: Flask, now: datetime) -> None:
    browser = signed_in(app, world.make_owner(runtime.store, now))
    for path in PLAIN:
        assert browser.get(path).status_code == 200, path
    assert "First steps" in browser.get("/").text


def test_both_languages(runtime: Runtime, app: Flask, now: datetime, new_browser: Callable[..., Browser]) -> None:
    here = world.settle(runtime.store, now, email="piet@example.org", lang="nl")
    browser = signed_in(app, here.owner_id)
    for path in (*PLAIN, *own_paths(here)):
        text = browser.get(path).text
        assert 'lang="nl"' in text, path
        assert "Uitloggen" in text or path == "/offline", path
        assert not re.search(r"New people|Contacts|Question list|Sign out", text), path
    assert "Welkom terug" in new_browser("nl-NL,nl;q=0.9").get("/sign-in").text
    assert "Welcome back" in new_browser("sv").get("/sign-in").text


def test_headers_are_on_every_answer(owner: Browser, stranger: Browser, here: world.World) -> None:
    paths = (*PLAIN, *own_paths(here), *OPEN, "/nowhere", "/undo", "/feed/x.ics", "/readyz")
    for browser in (owner, stranger):
        for path in paths:
            headers = browser.get(path).headers
            for name in HEADERS:
                assert name in headers, (path, name)
            policy = headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy


def test_private_pages_are_kept_nowhere(owner: Browser, here: world.World) -> None:
    for path in (*PLAIN, *own_paths(here)):
        assert owner.get(path).headers["Cache-Control"] == "no-store", path


def test_nothing_inline_and_nothing_from_elsewhere(owner: Browser, here: world.World) -> None:
    for path in (*PLAIN, *own_paths(here)):
        text = owner.get(path).text
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! src=\"/static/)", text), path
        assert not re.search(r'(?:src|action)="(?!/)[^"]', text), path


def test_every_page_with_a_time_says_whose_clock_it_is_and_not_beside_each(owner: Browser, here: world.World) -> None:
    for path in (*PLAIN, *own_paths(here)):
        if path in {"/settings/mails/digest", "/first/done"}:
            continue  # with a mail, which says it beside each
        body = re.sub(r"<(?:input|option|textarea)[^>]*>", "", owner.get(path).text)
        if re.search(r", \d\d:\d\d", body):
            once = "(Amsterdam)" if path == "/offline" else "times are those of Amsterdam"
            assert once in body, path
            assert body.count("(Amsterdam)") == (path == "/offline"), path


def test_a_page_that_is_not_there_says_so_kindly(owner: Browser) -> None:
    answer = owner.get("/nowhere")
    assert answer.status_code == 404
    assert "Nothing here" in answer.text


def test_every_route_but_the_public_ones_needs_somebody(app: Flask, stranger: Browser) -> None:
    """Walks the whole map, so that a new page cannot forget the door."""
    public = {
        "auth.start",
        "auth.join",
        "auth.sign_in",
        "auth.with_provider",
        "auth.forgotten",
        "auth.new_password",
        "auth.new_address",
        "static",
        "feed.calendar",
        "data.goodbye",
        "health.live",
        "health.ready",
        "health.sync_state",
        "reply.show",  # behind a signed link
        "reply.act",
        "phone.manifest",  # fetched without a cookie
        "phone.worker",
    }
    for rule in app.url_map.iter_rules():
        if rule.endpoint in public:
            continue
        path = re.sub(r"<[^>]+>", "x", rule.rule)
        if "GET" in (rule.methods or ()):
            assert stranger.get(path).status_code == 303, rule
        else:
            assert stranger.client.post(path).status_code == 303, rule
