"""What the tests of the emulated Microsoft share: a client that asks, an event, the rights that Keepwarm asks for."""

from __future__ import annotations

import base64
import http.server
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import requests

from tests.emulators.microsoft import Microsoft

SCOPES = (
    "openid", "profile", "email", "offline_access", "User.Read", "Mail.ReadBasic", "Mail.Send", "Calendars.ReadWrite",
    "Contacts.Read", "MailboxSettings.Read",
)  # fmt: skip
ZONE = "W. Europe Standard Time"
EVENT: dict[str, Any] = {
    "subject": "Talk",
    "start": {"dateTime": "2026-11-24T10:00:00", "timeZone": ZONE},
    "end": {"dateTime": "2026-11-24T11:00:00", "timeZone": ZONE},
}
WEEKLY = EVENT | {
    "recurrence": {
        "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]},
        "range": {"type": "numbered", "startDate": "2026-11-24", "numberOfOccurrences": 4},
    }
}
IMMUTABLE = 'IdType="ImmutableId"'
VIEW = "/me/calendarView/delta?startDateTime=2026-11-01T00:00:00Z&endDateTime=2027-01-01T00:00:00Z"
INBOX = "/me/mailFolders/inbox/messages/delta"
HOOK, LIFE = "https://keepwarm.example/webhooks/microsoft", "https://keepwarm.example/webhooks/microsoft/lifecycle"


@dataclass(slots=True, kw_only=True)
class Graph:
    """An HTTP client with one token; ``prefer`` goes with every request."""

    town: Microsoft
    pem: str
    token: str = ""
    prefer: str = IMMUTABLE
    line: requests.Session = field(default_factory=requests.Session)

    def ask(self, verb: str, path: str, **more: Any) -> requests.Response:
        """``path`` of Graph, of the login host (with its tenant), or a whole link."""
        self.line.trust_env = False
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= {"Prefer": self.prefer} if self.prefer else {}
        headers |= more.pop("headers", {})
        url = path if path.startswith("https://") else f"{self.town.base}/v1.0{path}"
        given: dict[str, Any] = {"verify": self.pem, "allow_redirects": False, "timeout": 10, "headers": headers} | more
        return self.line.request(verb, url, **given)

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of a good answer."""
        answer = self.ask("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any, status: int = 201) -> Any:
        answer = self.ask("POST", path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def round(self, path: str) -> tuple[list[dict[str, Any]], str]:
        """All items of a round and the link for the next."""
        found, given = [], self.get(path)
        while "@odata.nextLink" in given:
            found += given["value"]
            given = self.get(given["@odata.nextLink"])
        return found + given["value"], given["@odata.deltaLink"]


def code(answer: requests.Response) -> str:
    return str(answer.json()["error"]["code"])


def of(id_: str) -> str:
    """An id as part of a path."""
    return quote(id_, safe="")


def mime(more: str = "", to: str = "bo@example.com", sender: str = "anna@example.com") -> bytes:
    text = f"From: {sender}\r\nTo: {to}\r\nSubject: Hi\r\nMessage-ID: <own@keepwarm>\r\n{more}\r\nHello"
    return base64.b64encode(text.encode())


@dataclass(slots=True)
class Receiver:
    """What a receiver under test got and how it answers: the token of a handshake decoded, anything else 202."""

    address: str = ""
    seconds: float = 0.0
    kind: str = "text/plain"
    body: Callable[[str, str], str] = lambda decoded, _: decoded
    status: int = 200
    got: list[tuple[str, bytes]] = field(default_factory=list)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """On a loopback port, until the end of the block."""
    receiver = Receiver()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            receiver.got.append((parts.path, body))
            time.sleep(receiver.seconds)
            token = parse_qs(parts.query).get("validationToken", [""])[0]
            encoded = parts.query.partition("validationToken=")[2]
            self.send_response(receiver.status if token else 202)
            given = receiver.body(token, encoded).encode() if token else b""
            self.send_header("Content-Type", receiver.kind)
            self.send_header("Content-Length", str(len(given)))
            self.end_headers()
            self.wfile.write(given)

        def log_message(self, *args: Any) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
