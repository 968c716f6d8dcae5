"""What the tests of the emulators share: a clock to move, a client that asks, an event, a mail."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import requests

from tests.conftest import NOW
from tests.emulators.google import Google

SCOPES = (
    "openid", "email", "gmail.metadata", "gmail.send", "gmail.compose", "calendar.events",
    "calendar.calendarlist.readonly",
    "contacts.readonly", "contacts.other.readonly", "calendar.app.created",
)  # fmt: skip
EVENT = {
    "summary": "Talk",
    "start": {"dateTime": "2026-11-24T10:00:00+01:00", "timeZone": "Europe/Amsterdam"},
    "end": {"dateTime": "2026-11-24T11:00:00+01:00", "timeZone": "Europe/Amsterdam"},
}
MAIL = "/gmail/v1/users/me"
EVENTS = "/calendar/v3/calendars/primary/events"


@dataclass(slots=True)
class Clock:
    """The town's clock, moved by tests."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def on(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(slots=True, kw_only=True)
class Client:
    """An HTTP client with one token."""

    town: Google
    pem: str
    token: str = ""
    line: requests.Session = field(default_factory=requests.Session)

    def ask(self, verb: str, path: str, **more: Any) -> requests.Response:
        self.line.trust_env = False
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= more.pop("headers", {})
        given: dict[str, Any] = {"verify": self.pem, "allow_redirects": False, "timeout": 10, "headers": headers} | more
        return self.line.request(verb, self.town.base + path, **given)

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of a good answer."""
        answer = self.ask("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()


def reason(answer: requests.Response) -> str:
    return str(answer.json()["error"]["errors"][0]["reason"])


def raw(to: str = "bo@example.com", sender: str = "robin@example.com", more: str = "") -> dict[str, str]:
    text = f"From: {sender}\r\nTo: {to}\r\nSubject: Hi\r\nMessage-ID: <own@keepwarm>\r\n{more}\r\nHello"
    return {"raw": base64.urlsafe_b64encode(text.encode()).decode()}
