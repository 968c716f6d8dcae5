"""Our own events: what they hold, what they never hold, and that they come back as written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from icalendar import Calendar

from integrations.wire.ical import read_our_event, write_event, write_feed
from keepwarm.errors import Unreadable
from keepwarm.types import OurEvent, Skipped
from tests.integrations.wire.ical.make import NOW, read

OURS = OurEvent(
    uid="k-1@keepwarm",
    title="Call Kim; soon, really \u2014 caf\u00e9",
    description="One line\nand another",
    start_at=datetime(2026, 3, 30, 8, tzinfo=UTC),
    end_at=datetime(2026, 3, 30, 8, 15, tzinfo=UTC),
    zone="Europe/Amsterdam",
    reminder_minutes=10,
    url="https://example.org/plan",
    sequence=2,
)
GOLDEN = """BEGIN:VEVENT
SUMMARY:Call Kim\\; soon\\, really \u2014 caf\u00e9
DTSTART;TZID=Europe/Amsterdam:20260330T100000
DTEND;TZID=Europe/Amsterdam:20260330T101500
DTSTAMP:20261123T120000Z
UID:k-1@keepwarm
SEQUENCE:2
CLASS:PRIVATE
DESCRIPTION:One line\\nand another
LAST-MODIFIED:20261123T120000Z
STATUS:CONFIRMED
TRANSP:TRANSPARENT
URL:https://example.org/plan
X-KEEPWARM:1
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Call Kim\\; soon\\, really \u2014 caf\u00e9
TRIGGER:-PT10M
END:VALARM
END:VEVENT
"""


def test_event_is_written_as_agreed() -> None:
    text = write_event(OURS, stamp=NOW).decode()
    assert GOLDEN.replace("\n", "\r\n") in text
    head = ("VERSION:2.0", "PRODID:-//Keepwarm//Keepwarm 1//EN", "BEGIN:VTIMEZONE", "TZID:Europe/Amsterdam")
    assert text.splitlines()[1:5] == list(head)
    assert not any(word in text for word in ("ATTENDEE", "ORGANIZER", "METHOD"))


def test_same_input_gives_the_same_bytes() -> None:
    assert write_event(OURS, stamp=NOW) == write_event(OURS, stamp=NOW)


@pytest.mark.parametrize("zone", ["Europe/Amsterdam", "America/New_York", "UTC", "Asia/Kolkata"])
def test_event_comes_back_as_written(zone: str) -> None:
    data = write_event(replace(OURS, zone=zone), stamp=NOW)
    back = read_our_event(data)
    assert (back.uid, back.start_at, back.end_at, back.title) == (OURS.uid, OURS.start_at, OURS.end_at, OURS.title)
    (event,) = Calendar.from_ical(data).walk("VEVENT")
    assert event["DTSTART"].dt == OURS.start_at
    assert not event.errors


@pytest.mark.parametrize(("minutes", "trigger"), [(0, "TRIGGER:P0D"), (90, "TRIGGER:-PT1H30M")])
def test_reminder_rings_before_or_at_the_start(minutes: int, trigger: str) -> None:
    assert trigger in write_event(replace(OURS, reminder_minutes=minutes), stamp=NOW).decode()


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", ""])
def test_other_links_are_left_out(url: str) -> None:
    assert b"\r\nURL" not in write_event(replace(OURS, url=url), stamp=NOW)


@pytest.mark.parametrize("field", ["uid", "title", "description", "url"])
def test_control_characters_are_refused(field: str) -> None:
    with pytest.raises(ValueError, match="control characters"):
        write_event(replace(OURS, **{field: "a\x07b"}), stamp=NOW)


def test_line_break_in_a_title_makes_no_property() -> None:
    data = write_event(replace(OURS, title="x\r\nATTENDEE:mailto:kim@example.org"), stamp=NOW)
    assert b"\r\nATTENDEE" not in data


def test_feed_joins_events_and_names_a_zone_once() -> None:
    other = replace(OURS, uid="k-2@keepwarm")
    feed = write_feed("Keepwarm", [write_event(OURS, stamp=NOW), write_event(other, stamp=NOW)])
    calendar = Calendar.from_ical(feed)
    assert [str(event["UID"]) for event in calendar.walk("VEVENT")] == ["k-1@keepwarm", "k-2@keepwarm"]
    assert feed.count(b"BEGIN:VTIMEZONE") == 1
    assert b"X-WR-CALNAME:Keepwarm\r\n" in feed
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in feed


def test_empty_feed_is_a_calendar() -> None:
    assert Calendar.from_ical(write_feed("Keepwarm", [])).walk("VEVENT") == []


def test_our_own_events_are_never_read_as_news() -> None:
    assert [type(one) for one in read(write_event(OURS, stamp=NOW))] == [Skipped]


@pytest.mark.parametrize("data", [b"", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", b"\xff\x00"])
def test_what_is_no_event_is_unreadable(data: bytes) -> None:
    with pytest.raises(Unreadable):
        read_our_event(data)
