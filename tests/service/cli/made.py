"""Invented files to read: a mailbox and a calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

ME = "anna@example.org"
BRAM = ("Bram Claes", "bram@maas.example.com")
EVA = ("Eva Noor", "eva.noor@example.net")
FINN = ("Finn Smit", "finn@example.net")
SHOP = ("Shop", "no-reply@shop.example.com")


def mailbox(folder: Path, *, before: datetime | None = None) -> Path:
    """``folder`` with Sent.mbox and Inbox.mbox; the last mail is a year before ``before`` (default: November 2026)."""
    last = (before or datetime(2026, 11, 23, 9, tzinfo=UTC)) - timedelta(days=365)
    folder.mkdir(parents=True, exist_ok=True)
    sent = [mail(("Anna", ME), person, last - timedelta(days=9 * at)) for at in range(3) for person in (BRAM, EVA)]
    got = [
        mail(person, ("Anna", ME), last - timedelta(days=9 * at + 1)) for at in range(2) for person in (BRAM, EVA, FINN)
    ]
    got.append(
        mail(SHOP, ("Anna", ME), last, more="Auto-Submitted: auto-generated\nList-Unsubscribe: <https://example.com>\n")
    )
    (folder / "Sent.mbox").write_text("".join(sent))
    (folder / "Inbox.mbox").write_text("".join(got))
    return folder


def mail(sender: tuple[str, str], to: tuple[str, str], at: datetime, *, more: str = "") -> str:
    mark = f"{sender[1]}-{to[1]}-{at:%Y%m%d%H%M}".replace("@", ".")
    return (
        f"From {sender[1]} Mon Jan  1 10:00:00 2024\n"
        f"From: {sender[0]} <{sender[1]}>\nTo: {to[0]} <{to[1]}>\nDate: {format_datetime(at)}\n"
        f"Message-ID: <{mark}@mail.example.org>\nSubject: secret subject\n{more}\nsecret text\n\n"
    )


def calendar(
    path: Path,
    start: datetime,
    *,
    person: tuple[str, str] = BRAM,
    uid: str = "talk-1",
    me: tuple[str, str] = ("Anna", ME),
) -> Path:
    """An .ics with one talk of an hour between its owner and ``person``."""
    form = "%Y%m%dT%H%M%SZ"
    path.write_text(
        "\r\n".join(
            [
                "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//example//EN", "BEGIN:VEVENT",
                f"UID:{uid}@example.org", "DTSTAMP:20261101T000000Z",
                f"DTSTART:{start.astimezone(UTC):{form}}", f"DTEND:{start.astimezone(UTC) + timedelta(hours=1):{form}}",
                "SUMMARY:Coffee", f"ORGANIZER;CN={me[0]}:mailto:{me[1]}",
                f"ATTENDEE;CN={me[0]};PARTSTAT=ACCEPTED:mailto:{me[1]}",
                f"ATTENDEE;CN={person[0]};PARTSTAT=ACCEPTED:mailto:{person[1]}",
                "END:VEVENT", "END:VCALENDAR", "",
            ]
        )
    )  # fmt: skip
    return path
