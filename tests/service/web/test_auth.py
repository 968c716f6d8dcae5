"""The first visit, signing in and out, CSRF, the throttle, and where one may be sent afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask, request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keepwarm.store import access, accounts
from service import newcomer, passwords
from service.auth import known_page
from service.newcomer import is_email
from tests.service.web import world
from tests.service.web.conftest import Browser
from workers.runtime import Runtime

FORM = {
    "email": "New@Example.org",
    "name": "Nia",
    "password": world.PASSWORD,
    "lang": "nl",
    "zone": "Europe/Amsterdam",
    "country": "NL",
}

ELSEWHERE = (
    "https://evil.example.com", "//evil.example.com", "///evil.example.com", "/\\evil.example.com",
    "\\\\evil.example.com",
    "/\t/evil.example.com", "\t//evil.example.com", "/%2f/evil.example.com", "javascript:alert(1)", "data:text/html,x",
    "http:evil.example.com", "https:/evil.example.com", "//evil.example.com@example.org", "/contacts/../..//evil",
    "\x00//evil.example.com", "／／evil.example.com", "//evil。example。com", "auth.sign_out", "judge.decide", "static",
    "files.import_", "feed.calendar", "auth.start", "contacts.one", "home.today\n", " home.today",
    "HOME.TODAY", "..", ".", "%0d%0aLocation:x",
    "/", "/sign-out", "?next=x", "ftp://evil.example.com", "mailto:x@example.com", "//", "///", "\\", "/\\/",
    "https://",
    "https:evil.example.com", "https:///evil.example.com", "//evil.example.com/%2e%2e", "/\\evil.example.com/",
    "\\/evil.example.com", "http://[::1]/", "http://127.0.0.1@evil.example.com", "//127.0.0.1:8420@evil.example.com",
    "home.today?x=//evil", "home.today#x", "home.today/", "/home.today", "//home.today", "home.today;x",
    "auth.join", "auth.new_password", "auth.forgotten", "auth.with_provider", "access.switch_on", "access.end_others",
    "house.invite", "consent.callback", "health.live", "\u202ehome.today", "home\u2024today",
)  # fmt: skip


@pytest.fixture
def token(runtime: Runtime) -> str:
    with runtime.store.system() as tx:
        return access.new_one_time_token(tx, "start", runtime.now())


def test_the_first_visit_makes_the_account_and_signs_in(stranger: Browser, runtime: Runtime, token: str) -> None:
    assert stranger.get(f"/start?token={token}").status_code == 200
    answer = stranger.post("/start", FORM | {"token": token}, on=f"/start?token={token}")
    assert answer.status_code == 303
    assert answer.location == "/first/"
    assert "Eerste stappen" in stranger.get("/").text
    with runtime.store.system() as tx:
        (owner,) = accounts.owners(tx)
        kept = accounts.password_hash(tx, "new@example.org")
    assert (owner.email, owner.zone, owner.name, owner.lang) == ("new@example.org", "Europe/Amsterdam", "Nia", "nl")
    assert kept
    assert kept[1]
    assert kept[1].startswith("$argon2id$")
    with runtime.store.reading(owner.id) as tx:
        assert [each.address for each in accounts.own_addresses(tx)] == ["new@example.org"]


def test_signing_in_before_anybody_has_an_account_tells_the_way(stranger: Browser, token: str) -> None:
    assert "Nobody has an account here yet" in stranger.get("/sign-in").text
    stranger.post("/start", FORM | {"token": token}, on=f"/start?token={token}")
    stranger.client.delete_cookie("keepwarm")
    page = stranger.get("/sign-in").text
    assert "Welcome back" in page
    assert "Nobody has an account" not in page


def test_looking_uses_the_token_not_up(stranger: Browser, token: str) -> None:
    for _ in range(3):
        stranger.get(f"/start?token={token}")
    assert stranger.post("/start", FORM | {"token": token}, on=f"/start?token={token}").status_code == 303


def test_a_token_works_once(
    stranger: Browser, new_browser: Callable[..., Browser], runtime: Runtime, token: str
) -> None:
    stranger.post("/start", FORM | {"token": token}, on="/sign-in")
    second = new_browser().post("/start", FORM | {"token": token, "email": "two@example.org"}, on="/sign-in")
    assert second.status_code == 400
    assert "used before" in second.text
    with runtime.store.system() as tx:
        assert len(accounts.owners(tx)) == 1


def test_a_spent_link_leads_to_signing_in(stranger: Browser, new_browser: Callable[..., Browser], token: str) -> None:
    stranger.post("/start", FORM | {"token": token}, on=f"/start?token={token}")
    assert stranger.get(f"/start?token={token}").location == "/sign-in"
    assert stranger.get("/sign-in").location == "/"
    page = new_browser().get(f"/start?token={token}")
    assert page.status_code == 400
    assert "This link from the terminal was used before" in page.text
    assert 'href="/sign-in"' in page.text
    assert 'name="password"' not in page.text
    assert new_browser().get("/start").location == "/sign-in"


def test_public_holidays_follow_the_clock_and_not_the_language(
    new_browser: Callable[..., Browser], runtime: Runtime, token: str
) -> None:
    stranger = new_browser("en-GB,en")
    form = FORM | {"token": token, "country": "GB", "zone": "Europe/Amsterdam"}
    stranger.post("/start", form, on=f"/start?token={token}")
    with runtime.store.system() as tx:
        assert [each.country for each in accounts.owners(tx)] == ["NL"]
    page = stranger.get("/first/goal").text
    assert "feestdagen: Nederland." in page
    stranger.post("/first/goal", {"goal": "stay", "country": "BE"}, on="/first/goal")
    with runtime.store.system() as tx:
        assert [each.country for each in accounts.owners(tx)] == ["BE"]


@pytest.mark.parametrize("token", ["", "x", "0" * 64])
def test_a_wrong_token_makes_nobody(stranger: Browser, runtime: Runtime, token: str) -> None:
    assert stranger.post("/start", FORM | {"token": token}, on="/sign-in").status_code == 400
    with runtime.store.system() as tx:
        assert accounts.owners(tx) == []


@pytest.mark.parametrize(
    "wrong",
    [{"email": "nobody"}, {"password": "short"}, {"password": "aaaaaaaaaaaa"}, {"zone": "Mars/Base"}, {"lang": "xx"}],
)
def test_a_mistake_keeps_the_token_good(stranger: Browser, token: str, wrong: dict[str, str]) -> None:
    assert stranger.post("/start", FORM | wrong | {"token": token}, on="/sign-in").status_code == 400
    assert stranger.post("/start", FORM | {"token": token}, on="/sign-in").status_code == 303


def test_a_taken_address_keeps_the_token_good(stranger: Browser, runtime: Runtime, now: datetime, token: str) -> None:
    world.make_owner(runtime.store, now, email="new@example.org")
    assert stranger.post("/start", FORM | {"token": token}, on="/sign-in").status_code == 400
    assert stranger.post("/start", FORM | {"token": token, "email": "n@example.org"}, on="/sign-in").status_code == 303


def test_a_wrong_password_and_an_unknown_address_look_alike(account: str, stranger: Browser) -> None:
    wrong = stranger.sign_in(password="something else entirely")
    unknown = stranger.sign_in(email="nobody@example.org")
    assert (wrong.status_code, unknown.status_code) == (403, 403)
    assert wrong.text.count("do not belong together") == unknown.text.count("do not belong together") == 1
    assert stranger.get("/").status_code == 303


def test_signing_out_ends_the_session_everywhere(owner: Browser, app: Flask) -> None:
    cookie = owner.client.get_cookie("keepwarm")
    assert cookie
    copy = Browser(app)
    copy.client.set_cookie("keepwarm", cookie.value)
    assert copy.get("/").status_code == 200
    assert owner.post("/sign-out").status_code == 303
    assert owner.get("/").status_code == 303
    assert copy.get("/").status_code == 303


def test_the_cookie_is_kept_from_scripts_and_other_sites(account: str, stranger: Browser) -> None:
    cookie = stranger.sign_in().headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_signing_in_brings_a_new_session_cookie(account: str, stranger: Browser) -> None:
    stranger.get("/sign-in")
    before = stranger.client.get_cookie("keepwarm")
    stranger.sign_in()
    after = stranger.client.get_cookie("keepwarm")
    assert before
    assert after
    assert before.value != after.value


def test_no_form_works_without_its_token(owner: Browser, app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and rule.endpoint != "reply.act":  # a signed link is its own proof
            path = rule.rule
            for name in rule.arguments:
                path = path.replace(f"<{name}>", "1")
            for data in ({}, {"csrf_token": "wrong"}):
                answer = owner.client.post(path, data=data)
                assert answer.status_code == 400, rule
    assert owner.get("/").status_code == 200


def test_a_token_of_another_session_is_refused(owner: Browser, stranger: Browser) -> None:
    foreign = stranger.token("/sign-in")
    assert owner.client.post("/undo", data={"csrf_token": foreign}).status_code == 400


def test_after_sign_in_one_comes_where_one_wanted(account: str, stranger: Browser) -> None:
    asked = stranger.get("/contacts").location
    assert asked == "/sign-in?next=contacts.everybody"
    answer = stranger.post(
        "/sign-in", {"email": world.OWNER, "password": world.PASSWORD, "next": "contacts.everybody"}, on=asked
    )
    assert answer.location == "/contacts"


def test_next_is_never_an_address(app: Flask) -> None:
    for wanted in ELSEWHERE:
        with app.test_request_context("/sign-in", query_string={"next": wanted}):
            assert known_page(request.args["next"]) == "", wanted


@pytest.mark.parametrize("wanted", ELSEWHERE[:4])
def test_after_sign_in_nobody_is_sent_elsewhere(account: str, stranger: Browser, wanted: str) -> None:
    filled = {"email": world.OWNER, "password": world.PASSWORD, "next": wanted}
    answer = stranger.post("/sign-in", filled, on="/sign-in")
    assert (answer.status_code, answer.location) == (303, "/")


def test_every_page_is_too_small_for_a_flood(owner: Browser) -> None:
    answer = owner.client.post("/undo", data={"csrf_token": "x", "more": "x" * 70_000})
    assert answer.status_code == 413
    assert "Too much at once" in answer.text


@pytest.mark.parametrize(
    ("password", "weak"),
    [
        ("short", True), ("aaaaaaaaaaaa", True), ("password1234", True), ("sam@example.org", True),
        ("1234567890", True),
        ("welkom2026!!", True), ("three quiet green boats", False), ("Zee-en-zand-9", False), ("x" * 2_000, True),
    ],
)  # fmt: skip
def test_weak_passwords_are_told(password: str, weak: bool) -> None:
    assert bool(passwords.weakness(password, email="sam@example.org")) is weak


@given(st.text(max_size=40))
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nobody_has_the_password_of_nobody(password: str) -> None:
    assert not passwords.matches(password, None)


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("a@example.org", True), ("a.b+c@sub.example.org", True), ("a", False), ("a@b", False), ("@example.org", False),
        ("a@@example.org", False), ("a b@example.org", False), ("a@example.org\n", False),
        ("a@example.org,b@example.org", False),
        ("<a@example.org>", False), ("a@" + "x" * 260 + ".org", False), ("a\u202e@example.org", False),
    ],
)  # fmt: skip
def test_what_is_an_address(text: str, fine: bool) -> None:
    assert is_email(text) is fine


def test_the_first_visit_takes_over_what_the_command_brought_in(
    stranger: Browser, runtime: Runtime, token: str
) -> None:
    with runtime.store.system() as tx:
        local = newcomer.local_owner(tx, now=runtime.now(), environment={})
    stranger.post("/start", FORM | {"token": token}, on="/sign-in")
    with runtime.store.system() as tx:
        (owner,) = accounts.owners(tx)
    assert (owner.id, owner.email) == (local.id, "new@example.org")
    assert owner.settings == {"first": {}}, "whoever came by the web has begun the first steps"
