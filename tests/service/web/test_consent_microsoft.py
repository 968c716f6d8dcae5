"""Connecting Microsoft from the pages: what differs from Google (test_consent.py), administrators first of all."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from integrations.microsoft.consent import PURPOSES, WHO
from keepwarm.store import Store, access, accounts
from keepwarm.store.accounts import Account, StreamState
from service import create_app
from service.security import CSP
from tests.emulators.microsoft import Microsoft, Person
from tests.integrations.microsoft.sides import Clock, towns
from tests.service.web import world
from tests.service.web.conftest import Browser, runtime_over, signed_in
from tests.service.web.screen import Quiet
from tests.service.web.test_browser import chromium, fits
from workers.runtime import Runtime

__all__ = ["chromium"]  # the fixture

HERE = "http://localhost"  # where the test client is
BACK = f"{HERE}/oauth/microsoft/callback"
FIRST = ("calendar", "contacts")
WIDER = "Microsoft has no smaller permission for this"
ASK = "/accounts/microsoft/administrator"
DONE = "/oauth/microsoft/callback?admin_consent=True&tenant=84bd8158&scope=x&state=administrator"


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[Microsoft]:
    with towns(tmp_path_factory.mktemp("town"), clock) as made:
        made.redirect_uris.append(BACK)
        yield made


@pytest.fixture(autouse=True)
def no_breaches(town: Microsoft) -> Iterator[None]:
    yield
    found = list(town.breaches)
    town.breaches.clear()
    town.faults.clear()
    town.consented_tenants.clear()
    assert found == []


def set_up(store: Store, town: Microsoft, folder: Path, clock: Clock, **more: str) -> Runtime:
    """An installation whose operator registered an app in this town."""
    folder.mkdir(exist_ok=True)
    secret = folder / "secret"
    secret.write_text(f"{town.client_secret}\n")
    made = runtime_over(
        store, folder / "home", clock(), ALLOW_HOSTS="localhost", BROKER_URL="memory://", PUBLIC_URL=HERE,
        MICROSOFT_BASE=town.base, MICROSOFT_CLIENT=town.client_id, MICROSOFT_SECRET=str(secret), **more,
    )  # fmt: skip
    made.home.mkdir(mode=0o700)
    return replace(made, clock=clock)


@pytest.fixture
def runtime(sqlite_store: Store, tmp_path: Path, town: Microsoft, clock: Clock) -> Runtime:
    return set_up(sqlite_store, town, tmp_path, clock)


@pytest.fixture
def person(town: Microsoft) -> Person:
    """Somebody new, at an organisation."""
    return town.person(f"robin{town.number()}@town.example", name="Robin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """An owner of Keepwarm at their browser, and what they say at Microsoft."""

    runtime: Runtime
    town: Microsoft
    browser: Browser
    id: str

    def begin(self, *purposes: str, account: str = "") -> str:
        """The address of Microsoft's page."""
        begun = self.browser.post(
            "/accounts/microsoft/begin", {"purpose": list(purposes), "account": account}, on="/accounts/connect"
        )
        assert begun.status_code == 303
        return str(begun.location)

    def says(self, url: str, person: Person, *, deny: bool = False) -> str:
        """The path that Microsoft's page leads back to: all or nothing."""
        back = self.town.consent(url, person, deny=deny)
        assert back.startswith(BACK)
        return back.removeprefix(HERE)

    def connects(self, person: Person, *purposes: str, account: str = "", deny: bool = False) -> TestResponse:
        return self.browser.get(self.says(self.begin(*(purposes or FIRST), account=account), person, deny=deny))

    def told(self, path: str = "/accounts") -> str:
        return unescape(self.browser.get(path).text)

    def accounts(self) -> list[Account]:
        with self.runtime.store.reading(self.id) as tx:
            return [each for each in accounts.accounts(tx) if each.provider == "microsoft"]

    def streams(self) -> list[StreamState]:
        with self.runtime.store.reading(self.id) as tx:
            return [each for each in accounts.streams(tx) if each.provider == "microsoft"]

    def kinds(self) -> set[str]:
        return {str(each.stream.kind) for each in self.streams()}

    def letter(self, path: str = ASK) -> str:
        return self.told(path).partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0]

    def link(self) -> str:
        """The administrator's, as it stands in the letter."""
        return next(each for each in self.letter().splitlines() if each.startswith(self.town.base))


