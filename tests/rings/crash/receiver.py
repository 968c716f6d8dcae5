"""The provider ``receiver``: writes every call down and protects from nothing, as a mail server does.

One journal a owner, one JSON line a call, appended and synced: it outlives every process. Sending twice is two mails,
so a doubled effect shows. Events have their identifier as key. Opened by `worker` and `stage` under its name.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar

from integrations import load as load_product
from integrations.base import Opening
from keepwarm.types import Check, FoundEvent, Item, Mail, OurEvent, Page, Place, Stream, StreamKind
from tests import make

CALENDAR = "ours"
PAGE = 2


def load(name: str) -> Any:
    return Receiver if name == "receiver" else load_product(name)


class Receiver:
    name: ClassVar[str] = "receiver"
    reads: ClassVar[frozenset[StreamKind]] = frozenset({StreamKind.MAIL})

    def __init__(self, opening: Opening) -> None:
        self._folder = Path(str(opening.settings["folder"]))
        self._owner = opening.owner_id
        self._me = opening.owner_addresses[0] if opening.owner_addresses else ""
        self._now = opening.now

    # Connection

    def verify(self) -> Sequence[Check]:
        return ()

    def places(self) -> Sequence[Place]:
        return ()

    def own_addresses(self) -> Sequence[str]:
        return ()

    def revoke(self) -> None:
        """Nothing was granted."""

    # Source: a file with a line for each exchange of mails

    def changes(self, stream: Stream) -> Iterator[Page]:
        found = exchanged(self._folder, self._owner, self._me)
        begin = int(stream.cursor or 0)
        while True:
            part = found[begin : begin + PAGE]
            begin += len(part)
            yield Page(items=tuple(part), cursor=str(begin), last=begin >= len(found))
            if begin >= len(found):
                return

    # CalendarWriter

    def ensure_calendar(self) -> str:
        return CALENDAR

    def put_event(self, calendar_ref: str, event: OurEvent) -> FoundEvent:
        self._note("put", event.uid, subject=event.title, start=event.start_at.isoformat())
        found = self.get_event(calendar_ref, event.uid)
        assert found is not None
        return found

    def delete_event(self, calendar_ref: str, uid: str) -> None:
        self._note("delete", uid)

    def get_event(self, calendar_ref: str, uid: str) -> FoundEvent | None:
        told = [each for each in journal(self._folder, self._owner) if each["key"] == uid]
        if not told or told[-1]["verb"] == "delete":
            return None
        start = datetime.fromisoformat(told[-1]["start"])
        print_ = sha256(f"{start.isoformat()}|{told[-1]['subject']}".encode()).hexdigest()[:32]
        return FoundEvent(remote_ref=uid, start_at=start, end_at=start + timedelta(minutes=15), fingerprint=print_)

    # MailSender

    def send(self, mail: Mail) -> str:
        self._note("send", mail.message_id, subject=mail.subject, to=mail.to.address)
        return mail.message_id

    def find(self, message_id: str) -> str | None:
        sent = {each["key"] for each in journal(self._folder, self._owner) if each["verb"] == "send"}
        return message_id if message_id in sent else None

    def _note(self, verb: str, key: str, **more: str) -> None:
        line = json.dumps({"verb": verb, "key": key, "at": self._now().isoformat(), **more}) + "\n"
        append(self._folder / f"{self._owner}.journal", line)


def append(file: Path, line: str) -> None:
    """In one write, on the disk when this returns: a line is there in whole or not at all."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, line.encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def journal(folder: Path, owner_id: str) -> list[dict[str, str]]:
    """What was received for this owner, in order."""
    file = folder / f"{owner_id}.journal"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def exchange(folder: Path, owner_id: str, who: str, at: datetime) -> None:
    """From now on the mailbox holds a mail each way with this person."""
    append(folder / f"{owner_id}.mails", json.dumps([who, at.isoformat()]) + "\n")


def exchanged(folder: Path, owner_id: str, me: str) -> list[Item]:
    file = folder / f"{owner_id}.mails"
    lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    return [mail for who, at in lines for mail in make.both_ways(who, me=me, at=datetime.fromisoformat(at))]
