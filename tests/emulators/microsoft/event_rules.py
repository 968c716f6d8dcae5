"""What the service asks of an event beyond its schema. `calendar_api.py` checks with it.

PROVIDERS.md, section 4; M/graph/api/user-post-events, M/graph/api/resources/event.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.emulators.microsoft.values import wrong
from tests.emulators.microsoft.zones import NAIVE, local, moment, zone
from tests.emulators.stand.values import Json

READ_ONLY = frozenset((
    "id", "iCalUId", "type", "seriesMasterId", "webLink", "changeKey", "createdDateTime", "lastModifiedDateTime",
    "bodyPreview", "hasAttachments", "isCancelled", "isOrganizer", "originalStart", "originalStartTimeZone",
    "originalEndTimeZone", "responseStatus", "onlineMeeting", "isDraft", "organizer", "onlineMeetingUrl",
))  # fmt: skip
PROPERTY = re.compile(
    r"(String|Integer|Boolean|SystemTime|Double|CLSID) \{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}"
    r" (Name \S.*|Id 0x[0-9A-Fa-f]+)"
)
TRANSACTION = 512  # characters; a judgement


def hold(body: Json, *, old: Json | None) -> None:
    """Refusal, a breach, when what is sent breaks a rule; ``old`` is the event that it changes, None for a new one."""
    for problem in _problems(body, old):
        raise wrong(problem, "ErrorPropertyValidationFailure")


def _problems(body: Json, old: Json | None) -> Iterator[str]:
    for name in sorted(body.keys() & READ_ONLY):
        yield f"{name} is read-only"
    if old is not None and "transactionId" in body and body["transactionId"] != old.get("transactionId"):
        yield "transactionId cannot be changed"
    if len(body.get("transactionId") or "") > TRANSACTION:
        yield "transactionId is too long"
    for one in body.get("singleValueExtendedProperties") or ():
        if not PROPERTY.fullmatch(str(one.get("id"))) or not isinstance(one.get("value"), str):
            yield "an extended property has no proper id or value"
    for one in body.get("attendees") or ():
        if "@" not in str((one.get("emailAddress") or {}).get("address")):
            yield "an attendee has no address"
    if old is None or body.keys() & {"start", "end", "isAllDay"}:
        yield from _times((old or {}) | body)


def _times(event: Json) -> Iterator[str]:
    for name in ("start", "end"):
        at = event.get(name) or {}
        if not NAIVE.fullmatch(str(at.get("dateTime"))):
            yield f"{name} needs a dateTime without offset"
            return
        if zone(at.get("timeZone") or "") is None:
            yield f"{name} needs a timeZone that is known"
            return
    start, end = event["start"], event["end"]
    if event.get("isAllDay"):
        if any(f"{local(at):%H%M%S}" != "000000" for at in (start, end)):
            yield "an all-day event begins and ends at midnight"
        if start["timeZone"] != end["timeZone"] or local(end) <= local(start):
            yield "an all-day event lasts whole days in one zone"
    elif moment(end) < moment(start):
        yield "it ends before it starts"