def app_over(runtime: Runtime) -> Flask:
    made = create_app(runtime)
    made.config["TESTING"] = True
    return made


@pytest.fixture
def app(runtime: Runtime) -> Flask:
    return app_over(runtime)


@pytest.fixture
def owner(app: Flask, runtime: Runtime, town: Microsoft, clock: Clock) -> Owner:
    made = world.make_owner(runtime.store, clock())
    return Owner(runtime=runtime, town=town, browser=signed_in(app, made), id=made)


@pytest.fixture
def blocked(town: Microsoft, monkeypatch: pytest.MonkeyPatch) -> None:
    """The organisation lets nobody allow it but its administrator."""
    monkeypatch.setattr(town, "blocks_user_consent", True)


# --- there and back ---------------------------------------------------------------------------------------------------


def test_calendar_and_contacts_are_connected_first_and_mail_is_asked_about_afterwards(
    owner: Owner, person: Person
) -> None:
    back = owner.connects(person)
    (account,) = owner.accounts()
    assert (account.name, owner.kinds()) == (person.address, {"calendar", "contacts"})
    assert (back.status_code, back.location) == (303, f"/accounts/{account.id}/mail")
    page = owner.told(back.location)
    assert page.count('name="purpose"') == 2
    assert "Ask Microsoft" in page
    assert owner.connects(person, "mail", "send", account=account.id).location == "/accounts"
    assert owner.kinds() == {"calendar", "contacts", "mail"}
    assert owner.told().count("✓") == 4


def test_microsoft_is_told_who_asks_and_for_what(owner: Owner, person: Person) -> None:
    query = parse_qs(urlsplit(owner.begin("calendar")).query)
    assert query["redirect_uri"] == [BACK]
    assert set(query["scope"][0].split()) == {*WHO, *PURPOSES["calendar"]}
    owner.connects(person)
    query = parse_qs(urlsplit(owner.begin("mail", account=owner.accounts()[0].id)).query)
    assert query["login_hint"] == [person.address]
    assert set(query["scope"][0].split()) == {*WHO, *(scope for each in (*FIRST, "mail") for scope in PURPOSES[each])}


def test_what_a_permission_would_allow_too_is_said_before_it_is_asked(owner: Owner, person: Person) -> None:
    page = owner.told("/accounts/connect")
    assert page.count(WIDER) == 1
    assert "change other calendars; Keepwarm does not." in page
    owner.connects(person)
    before = owner.told().partition("Allow messages among my drafts")[0]
    assert "A text that you asked for is put among your drafts. Keepwarm never sends it." in before
    assert f"{WIDER}: it would also let Keepwarm read, change and delete mail; Keepwarm does not." in before
    owner.connects(person, "draft", account=owner.accounts()[0].id)
    assert owner.accounts()[0].settings["drafts"] is True
    assert WIDER not in owner.told()  # it is allowed: said and done


def test_disconnecting_forgets_and_says_where_to_take_it_back(owner: Owner, person: Person) -> None:
    owner.connects(person)
    (account,) = owner.accounts()
    page = owner.told()
    for place in ("myapps.microsoft.com", "account.live.com/consent/Manage"):
        assert page.count(place) == 1
    assert "given back at Microsoft" not in page
    path = f"/accounts/{account.id}/disconnect"
    said = owner.browser.post(path, {"events": "remove"}, on="/settings", follow_redirects=True).text
    assert "The permission is forgotten here" in said
    assert "myapps.microsoft.com" in said
    assert owner.accounts() == []


