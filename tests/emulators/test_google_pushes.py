"""The emulated Pub/Sub and the calendar channels: pulled, pushed, forged."""

from __future__ import annotations

import base64
import http.server
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.conftest import NOW
from tests.emulators.asking import EVENT, EVENTS, MAIL, Client, Clock, reason
from tests.emulators.google import Person
from tests.emulators.google.forged import FORGERIES
from tests.emulators.google.tokens import key, read, signed

HOOK = "https://keepwarm.example/hooks/google"


def robot_token(client: Client, folder: Path, clock: Clock) -> str:
    own = json.loads(client.town.service_key_file(folder).read_text())
    now = int(clock.now.timestamp())
    scope = "https://www.googleapis.com/auth/pubsub"
    claims = {"iss": own["client_email"], "aud": own["token_uri"], "iat": now, "exp": now + 3600, "scope": scope}
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": signed(claims, key("service"))}
    return str(client.ask("POST", "/token", data=form).json()["access_token"])


def test_watch_is_pulled_with_leases(client: Client, robin: Person, clock: Clock, tmp_path: Path) -> None:
    topic = client.town.topic("mail")
    name = client.town.subscribe("pull", topic)
    until = client.ask("POST", f"{MAIL}/watch", json={"topicName": topic}).json()["expiration"]
    assert until == str(int((NOW + timedelta(days=7)).timestamp() * 1000))
    client.token = robot_token(client, tmp_path, clock)

    def pull() -> list[Any]:
        found = client.ask("POST", f"/v1/{name}:pull", json={"maxMessages": 10}).json()
        return list(found.get("receivedMessages", ()))

    first = pull()
    data = json.loads(base64.b64decode(first[0]["message"]["data"]))
    assert data == {"emailAddress": robin.address, "historyId": robin.mailbox.history_id}
    assert pull() == []
    clock.on(seconds=10)
    again = pull()
    assert again[0]["message"] == first[0]["message"]
    assert client.ask("POST", f"/v1/{name}:acknowledge", json={"ackIds": [again[0]["ackId"]]}).json() == {}
    clock.on(seconds=10)
    assert pull() == []
    robin.receives({"From": "a@b.example"})
    assert len(pull()) == 1
    assert client.get(f"/v1/{name}")["topic"] == topic
    assert client.town.breaches == []


def test_watch_needs_topic_and_publisher(client: Client) -> None:
    missing = f"projects/{client.town.project}/topics/missing"
    closed = client.town.topic("closed", gmail_may_publish=False)
    found = [client.ask("POST", f"{MAIL}/watch", json={"topicName": name}).status_code for name in (missing, closed)]
    assert found == [404, 403]


@contextmanager
def receiver(status: Callable[[], int] = lambda: 204) -> Iterator[tuple[str, list[Any]]]:
    """An HTTP server of our own; its address and what it got (path, headers, body)."""
    got: list[Any] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            got.append((self.path, dict(self.headers.items()), body))
            self.send_response(status())
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None: ...

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", got
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def pushing(client: Client) -> str:
    topic = client.town.topic("mail")
    account = f"push@{client.town.project}.iam.gserviceaccount.com"
    return client.town.subscribe("push", topic, push=f"{HOOK}/pubsub", audience="our-audience", account=account)


def test_push_is_signed_and_comes_again_until_taken(client: Client, robin: Person) -> None:
    subscription, statuses = pushing(client), [500, 204, 204]
    with receiver(lambda: statuses.pop(0)) as (address, got):
        client.town.pushes.to = address
        client.ask("POST", f"{MAIL}/watch", json={"topicName": client.town.topic("mail")})
        assert client.town.pushes.deliver() == [500]
        assert client.town.pushes.deliver(doubled=True) == [204, 204]
    assert client.town.pushes.waiting == []
    path, headers, body = got[-1]
    assert (path, json.loads(body)["subscription"]) == ("/hooks/google/pubsub", subscription)
    claims = read(headers["Authorization"].removeprefix("Bearer "), key("google"))
    assert (claims["iss"], claims["aud"], claims["email_verified"]) == (
        "https://accounts.google.com",
        "our-audience",
        True,
    )


@pytest.mark.parametrize("kind", FORGERIES)
def test_forgeries_differ_from_the_genuine(client: Client, robin: Person, kind: str) -> None:
    pushing(client)
    headers, body = client.town.pushes.forged(kind, robin)
    real = read(client.town.pushes.forged("genuine", robin)[0]["Authorization"].removeprefix("Bearer "), key("google"))
    try:
        claims = read(headers.get("Authorization", "").removeprefix("Bearer "), key("google"))
    except ValueError:
        return
    assert claims != real or "another-project" in json.loads(body)["subscription"]


def test_channel_syncs_then_tells_changes(client: Client, robin: Person, clock: Clock) -> None:
    with receiver() as (address, got):
        client.town.pushes.to, client.town.pushes.mode = address, "at once"
        body = {"id": "c1", "type": "web_hook", "address": f"{HOOK}/calendar", "token": "secret"}
        made = client.ask("POST", f"{EVENTS}/watch", json=body).json()
        assert reason(client.ask("POST", f"{EVENTS}/watch", json=body)) == "channelIdNotUnique"
        robin.calendar.put(EVENT)
        assert client.town.pushes.wait()
        states = [(headers["X-Goog-Resource-State"], headers["X-Goog-Message-Number"]) for _, headers, _ in got]
        assert states == [("sync", "1"), ("exists", "3")]
        assert got[0][1]["X-Goog-Channel-Token"] == "secret"
        wrong = client.ask("POST", "/calendar/v3/channels/stop", json={"id": "c1", "resourceId": "other"})
        right = client.ask("POST", "/calendar/v3/channels/stop", json={"id": "c1", "resourceId": made["resourceId"]})
        assert (wrong.status_code, right.status_code) == (404, 204)
        robin.calendar.put(EVENT)
        assert client.town.pushes.wait()
        assert len(got) == 2
    assert client.town.breaches == []


def test_channel_is_quiet_after_revocation(client: Client, robin: Person) -> None:
    body = {"id": "c1", "type": "web_hook", "address": f"{HOOK}/calendar", "params": {"ttl": "60"}}
    until = client.ask("POST", f"{EVENTS}/watch", json=body).json()["expiration"]
    assert until == str(int((NOW + timedelta(minutes=1)).timestamp() * 1000))
    client.town.withdraw(robin)
    robin.calendar.put(EVENT)
    assert len(client.town.pushes.waiting) == 1


def test_watch_ends_after_7_days(client: Client, robin: Person, clock: Clock) -> None:
    pushing(client)
    client.ask("POST", f"{MAIL}/watch", json={"topicName": client.town.topic("mail"), "labelIds": ["INBOX"]})
    robin.sends({"From": robin.address})
    robin.receives({"From": "a@b.example"})
    assert len(client.town.pushes.waiting) == 2
    clock.on(days=7)
    robin.receives({"From": "a@b.example"})
    assert len(client.town.pushes.waiting) == 2
