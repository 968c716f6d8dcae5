"""Bombs, broken bytes and the files of public test suites: nothing escapes, stops the rest, or takes long."""

from __future__ import annotations

import io
import random
import tracemalloc
from pathlib import Path
from time import process_time

import pytest

from integrations.wire.ical.cut import cut
from keepwarm.types import Broken, CalendarEvent, Skipped
from tests.integrations.wire.ical.make import calendar, corpus, event, read

START = "DTSTART:20260115T100000Z"
BOMBS = {
    "each second": (START, "RRULE:FREQ=SECONDLY"),
    "each minute": (START, "RRULE:FREQ=MINUTELY"),
    "each hour": (START, "RRULE:FREQ=HOURLY"),
    "each hour from year 1": ("DTSTART:00010101T000000Z", "RRULE:FREQ=HOURLY"),
    "step of zero": (START, "RRULE:FREQ=DAILY;INTERVAL=0"),
    "30 February": (START, "RRULE:FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30"),
    "weekday never met": (START, "RRULE:FREQ=DAILY;INTERVAL=7;BYDAY=MO"),
    "thirteenth twice": (START, "RRULE:FREQ=MONTHLY;BYMONTHDAY=13;BYSETPOS=2"),
    "each minute of a day": (START, "RRULE:FREQ=DAILY;BYHOUR=0,1;BYMINUTE=" + ",".join(map(str, range(60)))),
    "five rules": (START, *["RRULE:FREQ=DAILY"] * 5),
    "overlapping itself": (START, "RRULE:FREQ=DAILY", "DURATION:P9000D"),
    "excluded 200,000 times": (START, "RRULE:FREQ=DAILY", "EXDATE:" + ",".join(["20260115T100000Z"] * 200_000)),
    "200,000 dates": (START, "RDATE:" + ",".join(["20260115T100000Z"] * 200_000)),
    "200,000 date lines": (START, *["RDATE:20260115T100000Z"] * 200_000),
    "ends in 9999": (START, "DTEND:99991231T235959Z"),
    "endless duration": (START, "DURATION:P99999999999D"),
    "large title": (START, "SUMMARY:" + "x" * 600_000),
    "parts within parts": (START, *["BEGIN:X-PART"] * 3000, *["END:X-PART"] * 3000),
    "no start": ("SUMMARY:x",),
    "not a date": ("DTSTART:tomorrow",),
    "not a rule": (START, "RRULE:every week"),
    "daily since 1931": ("DTSTART:19310105T100000", "RRULE:FREQ=DAILY"),
    "every place of every year": (
        START,
        "RRULE:FREQ=YEARLY;BYDAY=MO,TU,WE;BYSETPOS=" + ",".join(map(str, range(1, 150))),
    ),
    "zones by the hundred": (START, *(f"RDATE;TZID=No/Zone{at}:20260115T100000" for at in range(100))),
    "attendee of 400 kB": (START, "ATTENDEE;CN=" + "a," * 200_000 + ":mailto:kim@example.org"),
    "surrogates and nulls": ("DTSTART:2026\0", "SUMMARY:\0"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bomb_leaves_the_hundred_beside_it(name: str) -> None:
    good = [event(f"{number}@example.org", START) for number in range(100)]
    data = calendar(*good[:50], event("bomb@example.org", *BOMBS[name]), *good[50:])
    begin = process_time()
    found = read(data)
    assert process_time() - begin < 2  # seconds; the measured worst is a fifth of it
    assert [type(one) for one in found].count(CalendarEvent) == 100
    (broken,) = [one for one in found if isinstance(one, Broken)]
    assert len(found) == 101
    assert len(broken.digest) == 64
    assert "bomb" not in broken.reason + broken.position


def test_zone_bomb_falls_back_to_the_owners_zone() -> None:
    rule = "BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nRRULE:FREQ=DAILY\r\n"
    rule += "TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:STANDARD"
    zone = "\r\n".join(("BEGIN:VTIMEZONE", "TZID:Odd", *[rule] * 50, "END:VTIMEZONE"))
    (found,) = read(calendar(zone, event("a@example.org", "DTSTART;TZID=Odd:20260115T100000")))
    assert isinstance(found, CalendarEvent)
    assert found.zone_guessed


@pytest.mark.parametrize(
    "ending",
    ["", "END:VCALENDAR\r\n", "BEGIN:VEVENT\r\nUID:b\r\nDTSTART:20260115T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"],
)
def test_event_that_ends_halfway_is_broken_alone(ending: str) -> None:
    found = read(f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\n{START}\r\n{ending}".encode())
    assert sum(isinstance(one, Broken) for one in found) == 1
    assert sum(isinstance(one, CalendarEvent) for one in found) == ("UID:b" in ending)


LAWFUL = {
    "weekday never met, slowly": (
        "DTSTART:20260106T100000",
        "RRULE:FREQ=DAILY;INTERVAL=7;BYDAY=TU;BYMONTHDAY=" + ",".join(map(str, range(1, 32)))
        + ";BYYEARDAY=" + ",".join(map(str, range(-366, 0))),
    ),
    "daily since 1970": ("DTSTART:19700105T100000", "RRULE:FREQ=DAILY"),
    "daily since 1970 at an hour": ("DTSTART:19700105T100000", "RRULE:FREQ=DAILY;BYHOUR=9"),
    "attendees of many parameters": (
        START, *(f"ATTENDEE{';X-A=1' * 400}:mailto:b{at}@example.org" for at in range(200)),
    ),
    "one property 4,000 times": [START] * 4_000,
    "place of 400 kB": (START, "LOCATION:" + "\\," * 200_000),
    "description of 50 MB": (START, "DESCRIPTION:" + "x" * 50_000_000),
}  # fmt: skip


@pytest.mark.parametrize("name", LAWFUL)
def test_what_is_lawful_though_costly_is_read_in_time(name: str) -> None:
    data = calendar(event("costly@example.org", *LAWFUL[name]))
    begin = process_time()
    found = read(data)
    assert process_time() - begin < 0.5  # seconds: twice what the ring allows, for a busy machine
    assert all(isinstance(one, CalendarEvent | Skipped) for one in found)


def test_a_calendar_is_read_in_bounded_memory() -> None:
    data = calendar(event("a@example.org", START, "DESCRIPTION:" + "x" * 20_000_000, *["X:"] * 1_000_000))
    tracemalloc.start()
    read(data)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 10 << 20


def test_a_large_event_hides_nothing_after_it() -> None:
    data = calendar(event("a@example.org", START, *["METHOD:x"] * 200_000), event("b@example.org", START))
    assert [type(one) for one in read(data)] == [Broken, CalendarEvent]


def test_zone_that_is_slow_and_like_no_other_is_guessed() -> None:
    rule = "BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nRRULE:FREQ=YEARLY;BYMONTH={};BYDAY=-1SU\r\n"
    rule += "TZOFFSETFROM:+0117\r\nTZOFFSETTO:+0{}23\r\nEND:STANDARD"
    rules = [rule.format(month, month % 10) for month in range(1, 13)]
    zone = "\r\n".join(("BEGIN:VTIMEZONE", "TZID:Odd", *rules, "END:VTIMEZONE"))
    found = read(calendar(zone, event("a@example.org", "DTSTART;TZID=Odd:20260115T100000", "RRULE:FREQ=DAILY")))
    assert all(one.zone_guessed for one in found if isinstance(one, CalendarEvent))


def test_what_is_no_calendar_is_one_broken_thing() -> None:
    (found,) = read(b"Dear Kim,\r\nhow are you?\r\n")
    assert isinstance(found, Broken)


def test_mutated_calendars_never_raise() -> None:
    chance = random.Random(11)
    lines = (
        "DTSTART;TZID=Europe/Amsterdam:20260105T100000",
        "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=9",
        "EXDATE:20260112T090000Z",
        "DURATION:PT1H",
    )
    base = calendar(
        event("a@example.org", *lines, "ATTENDEE;CN=Kim;PARTSTAT=ACCEPTED:mailto:kim@example.org"),
        event("b@example.org", START),
    )
    worst = 0.0
    for _ in range(1000):
        data = bytearray(base)
        for _ in range(chance.randint(1, 12)):
            at = chance.randrange(len(data))
            data[at : at + chance.randint(0, 4)] = chance.randbytes(chance.randint(0, 4))
        begin = process_time()
        read(bytes(data))
        worst = max(worst, process_time() - begin)
    assert worst < 1  # seconds


@pytest.mark.shared
def test_every_file_of_the_corpus_is_read_and_counts_add_up() -> None:
    slowest: tuple[float, Path | None] = (0.0, None)
    for path in corpus("ics"):
        data = path.read_bytes()
        begin = process_time()
        found = read(data)
        slowest = max(slowest, ((process_time() - begin) / max(len(found), 1), path))
        parts = cut(io.BytesIO(data))
        assert len(found) >= len({part.value("UID") for part in parts if not part.other and part.value("UID")}), (
            path.name
        )
        assert found or not parts, path.name
    assert slowest[0] < 0.25, slowest  # seconds an item