def test_no_is_no(sqlite_store: Store, tmp_path: Path, town: Microsoft, clock: Clock) -> None:
    """Where there can be no administrator, nobody is sent to one."""
    runtime = set_up(sqlite_store, town, tmp_path, clock, MICROSOFT_TENANT="consumers")
    made = world.make_owner(runtime.store, clock())
    owner = Owner(runtime=runtime, town=town, browser=signed_in(app_over(runtime), made), id=made)
    robin = town.person(f"robin{town.number()}@outlook.example", personal=True)
    assert owner.connects(robin, deny=True).location == "/accounts/connect"
    assert "You did not allow it, so nothing was changed." in owner.told("/accounts/connect")
    assert owner.accounts() == []


# --- where an administrator has to agree ------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [90094, 65001])
def test_an_organisation_that_wants_its_administrator_leads_to_a_text_for_them(
    owner: Owner, person: Person, blocked: None, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(owner.town, "consent_refusal", number)
    assert owner.connects(person).location == ASK
    page = owner.told(ASK)
    assert "Your organisation lets only an administrator allow this. Nothing was changed." in page
    assert 'href="mailto:?subject=' in page
    assert 'data-copy="message"' in page
    assert 'data-takes="message"' in page, "the link follows what is changed in the field"
    assert '<noscript><p class="faint">The link takes the text as it was proposed.' in page
    assert owner.accounts() == []
    assert owner.told(ASK) == page  # a reload shows it again


def test_the_letter_names_what_stands_behind_its_link_and_no_more(owner: Owner, person: Person, blocked: None) -> None:
    owner.connects(person)
    asked = parse_qs(urlsplit(owner.link()).query)["scope"][0].split()
    letter = owner.letter()
    named = [each.rpartition("/")[2] for each in asked]
    assert not [each for each in named if each not in letter]
    assert "Mail.ReadWrite" not in letter
    assert "- Calendars.ReadWrite, MailboxSettings.Read: to see when, where and with whom I meet" in letter
    assert "It never reads what a mail says, its subject or its attachments." in letter
    assert HERE in letter
    mail = unquote(owner.told(ASK).partition('href="mailto:')[2].partition('"')[0])
    assert letter.replace("\n", "\r\n") in mail
    assert owner.town.client_secret not in owner.told(ASK)


def test_the_letter_is_there_in_both_languages(owner: Owner, person: Person, blocked: None) -> None:
    owner.connects(person)
    assert owner.letter().startswith("Hello,")
    assert "Alvast bedankt,\nSam" in owner.letter(f"{ASK}?lang=nl")
    assert owner.letter(f"{ASK}?lang=xx") == owner.letter()
    assert owner.link() in owner.letter(f"{ASK}?lang=nl")


def test_once_the_administrator_agreed_it_connects(owner: Owner, person: Person, blocked: None, app: Flask) -> None:
    owner.connects(person)
    answer = Browser(app).get(DONE)
    owner.town.admin_consents(person.tid)
    assert (answer.status_code, "It is allowed now at Microsoft." in answer.text) == (200, True)
    assert owner.connects(person).location.endswith("/mail")
    assert owner.browser.get(ASK).location == "/accounts/connect"  # nothing waits any more


def test_what_waits_for_an_administrator_is_shown_to_whoever_asked_alone(
    owner: Owner, person: Person, blocked: None, app: Flask, clock: Clock
) -> None:
    owner.connects(person)
    assert owner.browser.get("/accounts/google/administrator").location == "/accounts/connect"
    other = world.make_owner(owner.runtime.store, clock(), email="kim@example.org")
    with owner.runtime.store.system() as tx:
        token = access.new_session(tx, other, clock())
    with owner.browser.client.session_transaction() as session:
        session["token"] = token  # the same cookie, and somebody else behind it
    assert owner.browser.get(ASK).location == "/accounts/connect"
    assert Browser(app).get(ASK).location == "/sign-in"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("admin_consent=True&tenant=CANARY&scope=CANARY&state=CANARY", "It is allowed now"),
        ("admin_consent=True&tenant=CANARY&state=administrator", "It is allowed now"),
        ("error=access_denied&error_description=CANARY&state=administrator", "did not allow it"),
        ("admin_consent=True&error=CANARY&error_description=CANARY", "did not allow it"),
        ("admin_consent=CANARY", "did not allow it"),
        ("state=administrator&code=CANARY", "did not allow it"),
        (f"admin_consent=True&tenant={'CANARY' * 900}", "It is allowed now"),
        ("admin_consent=True&x=%3Cscript%3ECANARY%3C/script%3E", "It is allowed now"),
    ],
)
def test_an_administrator_who_comes_back_is_thanked_and_nothing_else_happens(
    app: Flask, owner: Owner, query: str, says: str
) -> None:
    stranger = Browser(app)
    answer = stranger.get(f"/oauth/microsoft/callback?{query}")
    assert (answer.status_code, says in answer.text) == (200, True)
    assert "CANARY" not in answer.text
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Content-Security-Policy"] == CSP
    assert owner.accounts() == []


