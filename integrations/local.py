"""The provider ``local``: our own mailbox (a Maildir) and calendar (a folder of .ics) for an owner without an account.

Opened by name. Mails land in ``mailbox/`` of the owner's folder, where any mail program can read them; events in
``calendar/``, served as a private feed. Everything is written beside its place, synced and then moved into it.
The user's own hand (a page, or a mail program) has functions of its own: what they moved or removed stays so.

A provider is done when: connection tested, done (`verify`) · reconnect, revoke, exempt: no grant · streams, exempt:
none read · push, subscription, rate limit, cursor, exempt: nothing to ask · events private, free, without people, with
a deterministic id, removable, done · mail at most once, found again by its Message-ID, done · live test, exempt: the
folder is the real thing · logs free of content, done: nothing is logged.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, ClassVar

from icalendar import Calendar

from integrations.base import Opening
from integrations.wire.ical import read_our_event, write_event, write_feed
from keepwarm.errors import NotFound
from keepwarm.letter import EMPTIED, as_bytes, emptied
from keepwarm.texts import mark
from keepwarm.types import Check, FoundEvent, Mail, OurEvent, Place, StreamKind

CALENDAR = "Keepwarm"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalMail:
    """A mail in the mailbox. ``text`` and ``html`` are empty in a list; ``at`` None if its date was lost.

    ``emptied``: its words were erased.
    """

    ref: str
    subject: str
    at: datetime | None
    text: str = ""
    html: str = ""
    emptied: bool = False


class Local:
    """Mailbox and calendar of one owner, in ``opening.home``."""

    name: ClassVar[str] = "local"
    reads: ClassVar[frozenset[StreamKind]] = frozenset()
    sends_by_key: ClassVar[bool] = True  # the file name comes from the Message-ID, and is never overwritten

    def __init__(self, opening: Opening) -> None:
        self._mailbox = opening.home / "mailbox"
        self._calendar = opening.home / "calendar"
        self._now = opening.now

    # Connection

    def verify(self) -> Sequence[Check]:
        ok = os.access(self._mailbox.parent, os.W_OK)
        return [
            Check(name="folder", ok=ok, says="" if ok else mark("The data folder cannot be written. Check its owner."))
        ]

    def places(self) -> Sequence[Place]:
        return [Place(ref=CALENDAR, name=CALENDAR, kind=StreamKind.CALENDAR, ours=True)]

    def own_addresses(self) -> Sequence[str]:
        return ()

    def revoke(self) -> None:
        """Nothing was granted."""

    # MailSender

    def send(self, mail: Mail) -> str:
        """Put the mail into the mailbox; one that is there already is left alone."""
        ref = _key(mail.message_id)
        if self.find(mail.message_id) is None:
            self._deliver(ref, as_bytes(mail))
        return ref

    def find(self, message_id: str) -> str | None:
        ref = _key(message_id)
        return ref if self._path(ref) else None

    def list_mails(self) -> list[LocalMail]:
        """All mails without their text, newest first."""
        paths = [path for folder in ("new", "cur") for path in self._files(folder)]
        found = [_read(path, whole=False) for path in paths]
        return sorted(found, key=lambda each: (each.at.timestamp() if each.at else 0.0, each.ref), reverse=True)

    def read_mail(self, ref: str) -> LocalMail:
        """One mail. Raises NotFound."""
        path = self._path(ref)
        if path is None:
            raise NotFound(mark("There is no such mail."))
        return _read(path, whole=True)

    def erase_mail(self, ref: str, *, subject: str, text: str) -> None:
        """Put these words in the place of a mail's own; it still counts as sent. Raises NotFound."""
        path = self._path(ref)
        if path is None:
            raise NotFound(mark("There is no such mail."))
        made = _written(
            self._mailbox / "tmp" / f"{ref}.{os.getpid()}", emptied(path.read_bytes(), subject=subject, text=text)
        )
        made.replace(path)
        _sync_folder(path.parent)

    def _deliver(self, ref: str, data: bytes) -> None:
        for folder in (self._mailbox, *(self._mailbox / part for part in ("tmp", "new", "cur"))):
            folder.mkdir(exist_ok=True, mode=0o700)
        made = _written(self._mailbox / "tmp" / f"{ref}.{os.getpid()}", data)
        try:
            (self._mailbox / "new" / ref).hardlink_to(made)
        except FileExistsError:
            pass  # another worker was quicker; it is the same mail
        finally:
            made.unlink()
        _sync_folder(self._mailbox / "new")

    def _files(self, folder: str) -> list[Path]:
        try:
            return sorted(path for path in (self._mailbox / folder).iterdir() if path.is_file())
        except FileNotFoundError:
            return []

    def _path(self, ref: str) -> Path | None:
        """Where it lies: mail programs move what was seen to ``cur`` and put flags behind a colon."""
        for folder in ("new", "cur"):
            for path in self._files(folder):
                if path.name.partition(":")[0] == ref:
                    return path
        return None

    # CalendarWriter

    def ensure_calendar(self) -> str:
        self._calendar.mkdir(exist_ok=True, mode=0o700)
        return CALENDAR

    def put_event(self, calendar_ref: str, event: OurEvent) -> FoundEvent:
        del calendar_ref  # there is one
        if self._marker(event.uid).exists():
            return FoundEvent(remote_ref=event.uid, deleted_by_user=True)
        self._write(event.uid, write_event(event, stamp=self._now()))
        return self._found(event.uid)

    def delete_event(self, calendar_ref: str, uid: str) -> None:
        del calendar_ref
        self._file(uid).unlink(missing_ok=True)

    def get_event(self, calendar_ref: str, uid: str) -> FoundEvent | None:
        del calendar_ref
        if self._marker(uid).exists():
            return FoundEvent(remote_ref=uid, deleted_by_user=True)
        return self._found(uid) if self._file(uid).exists() else None

    def remove_all_events(self) -> None:
        """Everything that stands in the calendar; what the user removed stays removed."""
        if self._calendar.is_dir():
            for path in self._calendar.glob("*.ics"):
                path.unlink(missing_ok=True)

    def feed(self) -> bytes:
        """All events as one iCalendar, in a stable order."""
        try:
            files = sorted(self._calendar.glob("*.ics"))
        except FileNotFoundError:
            files = []
        return write_feed(CALENDAR, [path.read_bytes() for path in files])

    # The user's own hand

    def move_event(self, uid: str, start: datetime) -> None:
        """Move an event, keeping its length. Raises NotFound."""
        calendar: Any = Calendar.from_ical(self._bytes(uid))
        event = calendar.walk("VEVENT")[0]
        begins, ends = event["DTSTART"].dt, event["DTEND"].dt
        moved = start.astimezone(begins.tzinfo)
        for name, moment in (("DTSTART", moved), ("DTEND", (start + (ends - begins)).astimezone(begins.tzinfo))):
            del event[name]
            event.add(name, moment)
        self._write(uid, bytes(calendar.to_ical()))

    def remove_event_by_user(self, uid: str) -> None:
        """Remove an event for ever: it is never made again. One that is gone already stays gone."""
        self.ensure_calendar()
        _sync_folder(_written(self._marker(uid), b"").parent)
        self._file(uid).unlink(missing_ok=True)

    def _file(self, uid: str) -> Path:
        return self._calendar / f"{_key(uid)}.ics"

    def _marker(self, uid: str) -> Path:
        return self._calendar / f"{_key(uid)}.deleted"

    def _bytes(self, uid: str) -> bytes:
        try:
            return self._file(uid).read_bytes()
        except FileNotFoundError:
            raise NotFound(mark("There is no such event in the calendar.")) from None

    def _write(self, uid: str, data: bytes) -> None:
        self.ensure_calendar()
        made = _written(self._calendar / f".{_key(uid)}.{os.getpid()}", data)
        made.replace(self._file(uid))
        _sync_folder(self._calendar)

    def _found(self, uid: str) -> FoundEvent:
        held = read_our_event(self._bytes(uid))
        told = f"{held.start_at.isoformat()}\n{held.end_at.isoformat()}\n{held.title}"
        return FoundEvent(remote_ref=uid, start_at=held.start_at, end_at=held.end_at, fingerprint=_key(told))


def _key(text: str) -> str:
    return blake2b(text.encode(), digest_size=20).hexdigest()


def _written(path: Path, data: bytes) -> Path:
    """A file of the user's alone, on the disk when this returns."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    return path


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path, *, whole: bool) -> LocalMail:
    with path.open("rb") as stream:
        parsed = BytesParser(EmailMessage, policy=policy.default).parse(stream, headersonly=not whole)
    try:
        at = parsedate_to_datetime(str(parsed["Date"]))
    except ValueError:
        at = None
    ref = path.name.partition(":")[0]
    subject, empty = str(parsed["Subject"] or ""), EMPTIED in parsed
    if not whole:
        return LocalMail(ref=ref, subject=subject, at=at, emptied=empty)
    text, html = _part(parsed, "plain"), _part(parsed, "html")
    return LocalMail(ref=ref, subject=subject, at=at, text=text, html=html, emptied=empty)


def _part(parsed: EmailMessage, kind: str) -> str:
    body: Any = parsed.get_body(preferencelist=(kind,))
    return str(body.get_content()) if body is not None else ""
