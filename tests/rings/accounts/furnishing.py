"""What a mailbox and a calendar hold before we read them, and what changes there afterwards."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests import make
from tests.rings.accounts.home import Home, own_calendar
from tests.workers.conftest import NOOR, NOW

__all__ = ["NOOR", "TALK", "change", "furnish"]  # NOOR is who the talks are with

TALK = NOW + timedelta(days=3)
TALKS = 9


def furnish(home: Home) -> None:
    """Talks in the owner's calendar, with somebody of the network, and mails."""
    home.knows(NOOR)
    for number in range(TALKS):
        talk(home, number, TALK + timedelta(hours=number * 3))
        mail(home, number)


def change(home: Home) -> None:
    """Talks move, go and come; so do mails."""
    for number in range(3):
        talk(home, number, TALK + timedelta(days=7, hours=number))
    for number in range(3, 5):
        home.diary.remove(_path(home, number))
    for number in range(TALKS, TALKS + 4):
        talk(home, number, TALK + timedelta(days=14, hours=number))
        mail(home, number)


def talk(home: Home, number: int, start: datetime) -> None:
    """It is put there, or anew."""
    guest = f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{make.person(NOOR).address}"
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y//EN", "BEGIN:VEVENT", f"UID:t{number}@x.example"),
        *("DTSTAMP:20261101T100000Z", f"DTSTART:{start:%Y%m%dT%H%M%SZ}", "DURATION:PT1H", f"SUMMARY:Talk {number}"),
        *(f"ORGANIZER:mailto:{home.address}", f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{home.address}", guest),
        *("END:VEVENT", "END:VCALENDAR", ""),
    ]
    body, kind = "\r\n".join(lines), "text/calendar; charset=utf-8"
    status, _ = home.diary.ask("PUT", _path(home, number), body, Content_Type=kind)
    assert status in {201, 204}


def mail(home: Home, number: int) -> None:
    head = f"From: {NOOR}\r\nTo: {home.address}\r\nSubject: Hello\r\nMessage-ID: <m{number}@lantern.example>\r\n"
    text = f"{head}Date: Mon, 16 Nov 2026 10:{number:02}:00 +0000\r\n\r\nHello\r\n"
    home.post.dovecot.deliver(home.post.user, text.encode())


def _path(home: Home, number: int) -> str:
    return f"{own_calendar(home)}t{number}.ics"
