"""The emulated Google is held to its contract, its quota and a plan of faults."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import requests

from tests.conftest import NOW
from tests.emulators.asking import EVENT, EVENTS, MAIL, Client, Clock, reason
from tests.emulators.google import Person, google
from tests.servers.dav import Authority


@pytest.mark.parametrize(
    ("verb", "path", "body", "breach"),
    [
        ("GET", f"{MAIL}/messages?maxresults=5", None, "parameter maxresults is unknown"),
        ("GET", f"{MAIL}/messages?maxResults=501", None, "out of range"),
        ("GET", f"{MAIL}/history?startHistoryId=1&historyTypes=messageAdded,labelAdded", None, "joined by commas"),
        ("GET", f"{EVENTS}?timeMin=2026-11-24T10:00:00", None, "offset"),
        ("GET", f"{EVENTS}?singleEvents=True", None, "neither true nor false"),
        ("GET", f"{MAIL}/nothing", None, "no such method"),
        ("POST", EVENTS, EVENT | {"colour": "1"}, "body.colour is unknown"),
        ("POST", EVENTS, EVENT | {"sequence": "1"}, "body.sequence is not an integer"),
        ("POST", EVENTS, EVENT | {"created": "2026-11-24T10:00:00Z"}, "read-only"),
        ("POST", EVENTS, {"summary": "Talk"}, "is required"),
        ("POST", EVENTS, EVENT | {"id": "XYZ"}, "Invalid resource id"),
        ("POST", f"{MAIL}/messages/send", {}, "body.raw is required"),
    ],
)
def test_breach_of_request_is_noted(client: Client, verb: str, path: str, body: Any, breach: str) -> None:
    assert client.ask(verb, path, json=body).status_code == 400
    assert [breach in found for found in client.town.breaches] == [True]


def test_missing_scope_is_403_and_a_breach(client: Client, robin: Person) -> None:
    client.token = robin.grant("gmail.send")["access_token"]
    answer = client.ask("GET", f"{MAIL}/messages")
    assert (answer.status_code, reason(answer)) == (403, "insufficientPermissions")
    assert answer.json()["error"]["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    assert "scope" in answer.headers["WWW-Authenticate"]
    assert client.town.breaches == ["gmail.users.messages.list: the token has none of the scopes"]


def test_answer_of_wrong_shape_is_noted(client: Client, robin: Person) -> None:
    robin.calendar.put(EVENT | {"id": "wrong0", "sequence": "many"})
    assert client.get(f"{EVENTS}/wrong0")["sequence"] == "many"
    assert client.town.breaches == ["calendar.events.get: answer.sequence is not an integer"]


def test_method_not_emulated_is_501(client: Client) -> None:
    assert client.ask("GET", f"{MAIL}/settings/imap").status_code == 501
    assert client.town.breaches == ["gmail.users.settings.getImap: not emulated"]


def test_dead_token_is_401(client: Client, clock: Clock) -> None:
    clock.on(hours=1)
    answer = client.ask("GET", f"{MAIL}/profile")
    assert (answer.status_code, reason(answer)) == (401, "authError")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_fields_give_part_of_an_answer(client: Client, robin: Person) -> None:
    robin.calendar.put(EVENT)
    found = client.get(EVENTS, fields="items(summary,start/dateTime),nextSyncToken")
    assert found.keys() == {"items", "nextSyncToken"}
    assert found["items"] == [{"summary": "Talk", "start": {"dateTime": "2026-11-24T10:00:00+01:00"}}]


def test_quota_is_a_sliding_minute(client: Client, clock: Clock) -> None:
    client.town.quota_on, client.town.quota.answers = True, "429"
    client.town.quota.limits["gmail", "person"] = 3
    assert [client.ask("GET", f"{MAIL}/profile").status_code for _ in range(3)] == [200] * 3
    answer = client.ask("GET", f"{MAIL}/profile")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "61")
    assert client.town.refused == {"gmail.users.getProfile": 1}
    clock.on(seconds=60)
    assert client.ask("GET", f"{MAIL}/profile").status_code == 200


@pytest.mark.parametrize(
    ("kind", "options", "status", "why"),
    [
        ("429", {"retry_after": 7}, 429, "rateLimitExceeded"),
        ("429", {"form": "date"}, 429, "rateLimitExceeded"),
        ("429", {"form": "message"}, 429, "rateLimitExceeded"),
        ("403-rate", {}, 403, "rateLimitExceeded"),
        ("403-user-rate", {}, 403, "userRateLimitExceeded"),
        ("403-quota", {}, 403, "quotaExceeded"),
        ("403-scope", {}, 403, "insufficientPermissions"),
        ("403-disabled", {}, 403, "accessNotConfigured"),
        ("500", {}, 500, "backendError"),
        ("503", {}, 503, "backendError"),
    ],
)
def test_fault_refuses_once(client: Client, kind: str, options: dict[str, Any], status: int, why: str) -> None:
    client.town.faults.add("gmail.users.getProfile", kind, **options)
    answer = client.ask("GET", f"{MAIL}/profile")
    assert (answer.status_code, reason(answer)) == (status, why)
    assert client.ask("GET", f"{MAIL}/profile").status_code == 200
    assert client.town.faults.struck == [("gmail.users.getProfile", kind)]
    assert client.town.breaches == []


@pytest.mark.parametrize(
    ("kind", "applied"), [("applied-then-500", 1), ("applied-then-cut", 1), ("truncated", 1), ("cut", 0)]
)
def test_fault_around_an_effect(client: Client, robin: Person, kind: str, applied: int) -> None:
    client.town.faults.add("calendar.events.insert", kind)
    if kind == "applied-then-500":
        assert client.ask("POST", EVENTS, json=EVENT).status_code == 500
    else:
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            client.ask("POST", EVENTS, json=EVENT)
    assert (len(robin.calendar.events), len(client.town.history)) == (applied, applied)


def test_pages_may_be_odd(client: Client, robin: Person) -> None:
    ids = [robin.calendar.put(EVENT) for _ in range(5)]
    for kind in ("empty-page", "short-page"):
        client.town.faults.add("calendar.events.list", kind)
    found, token, sizes = [], "", []
    while "nextSyncToken" not in (given := client.get(EVENTS, maxResults=4, **({"pageToken": token} if token else {}))):
        token = given["nextPageToken"]
        sizes.append(len(given["items"]))
        found += given["items"]
    assert [one["id"] for one in found + given["items"]] == ids
    assert sizes == [0, 2]
    client.town.faults.add("calendar.events.list", "repeated-page-token", times=None)
    first = client.get(EVENTS, maxResults=4)
    assert client.get(EVENTS, maxResults=4, pageToken=first["nextPageToken"])["nextPageToken"] == first["nextPageToken"]


def test_slow_and_random_faults(client: Client) -> None:
    client.town.faults.add("gmail.users.getProfile", "slow", seconds=0.01)
    assert client.ask("GET", f"{MAIL}/profile").status_code == 200
    client.town.faults.random(7, 0.5, kinds=("500", "503"))
    statuses = [client.ask("GET", f"{MAIL}/profile").status_code for _ in range(20)]
    assert set(statuses) == {200, 500, 503}
    client.town.faults.clear()
    client.town.faults.add("oauth.token", "500")
    assert client.ask("POST", "/token", data={"grant_type": "refresh_token"}).status_code == 500


def test_every_thread_ends(authority: Authority) -> None:
    before = threading.active_count()
    with google(authority, lambda: NOW) as town:
        client = Client(
            town=town, pem=str(authority.pem), token=town.person("bo@example.com").grant("openid")["access_token"]
        )
        client.get("/v1/userinfo")
        town.pushes.to, town.pushes.mode = "http://127.0.0.1:1", "at once"
        town.pushes.wait()
    assert threading.active_count() == before
    client.line.close()
