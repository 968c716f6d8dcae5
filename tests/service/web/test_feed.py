"""The private calendar feed and the three probes."""

from __future__ import annotations

import re

from flask import Flask

from tests.service.web import world
from tests.service.web.conftest import Browser


def feed_of(owner: Browser) -> str:
    found = re.search(r'value="https?://[^/]+(/feed/[\w-]+\.ics)"', owner.get("/calendar").text)
    assert found
    return found[1]


def test_the_feed_is_a_calendar_and_needs_no_session(owner: Browser, stranger: Browser) -> None:
    answer = stranger.get(feed_of(owner))
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    assert answer.data.startswith(b"BEGIN:VCALENDAR")
    assert "Set-Cookie" not in answer.headers


def test_an_unchanged_feed_costs_nothing(owner: Browser, stranger: Browser) -> None:
    path = feed_of(owner)
    tag = stranger.get(path).headers["ETag"]
    again = stranger.client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def test_a_new_address_kills_the_old_one(owner: Browser, stranger: Browser) -> None:
    old = feed_of(owner)
    owner.post("/settings/feed")
    assert feed_of(owner) != old
    assert stranger.get(old).status_code == 404
    assert stranger.get(feed_of(owner)).status_code == 200


def test_a_guessed_address_finds_nothing(owner: Browser, stranger: Browser, here: world.World) -> None:
    path = feed_of(owner)
    for wrong in (
        path[:-5] + "x.ics",
        f"/feed/{here.owner_id}.ics",
        "/feed/.ics",
        "/feed/é.ics",
        path.replace(".ics", "0.ics"),
    ):
        assert stranger.get(wrong).status_code == 404, wrong


def test_probes_tell_no_detail(app: Flask, stranger: Browser) -> None:
    assert stranger.get("/healthz").text == "ok\n"
    assert stranger.get("/healthz/sync").text == "ok\n"
    assert stranger.get("/readyz").text in ("ok\n", "not ok\n")
