"""What stands in a calendar and costs readers their time: rules, dates, zones, people, parts within parts (E5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from tests.rings.hostile.bombs.bomb import QUARANTINED, READ, SKIPPED, Becomes, Bomb

START = "DTSTART:20260115T100000Z"
OLD = "DTSTART:19310105T100000"
EPOCH = "DTSTART:19700105T100000"
TUESDAY = "DTSTART:20260106T100000"


def event(*lines: str, uid: str = "bomb@example.net") -> str:
    return "\r\n".join(("BEGIN:VEVENT", f"UID:{uid}", "SUMMARY:Coffee", *lines, "END:VEVENT", ""))


def lines(*fixed: str, becomes: Becomes = READ) -> Bomb:
    """An event of these lines."""
    return Bomb(make=lambda _: event(*fixed).encode(), becomes=becomes)


def grown(make: Callable[[int], str], size: int, becomes: Becomes = READ, items: int = 1) -> Bomb:
    return Bomb(make=lambda n: make(n).encode("utf-8", "surrogatepass"), size=size, becomes=becomes, items=items)


def _numbers(first: int, last: int) -> str:
    return ",".join(str(number) for number in range(first, last + 1))


_ALL_DAYS = f"BYMONTHDAY={_numbers(1, 31)};BYYEARDAY={_numbers(-366, -1)};BYWEEKNO={_numbers(1, 53)}"
_EXTENDED = f"BYMONTHDAY={_numbers(1, 31)};BYYEARDAY={_numbers(-365, -1)}"


def _days(n: int, step: int = 1) -> str:
    return ",".join((date(2025, 1, 1) + timedelta(days=at * step)).strftime("%Y%m%dT090000") for at in range(n))


def _zone(name: str, *rules: str, parent: str = "STANDARD") -> str:
    part = "\r\n".join(
        (
            f"BEGIN:{parent}",
            "DTSTART:19700101T000000",
            "{rule}",
            "TZOFFSETFROM:+0{hour}17",
            "TZOFFSETTO:+0{hour}23",
            f"END:{parent}",
        )
    )
    parts = [part.format(rule=rule, hour=at % 10) for at, rule in enumerate(rules)]
    return "\r\n".join(("BEGIN:VTIMEZONE", f"TZID:{name}", *parts, "END:VTIMEZONE", ""))


def _in_zone(name: str, *extra: str) -> str:
    return event(f"DTSTART;TZID={name}:20260115T100000", *extra)


def _zones(n: int) -> str:
    return "".join(_zone(f"Odd {at}", *[f"RRULE:FREQ=YEARLY;BYMONTH={1 + at % 12}"] * 24) for at in range(n))


def _moved(n: int) -> str:
    """A series with an exception for each of its days."""
    days = [date(2026, 1, 1) + timedelta(days=at) for at in range(n)]
    moved = [event(f"RECURRENCE-ID:{day:%Y%m%d}T100000Z", f"DTSTART:{day:%Y%m%d}T120000Z") for day in days]
    return event("DTSTART:20260101T100000Z", "RRULE:FREQ=DAILY") + "".join(moved)


BOMBS: dict[str, Bomb] = {
    # rules
    "each second": lines(START, "RRULE:FREQ=SECONDLY", becomes=QUARANTINED),
    "each minute": lines(START, "RRULE:FREQ=MINUTELY", becomes=QUARANTINED),
    "each hour": lines(START, "RRULE:FREQ=HOURLY", becomes=QUARANTINED),
    "each hour from the year 1": lines("DTSTART:00010101T000000Z", "RRULE:FREQ=HOURLY", becomes=QUARANTINED),
    "step of zero": lines(START, "RRULE:FREQ=DAILY;INTERVAL=0", becomes=QUARANTINED),
    "step of minus one": lines(START, "RRULE:FREQ=DAILY;INTERVAL=-1", becomes=QUARANTINED),
    "a step of many digits": grown(lambda n: event(START, "RRULE:FREQ=DAILY;INTERVAL=" + "9" * n), 3_000, QUARANTINED),
    "30 February": lines(START, "RRULE:FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", becomes=QUARANTINED),
    "weekday never met": lines(START, "RRULE:FREQ=DAILY;INTERVAL=7;BYDAY=MO", becomes=QUARANTINED),
    "weekday never met, slowly": lines(
        TUESDAY, f"RRULE:FREQ=DAILY;INTERVAL=7;BYDAY=MO;{_ALL_DAYS}", becomes=QUARANTINED
    ),
    "rarely met, slowly": lines(START, f"RRULE:FREQ=YEARLY;BYDAY=MO;{_ALL_DAYS};BYMONTH=2;BYSETPOS=5"),
    "four rules, slow to prove": lines(START, *[f"RRULE:FREQ=YEARLY;{_EXTENDED};BYDAY=5SU"] * 4),
    "thirteenth twice": lines(START, "RRULE:FREQ=MONTHLY;BYMONTHDAY=13;BYSETPOS=2", becomes=QUARANTINED),
    "place beyond every set": lines(START, "RRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=366", becomes=QUARANTINED),
    "last places of every set": lines(
        OLD, f"RRULE:FREQ=YEARLY;BYYEARDAY={_numbers(1, 366)};BYSETPOS={_numbers(-366, -1)}", becomes=QUARANTINED
    ),
    "each minute of a day": lines(
        START, "RRULE:FREQ=DAILY;BYHOUR=0,1;BYMINUTE=" + _numbers(0, 59), becomes=QUARANTINED
    ),
    "24 times a day": lines(START, "RRULE:FREQ=DAILY;BYHOUR=" + _numbers(0, 23), becomes=QUARANTINED),
    "daily since 1931": lines(OLD, "RRULE:FREQ=DAILY", becomes=QUARANTINED),
    "daily since 1970": lines(EPOCH, "RRULE:FREQ=DAILY"),
    "daily since 1970, at an hour": lines(EPOCH, "RRULE:FREQ=DAILY;BYHOUR=9"),
    "four rules since 1970": lines(EPOCH, *["RRULE:FREQ=DAILY"] * 4, becomes=QUARANTINED),
    "four rules since 2024": Bomb(
        make=lambda _: event(START, *[f"RRULE:FREQ=DAILY;BYHOUR={hour}" for hour in (9, 10, 11, 12)]).encode(),
        becomes=SKIPPED,
        items=2,  # what is read of it, and that there is more
    ),
    "every day of every year since 1970": lines(EPOCH, f"RRULE:FREQ=YEARLY;BYYEARDAY={_numbers(1, 366)}"),
    "five rules": lines(START, *["RRULE:FREQ=DAILY"] * 5, becomes=QUARANTINED),
    "a thousand rules": lines(START, *["RRULE:FREQ=DAILY"] * 1000, becomes=QUARANTINED),
    "a million times": lines(START, "RRULE:FREQ=DAILY;COUNT=1000000"),
    "a million million times": lines(START, "RRULE:FREQ=DAILY;COUNT=1000000000000", becomes=QUARANTINED),
    "minus five times": lines(START, "RRULE:FREQ=DAILY;COUNT=-5"),
    "ends before it begins": lines(START, "RRULE:FREQ=DAILY;UNTIL=19990101T000000Z", becomes=SKIPPED),
    "ends in the year 0": lines(START, "RRULE:FREQ=DAILY;UNTIL=00000000T000000Z", becomes=QUARANTINED),
    "ends in 9999": lines(START, "RRULE:FREQ=WEEKLY;UNTIL=99991231T235959Z"),
    "rule of one part a hundred times": lines(START, "RRULE:FREQ=DAILY" + ";FREQ=DAILY" * 100, becomes=QUARANTINED),
    "rule of semicolons": grown(lambda n: event(START, "RRULE:FREQ=DAILY" + ";" * n), 3_000),
    "rule of 500 kB": grown(lambda n: event(START, "RRULE:" + "BYDAY=MO;" * n), 50_000, QUARANTINED),
    "no rule": lines(START, "RRULE:every week", becomes=QUARANTINED),
    "overlapping itself": lines(START, "RRULE:FREQ=DAILY", "DURATION:P9000D", becomes=QUARANTINED),
    # dates
    "excluded 200,000 times": grown(
        lambda n: event(START, "EXDATE:" + ",".join(["20260115T100000Z"] * n)), 200_000, QUARANTINED
    ),
    "200,000 dates": grown(lambda n: event(START, "RDATE:" + ",".join(["20260115T100000Z"] * n)), 200_000, QUARANTINED),
    "200,000 date lines": grown(lambda n: event(START, *["RDATE:20260115T100000Z"] * n), 200_000, QUARANTINED),
    "2,000 dates": grown(lambda n: event("DTSTART:20250101T090000", "RDATE:" + _days(n)), 2_000),
    "2,000 excluded dates": grown(
        lambda n: event("DTSTART:20250101T090000", "RRULE:FREQ=DAILY", "EXDATE:" + _days(n)), 2_000, SKIPPED
    ),
    "2,000 date lines, each a zone": grown(
        lambda n: event(
            "DTSTART:20250101T090000", *(f"RDATE;TZID=No/Zone{at}:20260115T10{at % 60:02d}00" for at in range(n))
        ),
        2_000,
        QUARANTINED,
    ),
    "2,000 periods": grown(
        lambda n: event(START, "RDATE;VALUE=PERIOD:" + ",".join(["20260115T100000Z/P9999D"] * n)), 2_000
    ),
    "ends in the year 9999": lines(START, "DTEND:99991231T235959Z", becomes=QUARANTINED),
    "endless duration": lines(START, "DURATION:P99999999999D", becomes=QUARANTINED),
    "duration of many digits": grown(lambda n: event(START, "DURATION:P" + "9" * n + "D"), 400_000, QUARANTINED),
    "not a date": lines("DTSTART:tomorrow", becomes=QUARANTINED),
    "no start": lines("DTEND:20260115T100000Z", becomes=QUARANTINED),
    "25 o'clock on 32 January": lines("DTSTART:20260132T250000Z", becomes=QUARANTINED),
    "start with a NUL": lines("DTSTART:2026\0", becomes=QUARANTINED),
    "sequence of many digits": grown(lambda n: event(START, "SEQUENCE:" + "9" * n), 5_000, QUARANTINED),
    # texts and people
    "title of 600 kB": grown(lambda n: event(START, "SUMMARY:" + "x" * n), 600_000, QUARANTINED),
    "title of 400 kB": grown(lambda n: event(START).replace("Coffee", "\\n" * n), 200_000),
    "place of 400 kB": grown(lambda n: event(START, "LOCATION:" + "\\," * n), 200_000),
    "description of 50 MB": grown(lambda n: event(START, "DESCRIPTION:" + "x" * n), 50_000_000),
    "description of a million folds": grown(lambda n: event(START, "DESCRIPTION:x" + "\r\n x" * n), 1_000_000),
    "title of a hundred thousand folds": grown(lambda n: event(START).replace("Coffee", "x" + "\r\n x" * n), 100_000),
    "uid of 400 kB": grown(lambda n: event(START, uid="x" * n), 400_000),
    "5,000 attendees": grown(lambda n: event(START, *[f"ATTENDEE:mailto:b{at}@example.org" for at in range(n)]), 4_900),
    "attendees of many parameters": grown(
        lambda n: event(START, *[f"ATTENDEE{';X-A=1' * 400}:mailto:b{at}@example.org" for at in range(n)]), 200
    ),
    "attendee of many values": grown(
        lambda n: event(START, "ATTENDEE;CN=" + "a," * n + ":mailto:b@example.org"), 200_000, QUARANTINED
    ),
    "attendees with international domains": grown(
        lambda n: event(START, *[f"ATTENDEE:mailto:b@{'.'.join(['ü' * 20 + str(at)] * 8)}.example" for at in range(n)]),
        200,
    ),
    "quotes never closed": grown(lambda n: event(START, *['ATTENDEE;CN="Kim:mailto:kim@example.org'] * n), 1_000),
    "bidi and surrogates": grown(lambda n: event(START).replace("Coffee", "\u202e\ud800\0" * n), 100),
    "one property 4,000 times": grown(lambda n: event(*[START] * n), 4_000),
    "parameters without an end": grown(lambda n: event("DTSTART" + ";X=1" * n + ":20260115T100000Z"), 100_000),
    # parts and zones
    "parts within parts": grown(lambda n: event(START, *["BEGIN:X-PART"] * n, *["END:X-PART"] * n), 3_000, QUARANTINED),
    "parts never closed": grown(lambda n: event(START, *["BEGIN:X-PART"] * n), 3_000, QUARANTINED),
    "ends without a beginning": grown(lambda n: event(START, *["END:X-PART"] * n), 3_000),
    "a thousand alarms": grown(lambda n: event(START, *["BEGIN:VALARM\r\nTRIGGER:-PT1M\r\nEND:VALARM"] * n), 1_000),
    "zone of 50 daily rules": grown(lambda n: _zone("Odd", *["RRULE:FREQ=DAILY"] * n) + _in_zone("Odd"), 50),
    "zone of 24 yearly rules": grown(
        lambda n: (
            _zone("Odd", *[f"RRULE:FREQ=YEARLY;BYMONTH={1 + at % 12};BYDAY=-1SU" for at in range(min(n, 24))])
            + _in_zone("Odd")
        ),
        24,
    ),
    "zone of rules that are slow to prove": grown(
        lambda n: _zone("Odd", *[f"RRULE:FREQ=YEARLY;{_EXTENDED};BYDAY=5SU,1MO"] * min(n, 24)) + _in_zone("Odd"), 24
    ),
    "series in a zone of 24 rules": grown(
        lambda n: (
            _zone("Odd", *[f"RRULE:FREQ=YEARLY;BYMONTH={1 + at % 12};BYDAY=-1SU" for at in range(min(n, 24))])
            + _in_zone("Odd", "RRULE:FREQ=DAILY")
        ),
        24,
    ),
    "zone within a zone": grown(
        lambda n: "".join(["BEGIN:VTIMEZONE\r\nTZID:Odd\r\n"] * n + ["END:VTIMEZONE\r\n"] * n) + _in_zone("Odd"), 3_000
    ),
    "zone of 2,000 dates": grown(
        lambda n: _zone("Odd", "RDATE:" + _days(n)) + _in_zone("Odd", "RRULE:FREQ=DAILY"), 1_900
    ),
    "zone named like a path": lines("DTSTART;TZID=" + "../" * 60 + "etc/passwd:20260115T100000"),
    "zone with a long name": grown(lambda n: event(f"DTSTART;TZID={'x' * n}:20260115T100000"), 400_000),
    "zone of words": grown(lambda n: event(f"DTSTART;TZID={'a/' * n}:20260115T100000"), 200_000),
    "200 zones of 24 rules": grown(lambda n: _zones(n) + _in_zone("Odd 0"), 200),
    "500 exceptions of a series": grown(_moved, 499, items=500),
    "100,000 tasks": grown(lambda n: event(START) + "BEGIN:VTODO\r\nEND:VTODO\r\n" * n, 100_000, SKIPPED, 100_000),
    "100,000 beginnings": grown(
        lambda n: "BEGIN:VEVENT\r\n" * n + "END:VEVENT\r\n", 100_000, QUARANTINED, items=100_000
    ),
}
