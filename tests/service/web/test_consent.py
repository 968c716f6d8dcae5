"""Connecting Google from the pages: there, what the person says on its page, and back; over the emulator of Google."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from integrations.google.consent import PURPOSES, WHO
from keepwarm.store import Store, access, accounts
from keepwarm.store.accounts import Account, StreamState
from keepwarm.types import Place, StreamKind
from service import create_app
from service.security import CSP
from tests.emulators.google import Google, Person
from tests.integrations.google.sides import Clock, towns
from tests.service.web import world
from tests.service.web.conftest import Browser, runtime_over, signed_in
from tests.service.web.screen import Quiet
from tests.service.web.test_browser import chromium, fits
from workers import sync
from workers.runtime import Runtime

__all__ = ["chromium"]  # the fixture

HERE = "http://localhost"  # where the test client is
BACK = f"{HERE}/oauth/google/callback"
FIRST = ("calendar", "contacts")


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[Google]:
    with towns(tmp_path_factory.mktemp("town"), clock) as made:
        yield made


@pytest.fixture(autouse=True)
def no_breaches(town: Google) -> Iterator[None]:
    yield
    found = list(town.breaches)
    town.breaches.clear()
    town.faults.clear()
    assert found == []


@pytest.fixture
def runtime(sqlite_store: Store, tmp_path: Path, town: Google, clock: Clock) -> Runtime:
    file = town.client_file(tmp_path, [BACK])
    made = runtime_over(
        sqlite_store, tmp_path / "home", clock(), ALLOW_HOSTS="localhost", BROKER_URL="memory://", PUBLIC_URL=HERE,
        GOOGLE_BASE=town.base, GOOGLE_CLIENT=str(file),
    )  # fmt: skip
    made.home.mkdir(mode=0o700)
    return replace(made, clock=clock)


@pytest.fixture
def person(town: Google) -> Person:
    """Somebody new, with a calendar and an address book."""
    return town.person(f"robin{town.number()}@town.example", name="Robin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """An owner of Keepwarm at their browser, and what they say at Google."""

    runtime: Runtime
    town: Google
    browser: Browser
    id: str

    def begin(self, *purposes: str, account: str = "") -> str:
        """The address of Google's page."""
        begun = self.browser.post(
            "/accounts/google/begin", {"purpose": list(purposes), "account": account}, on="/accounts/connect"
        )
        assert begun.status_code == 303
        return str(begun.location)

    def says(self, url: str, person: Person, *purposes: str, deny: bool = False) -> str:
        """The path that Google's page leads back to; with ``purposes`` only those are ticked."""
        ticked = [*WHO, *(scope for each in purposes for scope in PURPOSES[each])] if purposes else None
        back = self.town.consent(url, person, ticked, deny=deny)
        assert back.startswith(BACK)
        return back.removeprefix(HERE)

    def connects(self, person: Person, *purposes: str, account: str = "") -> TestResponse:
        """Asked for these, allowed them all."""
        return self.browser.get(self.says(self.begin(*(purposes or FIRST), account=account), person))

    def told(self, path: str = "/accounts") -> str:
        return self.browser.get(path).text

    def accounts(self) -> list[Account]:
        with self.runtime.store.reading(self.id) as tx:
            return [each for each in accounts.accounts(tx) if each.provider == "google"]

    def streams(self) -> list[StreamState]:
        with self.runtime.store.reading(self.id) as tx:
            return [each for each in accounts.streams(tx) if each.provider == "google"]

    def kinds(self) -> set[str]:
        return {str(each.stream.kind) for each in self.streams()}


@pytest.fixture
def app(runtime: Runtime) -> Flask:
    made = create_app(runtime)
    made.config["TESTING"] = True
    return made


@pytest.fixture
def owner(app: Flask, runtime: Runtime, town: Google, clock: Clock) -> Owner:
    made = world.make_owner(runtime.store, clock())
    return Owner(runtime=runtime, town=town, browser=signed_in(app, made), id=made)


