"""The emulated identity platform: the pages, tokens, what ends them, and administrators."""

from __future__ import annotations

import base64
import hashlib
import shutil
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from playwright.sync_api import sync_playwright

from tests.conftest import absent
from tests.emulators.asking import Clock
from tests.emulators.graph import Graph
from tests.emulators.microsoft import Microsoft, Person
from tests.emulators.microsoft.person import PERSONAL
from tests.emulators.microsoft.town import WORK
from tests.emulators.stand.tokens import key, read

REDIRECT = "https://keepwarm.example/oauth/microsoft/callback"
VERIFIER = "v" * 64
OTHER = "11111111-2222-3333-4444-555555555555"
ASKED = "openid profile email offline_access https://graph.microsoft.com/User.Read Mail.ReadBasic"


@pytest.fixture(autouse=True)
def registered(outlook: Microsoft) -> None:
    outlook.redirect_uris = [REDIRECT, "http://localhost:5000/callback"]


def page(town: Microsoft, tenant: str = "common", **more: str) -> str:
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "client_id": town.client_id, "redirect_uri": REDIRECT, "response_type": "code", "state": "s1", "nonce": "n1",
        "scope": ASKED, "code_challenge": challenge, "code_challenge_method": "S256", "prompt": "select_account",
    }  # fmt: skip
    return f"{town.base}/{tenant}/oauth2/v2.0/authorize?{urlencode(asked | more)}"


def exchange(client: Graph, tenant: str = "common", **form: str) -> requests.Response:
    client.token = ""
    own = {"client_id": client.town.client_id, "client_secret": "8Q~secret", "redirect_uri": REDIRECT}
    return client.ask("POST", f"{client.town.base}/{tenant}/oauth2/v2.0/token", data=own | form)


def by_code(client: Graph, to: str, **more: str) -> requests.Response:
    sent = parse_qs(urlsplit(to).query)
    return exchange(
        client, grant_type="authorization_code", code=sent["code"][0], **({"code_verifier": VERIFIER} | more)
    )


def refresh(client: Graph, token: str, **more: str) -> requests.Response:
    return exchange(client, grant_type="refresh_token", refresh_token=token, **more)


def number(answer: requests.Response) -> tuple[str, int]:
    told = answer.json()
    assert told["error_description"].startswith(f"AADSTS{told['error_codes'][0]}: ")
    return told["error"], told["error_codes"][0]


def test_sign_in_by_the_page(msgraph: Graph, anna: Person) -> None:
    msgraph.token = ""
    url = page(msgraph.town, login_hint=anna.address)
    shown = msgraph.ask("GET", url)
    assert (shown.status_code, "<li>Mail.ReadBasic</li>" in shown.text) == (200, True)
    form = {"request": urlsplit(url).query, "person": anna.oid, "decision": "allow"}
    to = msgraph.ask("POST", url.partition("?")[0], data=form).headers["Location"]
    sent = parse_qs(urlsplit(to).query)
    assert (sent["state"], "iss" in sent) == (["s1"], False)
    given = by_code(msgraph, to).json()
    assert set(given["scope"].split()) == {"openid", "profile", "email", "User.Read", "Mail.ReadBasic"}
    claims = read(given["id_token"], key("microsoft"))
    assert claims["iss"] == f"https://login.microsoftonline.com/{WORK}/v2.0"
    assert (claims["aud"], claims["tid"], claims["oid"]) == (msgraph.town.client_id, WORK, anna.oid)
    assert (claims["nonce"], claims["email"], claims["preferred_username"]) == ("n1", anna.address, anna.address)
    assert claims["sub"] not in (anna.oid, anna.address)
    msgraph.token = given["access_token"]
    assert msgraph.get("/me")["id"] == anna.oid
    assert msgraph.ask("GET", f"{msgraph.town.base}/oidc/userinfo").json()["sub"] == claims["sub"]
    assert msgraph.town.breaches == []


def test_documents(msgraph: Graph) -> None:
    for tenant, owner in (("common", "{tenantid}"), (WORK, WORK)):
        found = msgraph.ask("GET", f"{msgraph.town.base}/{tenant}/v2.0/.well-known/openid-configuration").json()
        assert found["issuer"] == f"https://login.microsoftonline.com/{owner}/v2.0"
        assert found["token_endpoint"] == f"{msgraph.town.base}/{tenant}/oauth2/v2.0/token"
        assert "revocation_endpoint" not in found
        (own,) = msgraph.ask("GET", found["jwks_uri"]).json()["keys"]
        assert (own["kid"], own["kty"]) == ("microsoft", "RSA")


