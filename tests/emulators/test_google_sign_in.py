"""The emulated Google: the authorization page, tokens and what ends them."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from playwright.sync_api import sync_playwright

from tests.conftest import absent
from tests.emulators.asking import SCOPES, Client, Clock
from tests.emulators.google import Google, Person
from tests.emulators.google.tokens import key, read

REDIRECT = "https://keepwarm.example/oauth/google/callback"
VERIFIER = "v" * 64


@pytest.fixture
def web(town: Google, tmp_path: Path) -> dict[str, Any]:
    """The client file's inside."""
    found: dict[str, Any] = json.loads(town.client_file(tmp_path, [REDIRECT]).read_text())["web"]
    return found


def page(town: Google, web: dict[str, Any], **more: str) -> str:
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "client_id": web["client_id"], "redirect_uri": REDIRECT, "response_type": "code", "state": "s1", "nonce": "n1",
        "scope": "openid email https://www.googleapis.com/auth/gmail.send", "code_challenge": challenge,
        "code_challenge_method": "S256", "access_type": "offline", "prompt": "consent",
    }  # fmt: skip
    return f"{town.base}/o/oauth2/v2/auth?{urlencode(asked | more)}"


def exchange(client: Client, web: dict[str, Any], **form: str) -> requests.Response:
    client.token = ""
    given = {"client_id": web["client_id"], "client_secret": web["client_secret"], "redirect_uri": REDIRECT}
    return client.ask("POST", "/token", data=given | form)


def by_code(client: Client, web: dict[str, Any], to: str) -> requests.Response:
    code = parse_qs(urlsplit(to).query)["code"][0]
    return exchange(client, web, grant_type="authorization_code", code=code, code_verifier=VERIFIER)


def test_sign_in_by_the_page(client: Client, robin: Person, web: dict[str, Any]) -> None:
    client.token = ""
    url = page(client.town, web, login_hint=robin.address)
    shown = client.ask("GET", url.removeprefix(client.town.base))
    assert shown.status_code == 200
    assert 'name="https://www.googleapis.com/auth/gmail.send" checked' in shown.text
    form = {"request": urlsplit(url).query, "person": robin.sub, "openid": "on", "email": "on", "decision": "allow"}
    to = client.ask("POST", "/o/oauth2/v2/auth", data=form).headers["Location"]
    sent = parse_qs(urlsplit(to).query)
    assert (sent["state"], sent["iss"]) == (["s1"], ["https://accounts.google.com"])
    given = by_code(client, web, to).json()
    assert set(given["scope"].split()) == {"openid", "https://www.googleapis.com/auth/userinfo.email"}
    claims = read(given["id_token"], key("google"))
    assert (claims["aud"], claims["sub"], claims["nonce"]) == (web["client_id"], robin.sub, "n1")
    assert claims["email_verified"] is True
    assert client.ask("GET", "/oauth2/v3/certs").json()["keys"][0]["kid"] == "google"
    client.token = given["access_token"]
    assert client.get("/v1/userinfo")["email"] == robin.address
    assert client.town.breaches == []


def test_code_is_good_once(client: Client, robin: Person, web: dict[str, Any]) -> None:
    to = client.town.consent(page(client.town, web), robin)
    token = by_code(client, web, to).json()["access_token"]
    again = by_code(client, web, to)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    client.token = token
    assert client.ask("GET", "/v1/userinfo").status_code == 401


def test_code_needs_its_verifier_and_dies(client: Client, robin: Person, web: dict[str, Any], clock: Clock) -> None:
    to = client.town.consent(page(client.town, web), robin)
    code = parse_qs(urlsplit(to).query)["code"][0]
    wrong = exchange(client, web, grant_type="authorization_code", code=code, code_verifier="w" * 64)
    assert wrong.json()["error"] == "invalid_grant"
    clock.on(minutes=10)
    assert by_code(client, web, to).json()["error"] == "invalid_grant"


def test_page_refuses_what_is_wrong(client: Client, robin: Person, web: dict[str, Any]) -> None:
    for wrong in ({"redirect_uri": REDIRECT + "/"}, {"code_challenge_method": "plain"}, {"scope": "gmail.nothing"}):
        with pytest.raises(ValueError):
            client.town.consent(page(client.town, web, **wrong), robin)
    assert "error=access_denied" in client.town.consent(page(client.town, web), robin, deny=True)


def test_earlier_scopes_are_merged(client: Client, robin: Person, web: dict[str, Any]) -> None:
    to = client.town.consent(page(client.town, web, include_granted_scopes="true", scope="openid"), robin)
    assert "https://www.googleapis.com/auth/gmail.metadata" in by_code(client, web, to).json()["scope"].split()


def test_refresh_token_comes_first_time_or_with_prompt(client: Client, web: dict[str, Any]) -> None:
    bo = client.town.person("bo@example.com")
    found = []
    for prompt in ("select_account", "select_account", "consent"):
        to = client.town.consent(page(client.town, web, prompt=prompt), bo)
        found.append("refresh_token" in by_code(client, web, to).json())
    assert found == [True, False, True]


def refresh(client: Client, web: dict[str, Any], token: str) -> requests.Response:
    return exchange(client, web, grant_type="refresh_token", refresh_token=token)


def test_rotated_token_is_dead(client: Client, robin: Person, web: dict[str, Any]) -> None:
    client.town.rotates = True
    token = robin.grant(*SCOPES)["refresh_token"]
    following = refresh(client, web, token).json()["refresh_token"]
    assert refresh(client, web, token).json()["error"] == "invalid_grant"
    assert refresh(client, web, following).status_code == 200


def test_grant_in_testing_dies_after_7_days(client: Client, robin: Person, web: dict[str, Any], clock: Clock) -> None:
    client.town.testing = True
    token = robin.grant(*SCOPES)["refresh_token"]
    assert refresh(client, web, token).json()["refresh_token_expires_in"] == 604_800
    clock.on(days=7)
    assert refresh(client, web, token).json()["error"] == "invalid_grant"


def test_wrong_secret_is_invalid_client(client: Client, robin: Person, web: dict[str, Any]) -> None:
    token = robin.grant(*SCOPES)["refresh_token"]
    client.town.client_secret = "another"
    assert refresh(client, web, token).json()["error"] == "invalid_client"


def test_revoking_takes_the_whole_grant(client: Client, robin: Person, web: dict[str, Any]) -> None:
    first, second = robin.grant(*SCOPES), robin.grant("openid")
    assert client.ask("POST", "/revoke", data={"token": first["access_token"]}).status_code == 200
    assert refresh(client, web, second["refresh_token"]).json()["error"] == "invalid_grant"
    again = client.ask("POST", "/revoke", data={"token": first["access_token"]})
    assert (again.status_code, again.json()["error"]) == (400, "invalid_token")


@pytest.mark.browser
@pytest.mark.slow
def test_page_works_in_a_browser(client: Client, robin: Person, web: dict[str, Any]) -> None:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        absent("Chromium is not there: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--headless", "--no-sandbox"])
        shown = browser.new_context(ignore_https_errors=True).new_page()
        shown.route(f"{REDIRECT}**", lambda route: route.fulfill(body="back"))
        shown.goto(page(client.town, web, login_hint=robin.address))
        shown.get_by_label("https://www.googleapis.com/auth/gmail.send").uncheck()
        shown.get_by_role("button", name="Allow").click()
        shown.wait_for_url(f"{REDIRECT}**")
        to = shown.url
        browser.close()
    assert "gmail.send" not in by_code(client, web, to).json()["scope"]