def test_an_administrators_answer_does_not_end_a_visit_that_is_under_way(owner: Owner, person: Person) -> None:
    path = owner.says(owner.begin(*FIRST), person)
    assert "Connect an account" in owner.told(DONE)  # signed in, they can go on from there
    assert owner.browser.get(path).location.endswith("/mail")


def test_only_an_administrator_comes_back_without_signing_in(app: Flask, owner: Owner) -> None:
    stranger = Browser(app)
    for query in ("", "?state=x&code=y", "?error=access_denied&state=x", "?code=y&next=//evil.example"):
        assert stranger.get(f"/oauth/microsoft/callback{query}").location == "/sign-in"
    assert stranger.get("/oauth/evil/callback?admin_consent=True").status_code == 404
    assert stranger.post("/oauth/microsoft/callback?admin_consent=True", on="/sign-in").status_code == 405


# --- how it looks -----------------------------------------------------------------------------------------------------


def test_google_and_microsoft_stand_side_by_side(
    sqlite_store: Store, tmp_path: Path, town: Microsoft, clock: Clock
) -> None:
    file = tmp_path / "google.json"
    file.write_text(json.dumps({"web": {"client_id": "g", "client_secret": "s"}}))
    runtime = set_up(sqlite_store, town, tmp_path, clock, GOOGLE_CLIENT=str(file), GOOGLE_BASE="https://localhost:9")
    browser = signed_in(app_over(runtime), world.make_owner(runtime.store, clock()))
    answer = browser.get("/accounts/connect")
    assert "Go on with Google" in answer.text
    assert "Go on with Microsoft" in answer.text
    assert "is not set up here" not in answer.text
    assert answer.text.count(WIDER) == 1
    leads = f"form-action 'self' https://localhost:9 {town.base}"
    assert answer.headers["Content-Security-Policy"] == CSP.replace("form-action 'self'", leads)


def test_without_a_registration_there_is_one_quiet_line(sqlite_store: Store, tmp_path: Path, clock: Clock) -> None:
    runtime = runtime_over(sqlite_store, tmp_path, clock(), BROKER_URL="memory://", PUBLIC_URL=HERE)
    browser = signed_in(create_app(runtime), world.make_owner(runtime.store, clock()))
    page = browser.get("/accounts/connect").text
    assert "Microsoft is not set up here." in page
    assert "/accounts/microsoft/begin" not in page
    assert "KEEPWARM_MICROSOFT_CLIENT" in browser.get("/accounts/microsoft/check").text