@pytest.fixture
def other(app: Flask, owner: Owner, clock: Clock) -> Owner:
    made = world.make_owner(owner.runtime.store, clock(), email="kim@example.org")
    return replace(owner, browser=signed_in(app, made), id=made)


# --- there and back ---------------------------------------------------------------------------------------------------


def test_calendar_and_contacts_are_connected_first_and_mail_is_asked_about_afterwards(
    owner: Owner, person: Person
) -> None:
    back = owner.connects(person)
    (account,) = owner.accounts()
    assert (account.name, owner.kinds()) == (person.address, {"calendar", "contacts"})
    assert (back.status_code, back.location) == (303, f"/accounts/{account.id}/mail")
    page = owner.told(back.location)
    assert "And your mail?" in page
    assert "Connected." in page
    assert page.count('name="purpose"') == 2
    assert "Not now" in page
    assert owner.connects(person, "mail", "send", account=account.id).location == "/accounts"
    assert owner.kinds() == {"calendar", "contacts", "mail"}
    assert owner.told().count("✓") == 4
    assert owner.browser.get(f"/accounts/{account.id}/mail").location == "/accounts"  # nothing is left to ask


def test_google_is_told_who_asks_and_for_what(owner: Owner, person: Person) -> None:
    query = parse_qs(urlsplit(owner.begin("calendar")).query)
    assert query["redirect_uri"] == [BACK]
    assert set(query["scope"][0].split()) == {*WHO, *PURPOSES["calendar"]}
    assert "login_hint" not in query
    owner.connects(person)
    query = parse_qs(urlsplit(owner.begin("mail", account=owner.accounts()[0].id)).query)
    assert query["login_hint"] == [person.address]
    assert set(query["scope"][0].split()) == {*WHO, *(scope for each in (*FIRST, "mail") for scope in PURPOSES[each])}


def test_tokens_are_nowhere_in_the_clear(owner: Owner, person: Person, tmp_path: Path) -> None:
    owner.connects(person)
    held = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    refresh = [token for token, each in owner.town.grants.refresh.items() if each.sub == person.sub]
    assert refresh
    assert not [token for token in refresh if token.encode() in held]


def test_what_was_not_ticked_is_off_and_can_be_allowed_later(owner: Owner, person: Person) -> None:
    owner.browser.get(owner.says(owner.begin(*FIRST), person, "calendar"))
    (account,) = owner.accounts()
    assert owner.kinds() == {"calendar"}
    page = owner.told()
    assert "Not allowed, and therefore off: Contacts." in page
    assert page.count("You did not allow this at Google.") == 1
    assert page.count("Not asked for yet.") == 2
    assert 'aria-label="Allow: Contacts"' in page
    owner.connects(person, "contacts", account=account.id)
    assert owner.kinds() == {"calendar", "contacts"}
    assert "You did not allow this" not in owner.told()


def test_allowing_more_keeps_what_was_chosen_and_where_reading_is(owner: Owner, person: Person) -> None:
    owner.connects(person)
    (account,) = owner.accounts()
    (calendar,) = [each for each in owner.streams() if each.stream.kind is StreamKind.CALENDAR]
    place = f"calendar {calendar.stream.place_ref}"
    owner.browser.post(f"/accounts/{account.id}/places", {"place": [place]}, on="/settings")
    sync.sync_stream(owner.runtime, calendar.stream.id)
    (before,) = owner.streams()
    assert before.stream.cursor
    owner.connects(person, "mail", account=account.id)
    after = {each.stream.kind: each for each in owner.streams()}
    assert set(after) == {StreamKind.CALENDAR, StreamKind.MAIL}
    assert after[StreamKind.CALENDAR].stream == before.stream


