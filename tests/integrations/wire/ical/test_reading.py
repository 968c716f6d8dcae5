"""Single events: times, zones, people, and what is not an event."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from keepwarm.types import Broken, Reply, Role, Skipped
from tests.integrations.wire.ical.make import calendar, event, events, one_event, read

ODD_ZONE = (
    "BEGIN:VTIMEZONE\r\nTZID:Our office\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\n"
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\n"
    "TZOFFSETFROM:{0}\r\nTZOFFSETTO:{1}\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\nDTSTART:16010101T000000\r\n"
    "RRULE:FREQ={2};BYDAY=-1SU;BYMONTH=3\r\nTZOFFSETFROM:{1}\r\nTZOFFSETTO:{0}\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE"
)
BERLIN_LIKE = ODD_ZONE.format("+0200", "+0100", "YEARLY")
HALF_HOUR = ODD_ZONE.format("+0330", "+0230", "YEARLY")
DAILY_ZONE = ODD_ZONE.format("+0330", "+0230", "DAILY")
CALENDAR_ZONE = "X-WR-TIMEZONE:America/New_York"


@pytest.mark.parametrize(
    ("name", "around", "hour", "zone", "guessed"),
    [
        ("Europe/London", (), 10, "Europe/London", False),
        ("europe/london", (), 10, "Europe/London", False),
        ("/mozilla.org/20050126_1/Europe/Amsterdam", (), 9, "Europe/Amsterdam", False),
        ("posix/Europe/Paris", (), 9, "Europe/Paris", False),
        ("W. Europe Standard Time", (), 9, "Europe/Berlin", False),
        ('"Pacific Standard Time"', (), 18, "America/Los_Angeles", False),
        ("Our office", (BERLIN_LIKE,), 9, "Europe/Amsterdam", False),
        ("Our office", (HALF_HOUR,), 7, "UTC", False),
        ("Our office", (DAILY_ZONE,), 9, "Europe/Amsterdam", True),
        ("Our office", (), 9, "Europe/Amsterdam", True),
        ("Our office", (CALENDAR_ZONE,), 15, "America/New_York", False),
        ("(UTC+01:00) Somewhere", (), 9, "Europe/Amsterdam", True),
    ],
)
def test_zone_name_means(name: str, around: tuple[str, ...], hour: int, zone: str, guessed: bool) -> None:
    found = one_event(f"DTSTART;TZID={name}:20260115T100000", around=around)
    assert (found.start_at.hour, found.zone, found.zone_guessed) == (hour, zone, guessed)


@pytest.mark.parametrize(("around", "hour"), [((), 9), ((CALENDAR_ZONE,), 15)])
def test_floating_time_is_the_calendars_else_the_owners(around: tuple[str, ...], hour: int) -> None:
    found = one_event("DTSTART:20260115T100000", around=around)
    assert (found.start_at.hour, found.zone_guessed) == (hour, False)


def test_zone_of_one_file_does_not_reach_the_next() -> None:
    one_event("DTSTART;TZID=Our office:20260115T100000", around=(HALF_HOUR,))
    assert one_event("DTSTART;TZID=Our office:20260115T100000").zone_guessed


@pytest.mark.parametrize(
    ("wall", "moment"),
    [
        ("20260329T023000", "2026-03-29T01:00"),
        ("20261025T023000", "2026-10-25T00:30"),
        ("20260329T033000", "2026-03-29T01:30"),
    ],
)
def test_gap_goes_forward_and_fold_is_the_first(wall: str, moment: str) -> None:
    found = one_event(f"DTSTART;TZID=Europe/Amsterdam:{wall}")
    assert found.start_at == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "zone", ["Etc/GMT+12", "America/Los_Angeles", "UTC", "Asia/Kolkata", "Pacific/Chatham", "Pacific/Kiritimati"]
)
def test_whole_day_is_the_owners_day(zone: str) -> None:
    found = one_event("DTSTART;VALUE=DATE:20260405", "DTEND;VALUE=DATE:20260407", zone=zone)
    start, end = found.start_at.astimezone(ZoneInfo(zone)), found.end_at.astimezone(ZoneInfo(zone))
    assert (start.isoformat()[:16], end.isoformat()[:16]) == ("2026-04-05T00:00", "2026-04-07T00:00")
    assert found.all_day
    assert found.zone == zone


@pytest.mark.parametrize(
    ("lines", "minutes"),
    [
        (("DTSTART:20260115T100000Z",), 0),
        (("DTSTART:20260115T100000Z", "DURATION:PT45M"), 45),
        (("DTSTART:20260115T100000Z", "DTEND:20260115T113000Z"), 90),
        (("DTSTART:20260115T100000Z", "DTEND:20260115T090000Z"), 0),
        (("DTSTART;TZID=Europe/London:20260115T100000", "DTEND;TZID=Europe/Amsterdam:20260115T120000"), 60),
        (("DTSTART;VALUE=DATE:20260115",), 1440),
        (("DTSTART;TZID=Europe/Amsterdam:20261025T013000", "DURATION:PT2H"), 120),
        (("DTSTART:20260115T1000Z", "DTEND:20260115T1015Z"), 15),
    ],
)
def test_length_is_end_or_duration_or_nothing(lines: tuple[str, ...], minutes: int) -> None:
    found = one_event(*lines)
    assert found.end_at - found.start_at == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("line", "address", "name", "reply", "resource"),
    [
        ("ATTENDEE;CN=Kim:MAILTO:Kim@Example.org", "kim@example.org", "Kim", Reply.NONE, False),
        (
            'ATTENDEE;CN="Bos, Kim";PARTSTAT=ACCEPTED:mailto:kim@example.org',
            "kim@example.org",
            "Bos, Kim",
            Reply.ACCEPTED,
            False,
        ),
        ("ATTENDEE;PARTSTAT=declined:mailto:kim@example.org", "kim@example.org", "", Reply.DECLINED, False),
        ("ATTENDEE;PARTSTAT=TENTATIVE:kim@example.org", "kim@example.org", "", Reply.TENTATIVE, False),
        (
            "ATTENDEE;PARTSTAT=NEEDS-ACTION;EMAIL=kim@example.org:/principals/1",
            "kim@example.org",
            "",
            Reply.NEEDS_ACTION,
            False,
        ),
        ("ATTENDEE;CUTYPE=ROOM:mailto:room3@example.org", "room3@example.org", "", Reply.NONE, True),
        ("ATTENDEE;CUTYPE=RESOURCE:mailto:beamer@example.org", "beamer@example.org", "", Reply.NONE, True),
        ("ATTENDEE;CUTYPE=GROUP:mailto:all@example.org", "all@example.org", "", Reply.NONE, True),
        ("ATTENDEE:mailto:c_1@resource.calendar.google.com", "c_1@resource.calendar.google.com", "", Reply.NONE, True),
        (
            "ATTENDEE;CN=K\u202e\u200bim:mailto:kim@b\u00fccher.example",
            "kim@xn--bcher-kva.example",
            "Kim",
            Reply.NONE,
            False,
        ),
        ('ATTENDEE;CN="Kim:mailto:kim@example.org', "kim@example.org", "Kim", Reply.NONE, False),
    ],
)
def test_attendee_is_read(line: str, address: str, name: str, reply: Reply, resource: bool) -> None:
    (found,) = one_event("DTSTART:20260115T100000Z", line).participants
    assert (found.role, found.address.address, found.address.name) == (Role.ATTENDEE, address, name)
    assert (found.reply, found.resource) == (reply, resource)


def test_organiser_comes_first_and_attendees_once() -> None:
    attendee = "ATTENDEE:mailto:kim@example.org"
    found = one_event(
        "DTSTART:20260115T100000Z", attendee, attendee, "ORGANIZER;CN=Bo:mailto:bo@example.org", "ATTENDEE:urn:x:1"
    )
    assert [(one.role, one.address.address) for one in found.participants] == [
        (Role.ORGANISER, "bo@example.org"),
        (Role.ATTENDEE, "kim@example.org"),
    ]


@pytest.mark.parametrize(
    ("line", "busy"), [("X-A:1", True), ("TRANSP:TRANSPARENT", False), ("X-MICROSOFT-CDO-BUSYSTATUS:FREE", False)]
)
def test_free_time_is_not_busy(line: str, busy: bool) -> None:
    assert one_event("DTSTART:20260115T100000Z", line).busy is busy


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (calendar(event("k-1@keepwarm", "DTSTART:20260115T100000Z")), "ours"),
        (calendar(event("x", "X-KEEPWARM:1", "DTSTART:20260115T100000Z")), "ours"),
        (calendar("BEGIN:VTODO\r\nUID:1\r\nEND:VTODO"), "not_an_event"),
        (calendar("BEGIN:VJOURNAL\r\nUID:1\r\nEND:VJOURNAL"), "not_an_event"),
        (calendar("BEGIN:VFREEBUSY\r\nUID:1\r\nEND:VFREEBUSY"), "not_an_event"),
    ],
)
def test_what_is_no_input_is_skipped(data: bytes, reason: str) -> None:
    (found,) = read(data)
    assert isinstance(found, Skipped)
    assert found.reason == reason


PLAIN = calendar(
    event("a@example.org", "DTSTART:20260115T100000Z", "DESCRIPTION:a very lo\r\n ng\r\n\ttext", "LOCATION:Caf\u00e9 9")
)


@pytest.mark.parametrize(
    "data",
    [
        PLAIN,
        b"\xef\xbb\xbf" + PLAIN,
        PLAIN.replace(b"\r\n", b"\n"),
        PLAIN.decode().encode("utf-16"),
        PLAIN.decode().encode("utf-16-le"),
        PLAIN.decode().encode("latin-1"),
        PLAIN.replace(b"Coffee", b"Cof\r\n fee").replace(b"\xc3\xa9", b"\xc3\r\n \xa9"),
    ],
    ids=["utf-8", "bom", "bare newlines", "utf-16", "utf-16 without mark", "latin-1", "folded inside a character"],
)
def test_encoding_and_folding_do_not_matter(data: bytes) -> None:
    (found,) = events(data)
    assert (found.title, found.location) == ("Coffee", "Caf\u00e9 9")


def test_several_calendars_in_one_file_are_all_read() -> None:
    assert len(events(PLAIN + PLAIN.replace(b"a@example.org", b"b@example.org"))) == 2


def test_same_event_twice_is_superseded_by_the_later() -> None:
    found = read(PLAIN + PLAIN.replace(b"Coffee", b"Tea"))
    assert [one.reason for one in found if isinstance(one, Skipped)] == ["superseded"]
    assert [one.title for one in found if not isinstance(one, Skipped | Broken)] == ["Tea"]


def test_events_without_uid_are_told_apart_by_content() -> None:
    data = PLAIN.replace(b"UID:a@example.org\r\n", b"")
    found = events(data + data.replace(b"Coffee", b"Tea"))
    assert len({one.uid for one in found}) == 2
