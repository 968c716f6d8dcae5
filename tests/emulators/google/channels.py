"""Calendar channels: opened by events.watch, ended by channels.stop, told of every change of their calendar.

`calendar_api.py` calls this, `town.py` tells changes, `pushes.py` delivers. PROVIDERS.md, section 2, Channels.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import quote, urlsplit

from tests.emulators.google.calendars import Calendar
from tests.emulators.google.values import Call, Json, Refusal, millis

LONGEST = timedelta(days=7)  # default life of a channel for events
ID, TOKEN = 64, 256  # characters
FAR = 4 * 10**12  # milliseconds; no real expiration is past it


@dataclass(slots=True, kw_only=True)
class Channel:
    """One open channel; ``sent`` is the number of its last delivery."""

    id: str
    calendar: str
    resource: str
    address: str
    token: str
    sub: str
    until: datetime
    sent: int = 0

    def headers(self, state: str) -> dict[str, str]:
        """Of the next delivery. Numbers rise, not by one."""
        self.sent += 1 if not self.sent else 1 + self.sent % 4
        given = {
            "X-Goog-Channel-ID": self.id,
            "X-Goog-Channel-Expiration": format_datetime(self.until, usegmt=True),
            "X-Goog-Resource-ID": self.resource,
            "X-Goog-Resource-URI": address_of(self.calendar),
            "X-Goog-Resource-State": state,
            "X-Goog-Message-Number": str(self.sent),
        }
        return given | ({"X-Goog-Channel-Token": self.token} if self.token else {})


def address_of(calendar: str) -> str:
    return f"https://www.googleapis.com/calendar/v3/calendars/{quote(calendar, safe='')}/events?alt=json"


def watch(call: Call, calendar: Calendar) -> Json:
    town, body = call.town, call.body
    _hold(body)
    if body["id"] in town.channel_ids:
        raise Refusal(400, "channelIdNotUnique", f"Channel id {body['id']} not unique")
    now, ttl = town.now(), body.get("params", {}).get("ttl")
    asked = int(millis(now)) + int(ttl) * 1000 if ttl else int(body.get("expiration") or millis(now + LONGEST))
    until = min(now + LONGEST, datetime.fromtimestamp(min(asked, FAR) / 1000, UTC))
    resource = hashlib.sha256(f"{call.person.sub} {calendar.id}".encode()).hexdigest()[:20]
    channel = Channel(
        id=body["id"], calendar=calendar.id, resource=resource, address=body["address"], token=body.get("token", ""),
        sub=call.person.sub, until=until,
    )  # fmt: skip
    town.channel_ids.add(channel.id)
    town.channels[channel.id] = channel
    town.pushes.of_channel(channel, "sync")
    town.effect(call, channel.id, calendar=calendar.id)
    given = {
        "kind": "api#channel", "id": channel.id, "resourceId": resource, "resourceUri": address_of(calendar.id),
        "expiration": millis(until),
    }  # fmt: skip
    return given | ({"token": channel.token} if channel.token else {})


def _hold(body: Json) -> None:
    problem = ""
    if not 1 <= len(body.get("id", "")) <= ID:
        problem = "id is missing or too long"
    elif body.get("type") not in ("web_hook", "webhook"):
        problem = "type must be web_hook"
    elif len(body.get("token", "")) > TOKEN:
        problem = "token is too long"
    if problem:
        raise Refusal(400, "invalid", problem, breach=True)
    if urlsplit(body.get("address", "")).scheme != "https":
        raise Refusal(
            400, "push.webhookUrlNotHttps", f"WebHook callback must be HTTPS: {body.get('address')}", breach=True
        )


def stop(call: Call) -> None:
    """Needs both ids, and they must belong together."""
    if not call.body.get("id") or not call.body.get("resourceId"):
        raise Refusal(400, "required", "id and resourceId are both needed", breach=True)
    found = call.town.channels.get(call.body["id"])
    if found is None or found.resource != call.body["resourceId"] or found.sub != call.person.sub:
        raise Refusal(404, "notFound", f"Channel '{call.body['id']}' not found for project '{call.town.project}'")
    del call.town.channels[found.id]
    call.town.effect(call, found.id)