def test_drafts_are_asked_for_when_they_are_wanted(owner: Owner, person: Person) -> None:
    owner.connects(person)
    (account,) = owner.accounts()
    assert "Allow messages among my drafts" in owner.told()
    owner.browser.get(owner.says(owner.begin("draft", account=account.id), person, *FIRST))
    assert not owner.accounts()[0].settings.get("drafts")
    assert "You did not allow this at Google." in owner.told()
    owner.connects(person, "draft", account=account.id)
    assert owner.accounts()[0].settings["drafts"] is True
    assert "Messages you ask for are put among your drafts." in owner.told()
    owner.browser.post(f"/accounts/{account.id}/drafts", {"drafts": "no"}, on="/settings")
    assert owner.accounts()[0].settings["drafts"] is False


def test_a_withdrawn_permission_is_given_anew_and_nothing_is_lost(owner: Owner, person: Person) -> None:
    owner.connects(person)
    for each in owner.streams():
        sync.sync_stream(owner.runtime, each.stream.id)
    before = {each.stream.id: each.stream.cursor for each in owner.streams()}
    owner.town.withdraw(person)
    for each in owner.streams():
        sync.sync_stream(owner.runtime, each.stream.id)
    with owner.runtime.store.transaction(owner.id) as tx:
        for each in owner.streams():
            accounts.mark_stale(tx, each.stream.id, owner.runtime.now())
    for each in owner.streams():
        sync.sync_stream(owner.runtime, each.stream.id)
    (account,) = owner.accounts()
    page = owner.told()
    assert "Reconnect" in page
    assert "Allow: " not in page
    assert "can no longer be read" in owner.told("/coming")
    assert owner.connects(person, account=account.id).location == "/accounts"
    assert {each.stream.id: each.stream.cursor for each in owner.streams()} == before
    assert {each.revoked_at for each in owner.streams()} == {None}
    assert "Reconnect" not in owner.told()


def test_disconnecting_gives_the_permission_back(owner: Owner, person: Person) -> None:
    owner.connects(person)
    (account,) = owner.accounts()
    assert "The permission is given back at Google" in owner.told()
    said = owner.browser.post(
        f"/accounts/{account.id}/disconnect", {"events": "remove"}, on="/settings", follow_redirects=True
    )
    assert "The permission was given back at Google" in said.text
    assert "password" not in said.text.split("</header>")[1]
    assert person.sub not in owner.town.grants.granted
    assert owner.accounts() == []


def test_a_permission_that_ends_in_a_week_is_told(
    owner: Owner, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner.town, "testing", True)
    owner.connects(person)
    assert "the project there is still in testing" in owner.told()


# --- what changes nothing ---------------------------------------------------------------------------------------------


def nothing_changed(owner: Owner, says: str) -> None:
    assert owner.accounts() == []
    page = owner.told("/accounts/connect")
    assert says in page, page


def test_no_is_no(owner: Owner, person: Person) -> None:
    back = owner.browser.get(owner.says(owner.begin(*FIRST), person, deny=True))
    assert back.location == "/accounts/connect"
    nothing_changed(owner, "You did not allow it")


def test_nothing_ticked_is_nothing_saved(owner: Owner, person: Person) -> None:
    url = owner.begin(*FIRST)
    owner.browser.get(owner.town.consent(url, person, list(WHO)).removeprefix(HERE))
    nothing_changed(owner, "You allowed nothing")


def test_nothing_is_asked_where_nothing_is_ticked_here(owner: Owner) -> None:
    assert owner.begin() == "/accounts/connect"
    nothing_changed(owner, "Tick at least one thing")


def test_an_answer_is_good_once(owner: Owner, person: Person) -> None:
    url = owner.begin(*FIRST)
    cookie = owner.browser.client.get_cookie("keepwarm")
    assert cookie
    path = owner.says(url, person)
    owner.browser.get(path)
    assert owner.browser.get(path).location == "/accounts/connect"
    assert "belongs to no visit" in owner.told("/accounts/connect")
    owner.browser.client.set_cookie("keepwarm", cookie.value)  # somebody kept the cookie of before
    assert owner.browser.get(path).location == "/accounts/connect"
    assert "or it was answered before" in owner.told("/accounts/connect")
    assert len(owner.accounts()) == 1