def test_whoever_runs_it_sees_line_by_line_how_it_stands(owner: Owner, person: Person) -> None:
    owner.connects(person)
    page = owner.told("/accounts/microsoft/check")
    assert "Nothing is missing." in page
    assert "docs/microsoft.md leads through it" in page
    assert BACK in page
    assert owner.town.client_secret not in page
    assert person.address not in page
    assert "/accounts/microsoft/check" in owner.told("/health")


@pytest.mark.parametrize(
    ("ends", "says", "due"),
    [("2027-11-30", "ends on 30 November 2027.", False), ("2026-12-01", "ends on 1 December 2026.", True),
     ("2026-11-01", "ended on 1 November 2026.", True)],
)  # fmt: skip
def test_health_tells_when_the_secret_ends(
    sqlite_store: Store, tmp_path: Path, town: Microsoft, clock: Clock, ends: str, says: str, due: bool
) -> None:
    runtime = set_up(sqlite_store, town, tmp_path, clock, MICROSOFT_SECRET_ENDS=ends)
    browser = signed_in(app_over(runtime), world.make_owner(runtime.store, clock()))
    page = browser.get("/health").text
    line = next(each for each in page.splitlines() if says in each)
    assert ('class="due"' in line) is due


def test_every_page_speaks_dutch(owner: Owner, person: Person, blocked: None) -> None:
    owner.connects(person)
    owner.town.admin_consents(person.tid)
    with owner.runtime.store.transaction(owner.id) as tx:
        accounts.update_owner(tx, lang="nl")
    english = ("Reads when", "allow", "smaller", "Not now", "set up", "missing", "administrator", "Thank", "forgotten")
    pages = [ASK, DONE, "/accounts/connect", "/accounts/microsoft/check"]
    shown = {path: owner.told(path) for path in pages}
    owner.connects(person)
    (account,) = owner.accounts()
    shown |= {path: owner.told(path) for path in ("/accounts", f"/accounts/{account.id}/mail")}
    for path, page in shown.items():
        seen = " ".join(part.partition(">")[2] for part in page.split("<main")[1].split("</main>")[0].split("<"))
        seen = " ".join(each for each in seen.split() if "://" not in each)  # the link names its state
        assert not [each for each in english if each in seen], path


@pytest.mark.browser
@pytest.mark.slow
def test_chromium_goes_to_microsoft_and_back_and_so_does_an_administrator(
    owner: Owner, app: Flask, person: Person, blocked: None, chromium: Chromium
) -> None:
    """On a phone: refused, the administrator agrees in a browser of their own, connected, drafts left out."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    here = f"http://localhost:{server.server_port}"
    app.extensions["keepwarm"] = replace(owner.runtime, settings=replace(owner.runtime.settings, public_url=here))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    phone = {"viewport": {"width": 360, "height": 740}, "ignore_https_errors": True}
    try:
        page = chromium.new_context(**phone).new_page()
        page.goto(here)
        page.get_by_label("E-mail address").fill(world.OWNER)
        page.get_by_label("Password").fill(world.PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()

        def connect() -> None:
            page.goto(f"{here}/accounts/connect")
            page.get_by_role("button", name="Go on with Microsoft").click()
            page.wait_for_url(f"{owner.town.base}/**")
            page.locator(f'input[value="{person.oid}"]').check()
            page.locator('button[value="allow"]').click()

        connect()
        page.wait_for_url(f"{here}{ASK}")
        assert fits(page)
        link = page.get_by_role("link", name="Allow it at Microsoft").get_attribute("href")
        theirs = chromium.new_context(**phone).new_page()
        theirs.goto(str(link))
        theirs.locator('button[value="allow"]').click()
        theirs.get_by_role("heading", name="Thank you").wait_for()
        assert fits(theirs)
        connect()
        page.wait_for_url(f"{here}/accounts/*/mail")
        assert fits(page)
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()
    assert owner.kinds() == {"calendar", "contacts"}