def test_code_is_good_once_for_a_while_and_with_its_verifier(msgraph: Graph, anna: Person, clock: Clock) -> None:
    to = msgraph.town.consent(page(msgraph.town), anna)
    assert number(by_code(msgraph, to, code_verifier="w" * 64)) == ("invalid_grant", 501481)
    assert number(by_code(msgraph, to, redirect_uri=f"{REDIRECT}/")) == ("invalid_grant", 500112)
    assert by_code(msgraph, to).status_code == 200
    assert number(by_code(msgraph, to)) == ("invalid_grant", 54005)
    to = msgraph.town.consent(page(msgraph.town), anna)
    clock.on(minutes=10)
    assert number(by_code(msgraph, to)) == ("invalid_grant", 70008)


@pytest.mark.parametrize(
    "wrong",
    [
        {"redirect_uri": f"{REDIRECT}/"}, {"code_challenge_method": "plain"}, {"scope": "openid Mail.Nothing"},
        {"client_id": "another"}, {"response_mode": "fragment"}, {"state": ""}, {"nonce": ""}, {"prompt": "always"},
        {"claims": "{"},
    ],
)  # fmt: skip
def test_page_refuses_what_is_wrong(outlook: Microsoft, anna: Person, wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="AADSTS"):
        outlook.consent(page(outlook, **wrong), anna)


def test_port_of_localhost_is_passed_over(outlook: Microsoft, anna: Person) -> None:
    assert "code=" in outlook.consent(page(outlook, redirect_uri="http://localhost:6000/callback"), anna)


def test_person_may_decline_or_be_granted_other_scopes(msgraph: Graph, anna: Person) -> None:
    assert "error=access_denied" in msgraph.town.consent(page(msgraph.town), anna, deny=True)
    to = msgraph.town.consent(page(msgraph.town), anna, scopes=["openid", "offline_access", "User.Read"])
    assert by_code(msgraph, to).json()["scope"] == "User.Read openid"


@pytest.mark.parametrize(
    ("tenant", "work", "personal"), [("organizations", 1, 0), ("consumers", 0, 1), (WORK, 1, 0), (OTHER, 0, 0)]
)
def test_tenant_admits_its_own(outlook: Microsoft, anna: Person, tenant: str, work: int, personal: int) -> None:
    kim = outlook.person("kim@outlook.com", personal=True)
    for person, admitted in ((anna, work), (kim, personal)):
        if admitted:
            assert "code=" in outlook.consent(page(outlook, tenant), person)
        else:
            with pytest.raises(ValueError, match="AADSTS50020"):
                outlook.consent(page(outlook, tenant), person)


def test_personal_account_has_the_tenant_of_them_all(msgraph: Graph) -> None:
    kim = msgraph.town.person("kim@outlook.com", personal=True)
    msgraph.town.scopes_in_full = True
    given = by_code(msgraph, msgraph.town.consent(page(msgraph.town), kim)).json()
    claims = read(given["id_token"], key("microsoft"))
    assert (claims["tid"], claims["iss"].split("/")[3]) == (PERSONAL, PERSONAL)
    assert "https://graph.microsoft.com/Mail.ReadBasic" in given["scope"].split()


def test_used_refresh_token_lives_on_and_dies_unused(msgraph: Graph, anna: Person, clock: Clock) -> None:
    first = anna.grant("Mail.ReadBasic")["refresh_token"]
    clock.on(days=80)
    second = refresh(msgraph, first).json()["refresh_token"]
    assert second != first
    assert refresh(msgraph, first).status_code == 200
    clock.on(days=10)
    assert number(refresh(msgraph, first)) == ("invalid_grant", 700082)
    assert refresh(msgraph, second).status_code == 200
    assert number(refresh(msgraph, "made up")) == ("invalid_grant", 9002313)


def test_refresh_narrows_and_does_not_widen(msgraph: Graph, anna: Person) -> None:
    token = anna.grant("Mail.ReadBasic", "User.Read")["refresh_token"]
    narrow = refresh(msgraph, token, scope="https://graph.microsoft.com/User.Read offline_access").json()
    assert narrow["scope"] == "User.Read"
    assert "Mail.ReadBasic" in refresh(msgraph, narrow["refresh_token"]).json()["scope"]
    assert number(refresh(msgraph, token, scope="Mail.Send")) == ("invalid_grant", 65001)
    both = refresh(msgraph, token, scope="User.Read https://outlook.office.com/SMTP.Send")
    assert number(both) == ("invalid_scope", 28000)


def test_withdrawn_consent(msgraph: Graph, anna: Person, clock: Clock) -> None:
    given = anna.grant("User.Read")
    msgraph.town.withdraw(anna)
    answer = refresh(msgraph, given["refresh_token"])
    assert (number(answer), answer.json()["suberror"]) == (("invalid_grant", 65001), "consent_required")
    msgraph.token = given["access_token"]
    assert msgraph.ask("GET", "/me").status_code == 200
    clock.on(hours=1)
    assert msgraph.ask("GET", "/me").status_code == 401
    msgraph.token = anna.grant("User.Read")["access_token"]
    msgraph.town.withdraw(anna, at_once=True)
    assert msgraph.ask("GET", "/me").status_code == 401