def test_an_answer_that_comes_late_is_too_old(owner: Owner, person: Person, clock: Clock) -> None:
    url = owner.begin(*FIRST)
    clock.goes(minutes=11)
    owner.browser.get(owner.says(url, person))
    nothing_changed(owner, "longer than ten minutes")


def test_another_browser_changes_nothing(owner: Owner, person: Person, app: Flask) -> None:
    path = owner.says(owner.begin(*FIRST), person)
    elsewhere = replace(owner, browser=signed_in(app, owner.id))
    elsewhere.browser.get(path)
    nothing_changed(elsewhere, "belongs to no visit")
    assert owner.browser.get(path).location.endswith("/mail")  # and it is still good where it was begun


def test_nobody_takes_the_answer_of_another_owner(owner: Owner, other: Owner, person: Person) -> None:
    """Neither by its address nor with a visit of their own under way."""
    path = owner.says(owner.begin(*FIRST), person)
    other.begin(*FIRST)
    other.browser.get(path)
    nothing_changed(other, "belongs to no visit")
    assert owner.accounts() == []


def test_a_visit_ends_when_its_owner_signs_out(owner: Owner, other: Owner, person: Person) -> None:
    path = owner.says(owner.begin(*FIRST), person)
    owner.browser.post("/sign-out", on="/settings")
    owner.browser.sign_in("kim@example.org")
    owner.browser.get(path)
    assert (owner.accounts(), other.accounts()) == ([], [])


def test_a_forged_answer_does_not_end_the_visit_that_is_under_way(owner: Owner, person: Person) -> None:
    path = owner.says(owner.begin(*FIRST), person)
    for query in ("", "?state=x&code=y", "?error=access_denied", f"?state={'ü' * 9000}"):
        assert owner.browser.get(f"/oauth/google/callback{query}").location == "/accounts/connect"
    nothing_changed(owner, "belongs to no visit")
    assert owner.browser.get(path).location.endswith("/mail")


def test_an_answer_of_another_issuer_is_not_believed(owner: Owner, person: Person) -> None:
    """A mix-up: RFC 9207."""
    path, _, query = owner.says(owner.begin(*FIRST), person).partition("?")
    told = {name: values[0] for name, values in parse_qs(query).items()}
    owner.browser.get(f"{path}?{urlencode(told | {'iss': 'https://accounts.example.com'})}")
    nothing_changed(owner, "could not be proven")


def test_another_account_than_the_one_that_was_meant_is_refused(owner: Owner, town: Google, person: Person) -> None:
    owner.connects(person)
    (account,) = owner.accounts()
    stranger = town.person(f"sasha{town.number()}@town.example")
    owner.connects(stranger, "mail", account=account.id)
    assert "You chose another account there" in owner.told("/accounts/connect")
    assert owner.accounts() == [account]
    assert owner.kinds() == {"calendar", "contacts"}


@pytest.mark.parametrize(
    ("call", "fault", "says"),
    [
        ("oauth.token", "503", "Google does not answer just now"),
        ("oauth.token", "cut", "Google does not answer just now"),
        ("calendar.calendarList.list", "403-disabled", "not switched on"),
        ("calendar.calendarList.list", "503", "Google does not answer just now"),
    ],
)
def test_where_google_fails_nothing_is_saved(owner: Owner, person: Person, call: str, fault: str, says: str) -> None:
    owner.town.faults.add(call, fault, times=None)
    owner.browser.get(owner.says(owner.begin(*FIRST), person))
    nothing_changed(owner, says)


def test_an_administrator_who_forbids_it_is_named(
    owner: Owner, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner.town, "admin_blocks", True)
    owner.browser.get(owner.says(owner.begin(*FIRST), person))
    nothing_changed(owner, "administrator")


# --- who may, and where it leads --------------------------------------------------------------------------------------


def test_a_stranger_is_sent_to_sign_in_and_nowhere_else(app: Flask, owner: Owner) -> None:
    stranger = Browser(app)
    for path in ("/oauth/google/callback?state=x&code=y&next=https://evil.example", "/accounts/google/check"):
        assert stranger.get(path).location == "/sign-in"
    assert owner.browser.get("/oauth/evil/callback").status_code == 404
    assert stranger.post("/accounts/google/begin", on="/sign-in").location == "/sign-in"


