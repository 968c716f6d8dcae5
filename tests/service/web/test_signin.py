"""Guessing is slowed and nobody is locked out; devices are listed and ended; tokens planted or copied open nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from keepwarm.store import Store, access, accounts, outbox
from service import create_app, devices
from service.auth.entering import DEVICE
from service.security import HEADERS
from service.throttle import LIMITS, QUARTER, Throttle, by_address
from service.wsgi import behind
from tests.service.web import world
from tests.service.web.conftest import Browser, runtime_over, signed_in
from workers import letting_in
from workers.runtime import Runtime

WRONG = "not the password at all"
PAIR, WINDOW = LIMITS["pair"][0], QUARTER


def fails(browser: Browser, times: int, email: str = world.OWNER) -> list[int]:
    return [browser.sign_in(email, WRONG).status_code for _ in range(times)]


def moved(runtime: Runtime, **span: float) -> Runtime:
    at = runtime.now() + timedelta(**span)
    return replace(runtime, clock=lambda: at)


# --- slowed, not locked


def test_too_many_failures_have_to_wait_and_then_may_again(
    account: str, stranger: Browser, runtime: Runtime, app: Flask
) -> None:
    assert fails(stranger, PAIR) == [403] * PAIR
    answer = stranger.sign_in()
    assert answer.status_code == 429
    assert "in 15 minutes" in answer.text
    assert answer.text.count(f'value="{world.OWNER}"') == 1  # what was typed is kept
    app.extensions["keepwarm"] = moved(runtime, minutes=16)
    app.extensions["keepwarm.throttle"] = Throttle(engine=moved(runtime, minutes=16))
    assert stranger.sign_in().status_code == 303


def test_another_process_and_a_restart_count_alike(account: str, stranger: Browser, runtime: Runtime) -> None:
    fails(stranger, PAIR)
    assert Browser(create_app(runtime)).sign_in().status_code == 429


def test_the_tries_of_a_stranger_do_not_keep_a_known_device_out(account: str, app: Flask, stranger: Browser) -> None:
    known = Browser(app)
    known.sign_in()
    known.post("/sign-out")
    fails(stranger, PAIR)
    assert stranger.sign_in().status_code == 429
    assert known.sign_in().status_code == 303


def test_a_known_device_has_a_budget_too(account: str, app: Flask) -> None:
    known = Browser(app)
    known.sign_in()
    known.post("/sign-out")
    most = LIMITS["device"][0]
    assert fails(known, most) == [403] * most
    assert known.sign_in().status_code == 429


@pytest.mark.parametrize("value", ["", "x", "e30.x", "{}", "W10.abc"])
def test_a_forged_device_is_not_known(account: str, app: Flask, stranger: Browser, value: str) -> None:
    fails(stranger, PAIR)
    forged = Browser(app)
    forged.client.set_cookie(DEVICE, value)
    assert forged.sign_in().status_code == 429


def test_a_device_is_known_for_its_owner_alone(account: str, app: Flask, runtime: Runtime, now: datetime) -> None:
    world.make_owner(runtime.store, now, email="kim@example.org")
    kim = Browser(app)
    kim.sign_in("kim@example.org")
    kim.post("/sign-out")
    fails(kim, PAIR)  # guesses at somebody else's
    assert kim.sign_in(world.OWNER, world.PASSWORD).status_code == 429
    assert kim.sign_in("kim@example.org").status_code == 303


def test_signing_in_as_oneself_buys_no_more_guesses_at_others(
    account: str, app: Flask, runtime: Runtime, now: datetime
) -> None:
    world.make_owner(runtime.store, now, email="kim@example.org")
    throttle = Throttle(engine=runtime)
    own = by_address("kim@example.org", "127.0.0.1")
    for number in range(LIMITS["client"][0]):
        assert not throttle.take(by_address(f"{number}@example.org", "127.0.0.1")).wait
        if not (well := throttle.take(own)).wait:
            throttle.went_well(well)
    assert throttle.take(by_address("one.more@example.org", "127.0.0.1")).wait
    assert not throttle.take(by_address("one.more@example.org", "127.0.0.2")).wait


@pytest.mark.parametrize(
    ("proxies", "chains", "waits"),
    [
        (0, ["198.51.100.7", "203.0.113.9"], True),  # nobody is believed
        (1, ["198.51.100.7", "203.0.113.9"], False),
        (1, ["198.51.100.7, 192.0.2.1", "203.0.113.9, 192.0.2.1"], True),  # what stands before was made up
        (2, ["198.51.100.7, 192.0.2.1", "203.0.113.9, 192.0.2.1"], False),
    ],
)
def test_strangers_behind_a_proxy_are_told_apart_where_the_operator_counted_it(
    account: str, app: Flask, proxies: int, chains: list[str], waits: bool
) -> None:
    stranger = Browser(behind(app, proxies))
    for chain in chains:
        stranger.client.environ_base["HTTP_X_FORWARDED_FOR"] = chain
        statuses = fails(stranger, PAIR)
    assert statuses == [429 if waits else 403] * PAIR


def test_no_address_stands_among_the_tries(account: str, stranger: Browser, runtime: Runtime, tmp_path: Path) -> None:
    fails(stranger, 2, "very.private@example.net")
    held = b"".join(path.read_bytes() for path in tmp_path.rglob("keepwarm.db*"))
    assert b"very.private" not in held


def test_both_databases_slow_alike(store: Store, tmp_path: Path, now: datetime) -> None:
    throttle = Throttle(engine=runtime_over(store, tmp_path, now))
    keys = by_address("a@example.org", "2001:db8::1")
    assert [throttle.take(keys).wait for _ in range(PAIR)] == [timedelta()] * PAIR
    assert throttle.take(keys).wait == WINDOW
    assert throttle.take(by_address("a@example.org", "2001:db8::2")).wait == WINDOW  # the same network
    assert not throttle.take(by_address("b@example.org", "2001:db8::1")).wait


# --- sessions


def cookie(browser: Browser) -> str:
    found = browser.client.get_cookie("keepwarm")
    assert found
    return str(found.value)


def test_a_session_that_was_planted_is_not_the_one_one_signs_in_with(account: str, app: Flask) -> None:
    """Fixation: a stranger's cookie, put into the victim's browser before, is worth nothing after."""
    attacker, victim = Browser(app), Browser(app)
    attacker.get("/sign-in")
    victim.client.set_cookie("keepwarm", cookie(attacker))
    victim.sign_in()
    assert victim.get("/contacts").status_code == 200
    assert attacker.get("/contacts").status_code == 303


def test_a_session_of_somebody_else_does_not_stay_when_one_signs_in(
    account: str, app: Flask, runtime: Runtime, now: datetime
) -> None:
    other = world.make_owner(runtime.store, now, email="kim@example.org")
    planted = signed_in(app, other)
    victim = Browser(app)
    victim.client.set_cookie("keepwarm", cookie(planted))
    assert victim.post("/sign-out").status_code == 303
    victim.sign_in()
    assert "sam@example.org" in victim.get("/settings/sign-in").text
    assert planted.get("/contacts").status_code == 303


def test_what_changes_how_one_signs_in_gives_this_device_a_new_token(owner: Browser, app: Flask) -> None:
    copy = Browser(app)
    for path, data in (
        ("/settings/address", {"email": "sam2@example.org", "password": world.PASSWORD}),
        ("/settings/password", {"new": "a lamp over the harbour", "password": world.PASSWORD}),
    ):
        copy.client.set_cookie("keepwarm", cookie(owner))
        assert copy.get("/contacts").status_code == 200
        assert owner.post(path, data, on="/settings/sign-in").status_code == 303
        assert owner.get("/contacts").status_code == 200, path
        assert copy.get("/contacts").status_code == 303, path


@pytest.mark.parametrize(("span", "status"), [({"days": 14}, 200), ({"days": 15}, 303), ({"days": 31}, 303)])
def test_a_device_that_was_away_for_long_signs_in_anew(
    owner: Browser, app: Flask, runtime: Runtime, span: dict[str, float], status: int
) -> None:
    app.extensions["keepwarm"] = moved(runtime, **span)
    assert owner.get("/contacts").status_code == status


def test_a_device_in_use_still_ends_after_thirty_days(owner: Browser, app: Flask, runtime: Runtime) -> None:
    seen = []
    for days in (7, 14, 21, 28, 29, 30):
        app.extensions["keepwarm"] = moved(runtime, days=days)
        seen.append(owner.get("/contacts").status_code)
    assert seen == [200, 200, 200, 200, 200, 303]


def test_cookies_are_kept_from_scripts_other_sites_and_the_clear(
    sqlite_store: Store, tmp_path: Path, now: datetime
) -> None:
    world.make_owner(sqlite_store, now)
    app = create_app(runtime_over(sqlite_store, tmp_path, now, PUBLIC_URL="https://keepwarm.example.org"))
    client = app.test_client()
    page = client.get("/sign-in", base_url="https://keepwarm.example.org").text
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    answer = client.post(
        "/sign-in", data={"csrf_token": token, "email": world.OWNER, "password": world.PASSWORD},
        base_url="https://keepwarm.example.org", headers={"Referer": "https://keepwarm.example.org/sign-in"},
    )  # fmt: skip
    made = answer.headers.getlist("Set-Cookie")
    assert {each.partition("=")[0] for each in made} == {"keepwarm", DEVICE}
    for each in made:
        for flag in ("HttpOnly", "SameSite=Lax", "Secure", "Path=/"):
            assert flag in each, each
        assert "Domain=" not in each


# --- devices


@pytest.mark.parametrize(
    ("said", "called"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", "Edge, Windows"),  # noqa: E501 - as it is said
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15", "Safari, Mac"),  # noqa: E501 - as it is said
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0 Mobile/15E148 Safari/604.1", "Chrome, iPhone"),  # noqa: E501 - as it is said
        ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36", "Chrome, Android"),  # noqa: E501 - as it is said
        ("curl/8.5.0", ""), ("", ""), ("<script>alert(1)</script>", ""), ("x" * 9_000 + "Firefox/1", ""),
    ],
)  # fmt: skip
def test_a_device_has_a_name_of_two_words_at_most(said: str, called: str) -> None:
    assert devices.called(said) == called


def agent(app: Flask, said: str) -> Browser:
    browser = Browser(app)
    browser.headers["User-Agent"] = said
    browser.sign_in()
    return browser


def test_devices_are_listed_and_one_ends_another(account: str, app: Flask, tmp_path: Path) -> None:
    phone = agent(app, "Mozilla/5.0 (iPhone; CPU) Safari/604.1 rare-model-77")
    laptop = agent(app, "Mozilla/5.0 (X11; Linux) Firefox/140.0")
    page = laptop.get("/settings/sign-in").text
    assert page.count("Safari, iPhone") >= 1
    assert page.count("this device") == 1
    assert page.count('name="device"') == 1  # no button to end the one in use
    device = re.findall(r'name="device" value="(\w+)"', page)[0]
    laptop.post("/settings/devices/end", {"device": device}, on="/settings/sign-in")
    assert phone.get("/contacts").status_code == 303
    assert laptop.get("/contacts").status_code == 200
    held = b"".join(path.read_bytes() for path in tmp_path.rglob("keepwarm.db*"))
    assert b"rare-model-77" not in held


def test_signing_out_everywhere_else_keeps_this_one(account: str, app: Flask) -> None:
    others = [agent(app, "Firefox/140.0") for _ in range(2)]
    here = agent(app, "Chrome/142")
    said = here.post("/settings/devices/others", on="/settings/sign-in", follow_redirects=True)
    assert "2 other devices are signed out." in said.text
    assert [each.get("/contacts").status_code for each in (*others, here)] == [303, 303, 200]


def test_the_device_of_another_owner_is_not_there(owner: Browser, app: Flask, runtime: Runtime, now: datetime) -> None:
    other = world.make_owner(runtime.store, now, email="kim@example.org")
    kim = signed_in(app, other)
    with runtime.store.reading(other) as tx:
        (theirs,) = access.sessions(tx, now)
    assert theirs.id not in owner.get("/settings/sign-in").text
    assert owner.post("/settings/devices/end", {"device": theirs.id}, on="/settings/sign-in").status_code == 404
    assert kim.get("/contacts").status_code == 200


# --- address and password


@pytest.mark.parametrize(
    ("path", "data"),
    [("/settings/address", {"email": "new@example.org"}), ("/settings/password", {"new": "a lamp over the harbour"})],
)
def test_a_change_needs_the_present_password(
    owner: Browser, here: world.World, runtime: Runtime, path: str, data: dict[str, object]
) -> None:
    for wrong in ("", WRONG):
        said = owner.post(path, data | {"password": wrong}, on="/settings/sign-in", follow_redirects=True)
        assert "The present password was not right." in said.text
    with runtime.store.reading(here.owner_id) as tx:
        assert accounts.owner(tx).email == world.OWNER


def test_guessing_the_present_password_is_slowed(owner: Browser, here: world.World) -> None:
    for _ in range(LIMITS["present"][0]):
        owner.post("/settings/password", {"password": WRONG, "new": "a lamp over the harbour"})
    right = {"password": world.PASSWORD, "new": "a lamp over the harbour"}
    assert "try again in a quarter" in owner.post("/settings/password", right, follow_redirects=True).text


def test_another_address_signs_in_and_the_old_one_is_told(
    owner: Browser, here: world.World, stranger: Browser, runtime: Runtime
) -> None:
    owner.post("/settings/address", {"email": " New@Example.org ", "password": world.PASSWORD})
    assert stranger.sign_in().status_code == 403
    assert stranger.sign_in("new@example.org").status_code == 303
    with runtime.store.reading(here.owner_id) as tx:
        assert {"new@example.org", world.OWNER} <= {each.address for each in accounts.own_addresses(tx)}


NEW = "new@example.org"


@pytest.fixture
def mailing(sqlite_store: Store, tmp_path: Path, now: datetime) -> Runtime:
    """Where mails can be sent from this box."""
    return runtime_over(sqlite_store, tmp_path, now, SMTP_URL="smtps://k:p@mail.example.org/?from=k@example.org")


@pytest.fixture
def asked(mailing: Runtime, here: world.World) -> tuple[Browser, str]:
    """The owner asked for another address; and the path of the link that was mailed to it."""
    browser = signed_in(create_app(mailing), here.owner_id)
    page = browser.post("/settings/address", {"email": NEW, "password": world.PASSWORD}, follow_redirects=True).text
    assert f"on its way to {NEW}" in page
    with mailing.store.reading(here.owner_id) as tx:
        (row,) = [each for each in outbox.rows(tx) if each.kind == "access"]
    assert (row.payload["what"], row.payload["to"]) == ("address", NEW)
    return browser, letting_in.link(mailing, "address", row.payload["link"]).removeprefix(mailing.base_url)


def confirm(browser: Browser, path: str) -> TestResponse:
    return browser.post("/new-address", {"token": path.partition("token=")[2]}, on="/sign-in")


def test_another_address_counts_once_its_mail_was_answered(
    asked: tuple[Browser, str], mailing: Runtime, here: world.World
) -> None:
    browser, path = asked
    stranger = Browser(create_app(mailing))
    assert stranger.get(path).status_code == 200  # looking changes nothing
    assert NEW in browser.get("/settings/sign-in").text
    assert stranger.sign_in(NEW).status_code == 403
    assert confirm(stranger, path).status_code == 303
    assert stranger.sign_in().status_code == 403
    assert stranger.sign_in(NEW).status_code == 303
    with mailing.store.reading(here.owner_id) as tx:
        told = [each.payload for each in outbox.rows(tx) if each.kind == "access"]
        assert {NEW, world.OWNER} <= {each.address for each in accounts.own_addresses(tx)}
    assert [each["to"] for each in told if each["what"] == "address_changed"] == [world.OWNER]
    again = Browser(create_app(mailing))
    assert (again.get(path).status_code, confirm(again, path).status_code) == (400, 400)  # once


def test_a_link_to_a_new_address_lives_a_day(asked: tuple[Browser, str], mailing: Runtime) -> None:
    for hours, status in ((23, 200), (25, 400)):
        later = Browser(create_app(moved(mailing, hours=hours)))
        assert later.get(asked[1]).status_code == status, hours


@pytest.mark.parametrize("spoil", ["forged", "as a password", "replaced", "password changed", "taken"])
def test_a_link_that_is_not_the_one_changes_nothing(
    spoil: str, asked: tuple[Browser, str], mailing: Runtime, here: world.World, now: datetime
) -> None:
    browser, path = asked
    token = path.partition("token=")[2]
    if spoil == "forged":
        path = path[:-4] + "0000"
    elif spoil == "as a password":
        path = f"/new-address?token={letting_in.token(mailing, 'password', token.partition('.')[0])}"
        assert browser.get(f"/new-password?token={token}").status_code == 400
    elif spoil == "replaced":
        browser.post("/settings/address", {"email": "other@example.org", "password": world.PASSWORD})
    elif spoil == "password changed":
        browser.post("/settings/password", {"new": "a lamp over the harbour", "password": world.PASSWORD})
    else:
        world.make_owner(mailing.store, now, email=NEW)
    assert confirm(Browser(create_app(mailing)), path).status_code == 400
    with mailing.store.reading(here.owner_id) as tx:
        assert accounts.owner(tx).email == world.OWNER


@pytest.mark.parametrize(
    ("email", "says"),
    [("nobody", "does not look like"), ("kim@example.org", "cannot be used here"), ("KIM@example.org", "cannot be")],
)
def test_an_address_of_somebody_else_tells_nothing_about_them(
    owner: Browser, runtime: Runtime, now: datetime, email: str, says: str
) -> None:
    world.make_owner(runtime.store, now, email="kim@example.org")
    said = owner.post("/settings/address", {"email": email, "password": world.PASSWORD}, follow_redirects=True).text
    assert says in said
    assert "owner" not in said.split("<main")[1].split("</main>")[0].lower().replace("owner_", "")


# --- enumeration, headers


def test_no_page_tells_whether_an_address_is_known(
    sqlite_store: Store, tmp_path: Path, now: datetime, new_browser: Callable[..., Browser]
) -> None:
    world.make_owner(sqlite_store, now)
    url = "smtps://k:p@mail.example.org/?from=k@example.org"
    app = create_app(runtime_over(sqlite_store, tmp_path, now, SMTP_URL=url))
    answers: dict[str, list[tuple[int, str, list[str]]]] = {"/sign-in": [], "/forgotten": []}
    for email in (world.OWNER, "nobody@example.net", "sam@example.net"):
        for path, told in answers.items():
            answer = Browser(app).post(path, {"email": email, "password": WRONG}, on=path)
            page = re.sub(r'value="[^"]*"', "", answer.text)
            told.append((answer.status_code, page, sorted(name for name, _ in answer.headers)))
    for told in answers.values():
        assert told[0] == told[1] == told[2]


@pytest.mark.parametrize("path", ["/sign-in", "/forgotten", "/new-password?token=x", "/join?token=x", "/start"])
def test_open_pages_carry_every_header_and_are_kept_nowhere(stranger: Browser, path: str) -> None:
    headers = stranger.get(path).headers
    assert not [name for name in HEADERS if name not in headers]
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "same-origin"  # a token in an address goes nowhere else
