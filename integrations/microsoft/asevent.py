"""An event of Graph as a VEVENT, so that one reader reads them all. Called by `resources` and `ourevent`.

`integrations.wire.ical` gives a meeting the same identity, limits and people wherever it was read; here nothing is
decided but how Graph's words are said in RFC 5545. Times come in UTC, and are said in the zone the event was made in,
which may be a Windows name; where that is one's own (``tzone://Microsoft/Custom``) the reader guesses.

Exchange gives each occurrence of a series a UID of its own: the day of the occurrence stands in bytes 17 to 20 of it.
Without that day it is the UID of the series, as files and other programs have it; where the meeting came from another
system, that system's UID lies inside (MS-OXOCAL 2.2.1.27, MS-OXCICAL 2.1.3.1.1.20.26, read November 2026).

Not verified on a real account: that whole days come as midnight whatever zone is preferred; that an occurrence without
``originalStart`` stands at its original time; that ``iCalUId`` never is another system's UID made hexadecimal twice.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from integrations.wire.answers import Told, objects, text
from integrations.wire.ical.saying import NO_START, NO_TIME, at_moment, bare, escaped, on_day, person
from integrations.wire.ical.zones import known_id
from integrations.wire.plain import mail_address
from keepwarm.errors import Unreadable

OURS = "6b656570-7761-8"  # how the transactions of our events begin, wherever the owner moves them (`ourevent`)
UTC_NAME = "tzone://Microsoft/Utc"
UNKNOWN = "unknown"  # a zone that nobody knows by this name
PARTS = frozenset({"occurrence", "exception"})
_REPLIES = {
    "notResponded": "NEEDS-ACTION",
    "declined": "DECLINED",
    "tentativelyAccepted": "TENTATIVE",
    "accepted": "ACCEPTED",
    "organizer": "ACCEPTED",
}
_SILENT = frozenset({"", "none", "notResponded"})
_GLOBAL_ID = re.compile(r"040000008200E00074C5B7101A82E008[0-9A-F]{48}(?:[0-9A-F]{2})*", re.IGNORECASE)
_DAY = slice(32, 40)
_FOREIGN = b"vCal-Uid\x01\x00\x00\x00"


def as_event(event: Told, *, zone: str, own: Collection[str] = ()) -> list[str]:
    """Its lines. ``zone``: the owner's, for a time in a zone that nobody knows; ``own``: the owner's addresses.

    Raises Unreadable.
    """
    try:
        return ["BEGIN:VEVENT", *_lines(event, zone, own), "END:VEVENT"]
    except (ValueError, OverflowError) as error:
        raise Unreadable(NO_TIME) from error


def uid_of(event: Told) -> str:
    """The iCalendar UID of the event, or of the series that it is a part of; empty where it holds none."""
    told = bare(text(event, "iCalUId"))
    if not _GLOBAL_ID.fullmatch(told):
        return told
    data = bytes.fromhex(told)[40:]
    if data.startswith(_FOREIGN):
        return bare(data.removeprefix(_FOREIGN).rstrip(b"\0").decode("utf-8", "replace"))
    return told[: _DAY.start] + "0" * 8 + told[_DAY.stop :]


def is_part(event: Told) -> bool:
    """Whether it is one of a series, also where the series is not there: somebody was asked to one occurrence alone."""
    told = bare(text(event, "iCalUId"))
    alone = _GLOBAL_ID.fullmatch(told) is not None and told[_DAY].strip("0") != ""
    return alone or text(event, "type") in PARTS or bool(text(event, "seriesMasterId"))


def moment_of(event: Told, part: str) -> datetime:
    """The UTC moment in ``start`` or ``end``. Raises ValueError, OverflowError."""
    told, zone = datetime.fromisoformat(text(event, part, "dateTime")), text(event, part, "timeZone")
    if told.tzinfo is None:
        told = told.replace(tzinfo=ZoneInfo(_known(zone) if zone else "UTC"))  # ValueError for an empty key
    return told.astimezone(UTC)


def _lines(event: Told, zone: str, own: Collection[str]) -> Iterator[str]:
    if not event.get("start"):
        raise Unreadable(NO_START)
    yield f"UID:{uid_of(event) or bare(text(event, 'seriesMasterId') or text(event, 'id'))}"
    yield _when("DTSTART", event, moment_of(event, "start"), zone)
    if is_part(event):
        yield _when("RECURRENCE-ID", event, _original(event), zone)
    if event.get("end"):
        yield _when("DTEND", event, moment_of(event, "end"), zone)
    yield f"SUMMARY:{escaped(text(event, 'subject'))}"
    yield f"LOCATION:{escaped(text(event, 'location', 'displayName'))}"
    if event.get("isCancelled") is True:
        yield "STATUS:CANCELLED"
    if text(event, "showAs") == "free":
        yield "TRANSP:TRANSPARENT"
    if text(event, "transactionId").lower().startswith(OURS):
        yield "X-KEEPWARM:1"
    yield from _people(event, own)


def _original(event: Told) -> datetime:
    """When it began as the series has it. Raises ValueError for an exception that does not tell."""
    told = text(event, "originalStart")
    if not told and text(event, "type") != "exception":
        return moment_of(event, "start")
    at = datetime.fromisoformat(told)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def _when(name: str, event: Told, at: datetime, zone: str) -> str:
    """A property with a date, or with wall time in the zone that the event was made in."""
    own = _known(text(event, "originalStartTimeZone"))
    if event.get("isAllDay") is True:
        return on_day(name, (at if at.time() == time() else at.astimezone(ZoneInfo(own or zone))).date())
    if own:
        return at_moment(name, at, own)
    return f"{name};TZID={UNKNOWN}:{at.astimezone(ZoneInfo(zone)):%Y%m%dT%H%M%S}"


def _known(name: str) -> str:
    """The IANA id of a zone by its IANA or Windows name, empty where nobody knows."""
    return "UTC" if name == UTC_NAME else known_id(name)


def _people(event: Told, own: Collection[str]) -> Iterator[str]:
    """Organiser and guests; nobody where there are no guests, as Graph names an organiser for every event."""
    guests = objects(event, "attendees")
    if not guests:
        return
    if address := text(event, "organizer", "emailAddress", "address"):
        yield person("ORGANIZER", address, text(event, "organizer", "emailAddress", "name"))
    rooms = _rooms(event)
    for each in guests:
        address = text(each, "emailAddress", "address")
        reply = _REPLIES.get(_answer(event, each, mail_address(address) in own), "")
        thing = text(each, "type") == "resource" or mail_address(address) in rooms
        yield person(
            "ATTENDEE",
            address,
            text(each, "emailAddress", "name"),
            f"PARTSTAT={reply}" if reply else "",
            "CUTYPE=RESOURCE" if thing else "",
            "ROLE=OPT-PARTICIPANT" if text(each, "type") == "optional" else "",
        )


def _answer(event: Told, guest: Told, owner: bool) -> str:
    """What a guest answered. Of the owner the event itself knows, where their line in it is silent."""
    told = text(guest, "status", "response")
    return text(event, "responseStatus", "response") or told if owner and told in _SILENT else told


def _rooms(event: Told) -> set[str]:
    """The addresses of places: rooms come as guests that are required (E1)."""
    held = event.get("location")
    places: list[Any] = [*objects(event, "locations"), held if isinstance(held, dict) else {}]
    told = (text(each, name) for each in places for name in ("locationEmailAddress", "locationUri", "uniqueId"))
    return set(filter(None, map(mail_address, told)))