def test_it_leads_to_google_alone(owner: Owner, town: Google) -> None:
    """Whatever is sent along."""
    begun = owner.browser.post(
        "/accounts/google/begin", {"purpose": "calendar", "next": "//evil.example", "redirect_uri": "//evil.example"},
        on="/accounts/connect",
    )  # fmt: skip
    assert begun.location.startswith(f"{town.base}/o/oauth2/v2/auth?")
    assert owner.browser.post("/accounts/evil/begin", on="/settings").status_code == 404


def test_a_form_without_our_token_begins_nothing(owner: Owner) -> None:
    assert owner.browser.client.post("/accounts/google/begin", data={"purpose": "calendar"}).status_code == 400


def test_the_account_of_another_owner_is_not_there(owner: Owner, other: Owner, person: Person) -> None:
    owner.connects(person)
    (account,) = owner.accounts()
    assert other.browser.get(f"/accounts/{account.id}/mail").status_code == 404
    begun = other.browser.post("/accounts/google/begin", {"account": account.id}, on="/accounts/connect")
    assert begun.status_code == 404


def test_an_account_with_a_password_has_no_page_of_consent(owner: Owner, clock: Clock) -> None:
    with owner.runtime.store.transaction(owner.id) as tx:
        account = accounts.ensure_account(
            tx, provider="open", name="x", settings={"imap": "imaps://x:993"}, now=clock()
        )
        accounts.set_places(tx, account.id, [Place(ref="INBOX", name="", kind=StreamKind.MAIL)], clock())
    assert owner.browser.get(f"/accounts/{account.id}/mail").location == "/accounts"
    begun = owner.browser.post("/accounts/google/begin", {"account": account.id}, on="/accounts/connect")
    assert begun.status_code == 404
    assert "What you allowed" not in owner.told()


@pytest.mark.parametrize("path", ["/accounts", "/accounts/connect", "/accounts/{id}/mail"])
def test_only_pages_that_lead_to_google_may(owner: Owner, person: Person, town: Google, path: str) -> None:
    owner.connects(person)
    answer = owner.browser.get(path.format(id=owner.accounts()[0].id))
    policy = answer.headers.getlist("Content-Security-Policy")
    assert policy == [CSP.replace("form-action 'self'", f"form-action 'self' {town.base}")]
    assert owner.browser.get("/settings").headers["Content-Security-Policy"] == CSP


def test_another_name_of_this_machine_is_told_where_to_begin(owner: Owner) -> None:
    client = owner.browser.client
    page = client.get("/accounts/connect", base_url="http://127.0.0.1:8420")
    assert page.status_code == 303  # the cookie does not go there: signed out
    with owner.runtime.store.system() as tx:
        token = access.new_session(tx, owner.id, owner.runtime.now())
    with client.session_transaction(base_url="http://127.0.0.1:8420") as session:
        session["token"] = token
    text = client.get("/accounts/connect", base_url="http://127.0.0.1:8420").text
    token = text.split('name="csrf_token" value="')[1].split('"')[0]
    begun = client.post(
        "/accounts/google/begin", data={"csrf_token": token, "purpose": "calendar"}, base_url="http://127.0.0.1:8420"
    )
    assert begun.location == "/accounts/connect"
    told = client.get("/accounts/connect", base_url="http://127.0.0.1:8420").text
    assert f"Open Keepwarm at {HERE} and begin there" in told