def test_changed_password(msgraph: Graph, anna: Person) -> None:
    token = anna.grant("User.Read")["refresh_token"]
    msgraph.town.changes_password(anna)
    assert number(refresh(msgraph, token)) == ("invalid_grant", 50173)
    assert by_code(msgraph, msgraph.town.consent(page(msgraph.town), anna)).status_code == 200


@pytest.mark.parametrize("reason", [50076, 50079])
def test_conditional_access_lasts_until_a_new_sign_in(msgraph: Graph, anna: Person, reason: int) -> None:
    given = anna.grant("User.Read")
    msgraph.town.demands(anna, reason)
    msgraph.town.challenges(anna)
    assert number(refresh(msgraph, given["refresh_token"])) == ("interaction_required", reason)
    claims = '{"access_token":{}}'
    assert by_code(msgraph, msgraph.town.consent(page(msgraph.town, claims=claims), anna)).status_code == 200
    assert msgraph.town.claims == [claims]
    assert refresh(msgraph, given["refresh_token"]).status_code == 200
    msgraph.token = given["access_token"]
    assert msgraph.ask("GET", "/me").status_code == 200


def test_secret_of_the_client(msgraph: Graph, anna: Person) -> None:
    token = anna.grant("User.Read")["refresh_token"]
    wrong = refresh(msgraph, token, client_secret="another")
    assert (wrong.status_code, number(wrong)) == (401, ("invalid_client", 7000215))
    assert number(refresh(msgraph, token, client_secret="")) == ("invalid_client", 7000218)
    msgraph.town.secret_expired = True
    assert number(refresh(msgraph, token)) == ("invalid_client", 7000222)
    assert number(refresh(msgraph, token, client_id="another")) == ("unauthorized_client", 700016)


@pytest.mark.parametrize(("reason", "error"), [(90094, "access_denied"), (65001, "consent_required")])
def test_tenant_without_user_consent(msgraph: Graph, reason: int, error: str) -> None:
    town = msgraph.town
    anna = town.person("new@example.com")
    earlier = town.person("old@example.com")
    earlier.grant(*ASKED.split())
    town.blocks_user_consent, town.consent_refusal = True, reason
    sent = parse_qs(urlsplit(town.consent(page(town), anna)).query)
    assert (sent["error"], sent["state"]) == ([error], ["s1"])
    assert sent["error_description"][0].startswith(f"AADSTS{reason}: ")
    kim = town.person("kim@outlook.com", personal=True)
    for person, scope in ((kim, ASKED), (earlier, ASKED), (anna, "openid User.Read Contacts.Read")):
        assert "code=" in town.consent(page(town, scope=scope), person)
    elsewhere = town.person("eve@other.example", tenant=OTHER)
    url = f"{town.base}/{WORK}/v2.0/adminconsent?" + urlencode(
        {"client_id": town.client_id, "redirect_uri": REDIRECT, "state": "s2", "scope": "Mail.ReadBasic"}
    )
    assert "Accept" in msgraph.ask("GET", url).text
    form = {"request": urlsplit(url).query, "person": anna.oid, "decision": "allow"}
    back = parse_qs(urlsplit(msgraph.ask("POST", url.partition("?")[0], data=form).headers["Location"]).query)
    assert (back["admin_consent"], back["tenant"], back["state"]) == (["True"], [WORK], ["s2"])
    assert "code=" in town.consent(page(town), anna)
    assert "code=" not in town.consent(page(town), elsewhere)
    assert town.breaches == []


def test_faults_of_the_token_endpoint(msgraph: Graph, anna: Person) -> None:
    token = anna.grant("User.Read")["refresh_token"]
    msgraph.town.faults.add("oauth.token", "503", retry_after=4)
    busy = refresh(msgraph, token)
    assert (busy.status_code, busy.json()["error"]) == (503, "temporarily_unavailable")
    assert refresh(msgraph, token).status_code == 200
    assert msgraph.town.requests["oauth.token"] == 2


@pytest.mark.browser
@pytest.mark.slow
def test_page_works_in_a_browser(msgraph: Graph, anna: Person) -> None:
    program: Any = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        absent("Chromium is not there: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--headless", "--no-sandbox"])
        shown = browser.new_context(ignore_https_errors=True).new_page()
        shown.route(f"{REDIRECT}**", lambda route: route.fulfill(body="back"))
        shown.goto(page(msgraph.town, login_hint=anna.address))
        shown.get_by_role("button", name="Accept").click()
        shown.wait_for_url(f"{REDIRECT}**")
        to = shown.url
        browser.close()
    assert "Mail.ReadBasic" in by_code(msgraph, to).json()["scope"]
