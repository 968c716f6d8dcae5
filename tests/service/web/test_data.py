"""Settings and data, the never list, accounts and health: what a click there does."""

from __future__ import annotations

import io
import json
import re
from datetime import datetime, timedelta

import pytest
from flask import Flask

from keepwarm.mails import ALWAYS, SHOWN, STOPPABLE
from keepwarm.store import access, accounts, contacts, follow_ups, never, notes, outbox
from service import passwords
from service.letters import ALLOWED, MAIL_CSP
from service.pages.settings import SAMPLES_AN_HOUR
from service.security import CSP
from service.throttle import LIMITS
from tests.service.web import world
from tests.service.web.conftest import Browser, signed_in
from tests.service.web.test_outsiders import CANARIES, unescaped
from workers import sync, tasks
from workers.runtime import Runtime


def owner_of(runtime: Runtime, owner_id: str) -> accounts.Owner:
    with runtime.store.reading(owner_id) as tx:
        return accounts.owner(tx)


# --- settings ------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "name", "kept"),
    [
        ({"weekly_people": "7"}, "weekly_people", 7), ({"daily_nudges": "0"}, "daily_nudges", 0),
        ({"digest_weekday": "4"}, "digest_weekday", 4), ({"quiet_from": "19:30"}, "quiet_from", "19:30"),
        ({"days": "yes", "day": ["1", "2", "6"]}, "weekend", [0, 3, 4, 5]),
    ],
)  # fmt: skip
def test_a_group_saves_what_it_holds_and_nothing_else(
    owner: Browser, here: world.World, runtime: Runtime, sent: dict[str, object], name: str, kept: object
) -> None:
    owner.post("/settings", {"name": "Sam", "weekly_nudges": "3"})
    owner.post("/settings", sent)
    found = owner_of(runtime, here.owner_id)
    assert found.settings[name] == kept
    assert (found.name, found.settings["weekly_nudges"]) == ("Sam", 3)
    accounts.pace_of(found)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"weekly_people": "99"}, "is not a number from 0 to 20"), ({"weekly_people": "-1"}, "is not a number"),
        ({"quiet_from": "25:00"}, "is no time like 08:30"), ({"days": "yes"}, "at least one day"),
        ({"zone": "Mars/Base"}, "is not on the list"), ({"lang": "xx"}, "is not on the list"),
        ({"weekly_people": "<script>"}, "&lt;script&gt;"),
        ({"weekly_people": "00019999999"}, "is not a number from 0 to"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_and_the_rest_is_kept(
    owner: Browser, here: world.World, runtime: Runtime, sent: dict[str, object], told: str
) -> None:
    before = owner_of(runtime, here.owner_id)
    page = owner.post("/settings", {**sent, "brief_time": "15:00"}, follow_redirects=True).text
    assert told in page
    assert "The rest of this group was saved" in page
    after = owner_of(runtime, here.owner_id)
    assert after.settings == before.settings | {"brief_time": "15:00"}
    assert (after.zone, after.lang) == (before.zone, before.lang)


def test_a_pause_until_no_day_is_refused(owner: Browser, here: world.World, runtime: Runtime, now: datetime) -> None:
    page = owner.post("/settings/held", {"held": "yes", "until": "soon"}, follow_redirects=True).text
    assert "This is no day" in page
    assert not owner_of(runtime, here.owner_id).is_held(now)


def test_every_default_is_named(owner: Browser) -> None:
    page = owner.get("/settings").text
    for each in ("usually 20:00", "usually 08:00", "usually 08:30", "usually 16:00", "usually Tuesday", "usually 5"):
        assert each in page, each
    assert page.count(">Save<") == 4


@pytest.mark.parametrize("kind", SHOWN)
def test_every_mail_can_be_looked_at_in_a_frame_where_nothing_acts(owner: Browser, kind: str) -> None:
    page = owner.get(f"/settings/mails/{kind}").text
    assert f'<iframe class="letter" sandbox="{ALLOWED}" src="/settings/mails/{kind}/html"' in page
    inner = owner.get(f"/settings/mails/{kind}/html")
    assert inner.status_code == 200
    assert inner.headers["Content-Security-Policy"] == MAIL_CSP
    assert inner.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "<script" not in inner.text


def test_no_mail_about_signing_in_is_invented(owner: Browser) -> None:
    for kind in ALWAYS:
        assert owner.get(f"/settings/mails/{kind}").status_code == 404
        assert owner.get(f"/settings/mails/{kind}/html").status_code == 404
        assert owner.post(f"/settings/mails/{kind}/send").status_code == 404


def test_one_on_request_lands_in_the_mailbox_a_few_an_hour_at_most(
    owner: Browser, here: world.World, runtime: Runtime
) -> None:
    for kind in (*STOPPABLE, "digest"):
        said = owner.post(f"/settings/mails/{kind}/send", follow_redirects=True).text
    assert "five in the last hour" in said
    tasks.drain(runtime)
    assert len(runtime.open_local(here.owner_id).list_mails()) == SAMPLES_AN_HOUR
    assert owner.post("/settings/mails/spam/send").status_code == 404
    assert owner.get("/settings/mails/spam").status_code == 404
    assert "A sample you asked for" in owner.get("/sent").text


# --- never ------------------------------------------------------------


def test_a_domain_goes_on_the_list_with_an_undo_and_off_again(
    owner: Browser, here: world.World, runtime: Runtime, now: datetime
) -> None:
    page = owner.post("/never", {"told": "Example.NET"}, on="/never", follow_redirects=True).text
    assert "left in peace from now on" in page
    assert "Noor Willemse" in page
    change = re.search(r'name="change" value="(\d+)"', page)
    assert change
    owner.post("/undo", {"change": change[1], "back": "never.overview"})
    with runtime.store.reading(here.owner_id) as tx:
        assert never.never_list(tx, now).entries == []
        assert contacts.contact(tx, here.ids["Noor Willemse"], now).state == "active"
    owner.post("/never", {"told": "old@example.net"}, on="/never")
    with runtime.store.reading(here.owner_id) as tx:
        (entry,) = never.never_list(tx, now).entries
    assert "is off the list" in owner.post(f"/never/{entry.id}/remove", on="/never", follow_redirects=True).text


def test_somebody_is_let_in_again(owner: Browser, here: world.World, runtime: Runtime, now: datetime) -> None:
    noor = here.ids["Noor Willemse"]
    with runtime.store.transaction(here.owner_id) as tx:
        contacts.never(tx, [noor], now)
    page = owner.post(f"/never/people/{noor}/remove", on="/never", follow_redirects=True).text
    assert "stands among those left out" in page
    with runtime.store.reading(here.owner_id) as tx:
        assert contacts.contact(tx, noor, now).state == "ignored"


@pytest.mark.parametrize("told", ["", "x", "gmail.com", world.OWNER, *CANARIES[:6]])
def test_what_cannot_be_on_the_list_says_why(owner: Browser, told: str) -> None:
    page = owner.post("/never", {"told": told}, on="/never", follow_redirects=True).text
    assert "Nothing was changed" in page
    assert not unescaped(page)


@pytest.mark.parametrize(
    "path", ["/never/x/remove", "/never/people/x/remove", "/accounts/calendar/x/remove", "/data/zip", "/data/JSON"]
)
def test_what_is_not_there_is_not_found(owner: Browser, path: str) -> None:
    found = owner.get(path) if path.startswith("/data") else owner.post(path)
    assert found.status_code == 404


def test_nobody_touches_what_is_anothers(app: Flask, here: world.World, runtime: Runtime, now: datetime) -> None:
    kim = signed_in(app, world.make_owner(runtime.store, now, email="kim@example.com"))
    with runtime.store.transaction(here.owner_id) as tx:
        never.bar(tx, "closed.example", now)
        (entry,) = never.never_list(tx, now).entries
    for path in (
        f"/never/{entry.id}/remove",
        f"/never/people/{here.ids['Noor Willemse']}/remove",
        f"/accounts/calendar/{here.follow_up_id}/remove",
    ):
        assert kim.post(path).status_code == 404, path
    for name in ("json", "vcard", "csv", "ical"):
        assert "Noor" not in kim.get(f"/data/{name}").text
    assert "closed.example" not in kim.get("/never").text


# --- what was written into calendars ------------------------------------------------------------


def test_entries_are_listed_and_go_one_by_one(owner: Browser, here: world.World, runtime: Runtime) -> None:
    with runtime.store.transaction(here.owner_id) as tx:
        follow_ups.change(tx, here.follow_up_id, state="placed", event_fingerprint="f")
    page = owner.get("/accounts").text
    assert "Thursday 26 November, 10:00" in page
    assert "Tomas Lind" in page
    owner.post(f"/accounts/calendar/{here.follow_up_id}/remove", on="/accounts")
    with runtime.store.reading(here.owner_id) as tx:
        assert follow_ups.follow_up(tx, here.follow_up_id).state == "deleted"
        assert [each.state for each in outbox.rows(tx) if each.kind == "follow_up_remove"] == ["due"]
    assert "Tomas Lind" not in owner.get("/accounts").text


def test_removing_it_all_asks_first_and_can_end_it(owner: Browser, here: world.World, runtime: Runtime) -> None:
    with runtime.store.transaction(here.owner_id) as tx:
        follow_ups.change(tx, here.follow_up_id, state="placed", event_fingerprint="f")
    local = runtime.open_local(here.owner_id)
    local.put_event(local.ensure_calendar(), world.follow_up_event(here, runtime.now()))
    assert "Tick the box" in owner.post("/accounts/calendar/remove", on="/accounts", follow_redirects=True).text
    assert b"BEGIN:VEVENT" in local.feed()
    owner.post("/accounts/calendar/remove", {"sure": "yes", "more": "none"}, on="/accounts")
    tasks.drain(runtime)
    assert b"BEGIN:VEVENT" not in local.feed()
    assert owner_of(runtime, here.owner_id).settings["weekly_follow_ups"] == 0


def test_what_could_not_be_read_is_said_in_words(owner: Browser) -> None:
    page = owner.get("/accounts").text
    assert "Sent.mbox" in page
    assert "The item breaks off in the middle." in page
    assert "Everything that came in could be read" not in page


# --- take along ------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "ending", "begins"),
    [
        ("json", "application/json", "json", b'{"format": "keepwarm-export"'),
        ("vcard", "text/vcard; charset=utf-8", "vcf", b"BEGIN:VCARD\r\n"),
        ("csv", "text/csv; charset=utf-8", "csv", b"\xef\xbb\xbfName"),
        ("ical", "text/calendar; charset=utf-8", "ics", b"BEGIN:VCALENDAR\r\n"),
    ],
)
def test_each_form_comes_as_a_file_with_its_name_and_length(
    owner: Browser, here: world.World, runtime: Runtime, name: str, kind: str, ending: str, begins: bytes
) -> None:
    answer = owner.get(f"/data/{name}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["Content-Disposition"] == f'attachment; filename="keepwarm-2026-11-23.{ending}"'
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert answer.data.startswith(begins)
    assert answer.headers["Content-Security-Policy"] == CSP
    assert answer.headers["Cache-Control"] == "no-store"
    assert list(runtime.owner_home(here.owner_id).iterdir()) == []  # no copy stays behind


def test_the_file_of_one_keepwarm_fills_another_by_the_page_files(
    app: Flask, owner: Browser, here: world.World, runtime: Runtime, now: datetime
) -> None:
    data = owner.get("/data/json").data
    kim_id = world.make_owner(runtime.store, now, email="kim@example.com")
    kim = signed_in(app, kim_id)
    kim.post(
        "/files", {"files": [(io.BytesIO(data), "keepwarm.json")]}, on="/files", content_type="multipart/form-data"
    )
    with runtime.store.reading(kim_id) as tx:
        (batch,) = accounts.batches(tx)
    assert sync.sync_stream(runtime, batch.stream_id).outcome == "done"
    page = kim.get(f"/files/{batch.id}").text
    assert "export of Keepwarm" in page
    with runtime.store.reading(kim_id) as tx:
        people = {row.name: row.id for row in contacts.contacts(tx, states=["active"], now=now)}
        assert set(people) == set(here.ids)
        assert [each.said for each in notes.notes_about(tx, people["Noor Willemse"])] == [
            "The new wing opens in spring."
        ]
        assert outbox.rows(tx) == []
    assert "Take back" in kim.get("/files").text
    kim.post(f"/files/{batch.id}/undo", on="/files")
    with runtime.store.reading(kim_id) as tx:
        assert contacts.contacts(tx, states=None, now=now) == []


# --- leave ------------------------------------------------------------


def test_everything_goes_with_the_right_password_alone(
    owner: Browser, here: world.World, runtime: Runtime, now: datetime
) -> None:
    for sent, told in (
        ({"password": world.PASSWORD}, "Tick the box"),
        (
            {"password": "three quiet red boats", "sure": "yes"},
            "The present password was not right. Nothing was changed.",
        ),
        ({"sure": "yes"}, "The present password was not right. Nothing was changed."),
    ):
        assert told in owner.post("/data/erase", sent, on="/data/erase", follow_redirects=True).text
    with runtime.store.system() as tx:
        elsewhere = access.new_session(tx, here.owner_id, now)
    answer = owner.post("/data/erase", {"password": world.PASSWORD, "sure": "yes"}, on="/data/erase")
    assert answer.location == "/goodbye?lang=en"
    assert "Everything is erased" in owner.get(answer.location).text
    assert owner.get("/").status_code == 303
    with runtime.store.system() as tx:
        assert accounts.owners(tx) == []
        assert access.session(tx, elsewhere, now) is None
    assert not (runtime.home / "owners" / here.owner_id).exists()


def test_guessing_the_password_there_is_slowed_down(owner: Browser, here: world.World, runtime: Runtime) -> None:
    for _ in range(LIMITS["present"][0] + 1):
        page = owner.post(
            "/data/erase", {"password": "wrong", "sure": "yes"}, on="/data/erase", follow_redirects=True
        ).text
    assert "try again in" in page
    answer = owner.post("/data/erase", {"password": world.PASSWORD, "sure": "yes"}, on="/data/erase")
    assert answer.status_code == 400
    assert owner_of(runtime, here.owner_id).email == world.OWNER


@pytest.mark.parametrize(("typed", "gone"), [("erase", True), ("ERASE", True), ("", False), ("yes", False)])
def test_who_has_no_password_types_a_word(app: Flask, runtime: Runtime, now: datetime, typed: str, gone: bool) -> None:
    with runtime.store.system() as tx:
        made = accounts.create_owner(tx, email="kim@example.com", now=now)
    kim = signed_in(app, made.id)
    assert "ERASE" in kim.get("/data/erase").text
    kim.post("/data/erase", {"word": typed, "sure": "yes"}, on="/data/erase")
    with runtime.store.system() as tx:
        assert (accounts.owners(tx) == []) == gone


def test_goodbye_speaks_the_language_one_had(stranger: Browser) -> None:
    assert "Alles is gewist" in stranger.get("/goodbye?lang=nl").text
    assert stranger.get("/goodbye?lang=../x").status_code == 200


def test_the_page_says_what_there_is(owner: Browser, here: world.World) -> None:
    page = owner.get("/data").text
    assert re.search(r"Keepwarm holds \d+ people, 1 note and sender and hour of \d+ mails\.", page)
    assert json.loads(owner.get("/data/json").text)["version"] == 1


def test_a_password_is_not_asked_to_be_changed_where_there_is_none(app: Flask, runtime: Runtime, now: datetime) -> None:
    with runtime.store.system() as tx:
        made = accounts.create_owner(tx, email="kim@example.com", now=now + timedelta(0))
    page = signed_in(app, made.id).get("/settings").text
    assert "Present password" not in page
    assert passwords.matches("", None) is False