@pytest.mark.browser
@pytest.mark.slow
def test_chromium_follows_the_form_to_google_and_back(
    owner: Owner, person: Person, app: Flask, town: Google, tmp_path: Path, chromium: Chromium
) -> None:
    """On a phone. What a policy forbids a form only a browser tells: it asks at every redirect."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    here = f"http://127.0.0.1:{server.server_port}"
    town.client_file(tmp_path, [f"{here}/oauth/google/callback"])
    app.extensions["keepwarm"] = replace(owner.runtime, settings=replace(owner.runtime.settings, public_url=here))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        context = chromium.new_context(viewport={"width": 360, "height": 740}, ignore_https_errors=True)
        context.route("**/favicon.ico", lambda route: route.abort())
        page = context.new_page()
        page.goto(here)
        page.get_by_label("E-mail address").fill(world.OWNER)
        page.get_by_label("Password").fill(world.PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.goto(f"{here}/accounts/connect")
        page.get_by_role("button", name="Go on with Google").click()
        page.wait_for_url(f"{town.base}/**")
        page.locator(f'input[value="{person.sub}"]').check()
        page.locator('button[value="allow"]').click()
        page.wait_for_url(f"{here}/accounts/*/mail")
        assert fits(page)
        page.get_by_role("link", name="Not now").click()
        page.get_by_role("button", name="Allow: Sending").click()
        page.wait_for_url(f"{town.base}/**")
        page.locator('button[value="cancel"]').click()
        page.wait_for_url(f"{here}/accounts")
        assert page.get_by_text("You did not allow it").is_visible()
        assert fits(page)
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()
    assert owner.kinds() == {"calendar", "contacts"}


# --- how it looks -----------------------------------------------------------------------------------------------------


def test_without_a_client_there_is_one_quiet_line(sqlite_store: Store, tmp_path: Path, clock: Clock) -> None:
    runtime = runtime_over(sqlite_store, tmp_path, clock(), BROKER_URL="memory://", PUBLIC_URL=HERE)
    browser = signed_in(create_app(runtime), world.make_owner(runtime.store, clock()))
    page = browser.get("/accounts/connect").text
    assert "Google is not set up here." in page
    assert "/accounts/google/begin" not in page
    begun = browser.post("/accounts/google/begin", {"purpose": "calendar"}, on="/accounts/connect")
    assert begun.location == "/accounts/connect"
    assert "KEEPWARM_GOOGLE_CLIENT" in browser.get("/accounts/google/check").text


def test_whoever_runs_it_sees_line_by_line_what_is_missing(owner: Owner, person: Person) -> None:
    owner.connects(person)
    page = owner.told("/accounts/google/check")
    assert "Nothing is missing." in page
    assert "It leads to this machine, so nobody reaches us from outside" in page
    owner.town.faults.add("calendar.calendarList.list", "403-disabled", times=None)
    page = owner.told("/accounts/google/check")
    assert "Mend the lines with a cross" in page
    assert "Not switched on" in page
    assert owner.town.client_secret not in page
    assert person.address not in page
    assert "/accounts/google/check" in owner.told("/health")


def test_every_page_speaks_dutch(owner: Owner, person: Person) -> None:
    owner.connects(person)
    with owner.runtime.store.transaction(owner.id) as tx:
        accounts.update_owner(tx, lang="nl")
    (account,) = owner.accounts()
    english = ("Reads when", "allow", "Mail headers", "Sending", "Not now", "other provider", "set up", "missing")
    for path in ("/accounts", "/accounts/connect", f"/accounts/{account.id}/mail", "/accounts/google/check"):
        page = owner.told(path).split("<main")[1].split("</main>")[0]
        seen = " ".join(part.partition(">")[2] for part in page.split("<"))
        assert not [each for each in english if each in seen], path


def test_how_news_comes_is_told_for_each_stream(owner: Owner, person: Person) -> None:
    owner.connects(person)
    why = "Google gives no notices about address books."
    again = owner.runtime.now() + timedelta(days=1)
    with owner.runtime.store.transaction(owner.id) as tx:
        for each in accounts.streams(tx):
            contacts = each.stream.kind is StreamKind.CONTACTS
            accounts.note_notices(tx, each.stream.id, "" if contacts else "push", why if contacts else "", again)
    page = owner.told()
    assert page.count("Google tells of news at once") == 1
    assert page.count(f"looked at every five minutes: {why}") == len(owner.streams()) - 1
