"""One person of the town: what they have, what they do in it by hand, and what they granted to the client.

`town.py` makes them; tests act through them. Ids that tests see are the immutable ones; either kind is taken.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.emulators.microsoft.calendars import Calendar
from tests.emulators.microsoft.contacts import Contacts
from tests.emulators.microsoft.deltas import HOW
from tests.emulators.microsoft.grants import HOUR, short
from tests.emulators.microsoft.ids import Ids
from tests.emulators.microsoft.mailbox import Folder, Mail, Mailbox
from tests.emulators.stand.mails import Headers, composed
from tests.emulators.stand.values import Json, stamp

if TYPE_CHECKING:
    from tests.emulators.microsoft.town import Microsoft

PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"  # the tenant of personal accounts
KINDS = ("mail", "calendar", "contacts", "folders")  # of delta state


class Person:
    """``tid`` and ``oid`` never change; ``aliases`` are further addresses; ``mail`` is /me's, which may be None."""

    def __init__(self, town: Microsoft, address: str, *, name: str, number: int, tenant: str) -> None:
        self.town, self.address, self.name, self.tid = town, address, name, tenant
        self.mail: str | None = address
        unique = uuid.UUID(hashlib.sha256(f"person {number}".encode()).hexdigest()[:32])
        self.oid = f"00000000-0000-0000-{str(unique)[19:]}" if self.personal else str(unique)
        self.sub = hashlib.sha256(f"sub {number}".encode()).hexdigest()[:43]
        self.aliases: set[str] = set()
        self.settings: Json = {
            "timeZone": "W. Europe Standard Time", "dateFormat": "d-M-yyyy", "timeFormat": "HH:mm",
            "language": {"locale": "nl-NL", "displayName": "Dutch (Netherlands)"}, "userPurpose": "user",
            "workingHours": {
                "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
                "startTime": "08:00:00.0000000", "endTime": "17:00:00.0000000",
                "timeZone": {"name": "W. Europe Standard Time"},
            },
        }  # fmt: skip
        self.last = 0  # number of the last change of anything
        self.lost: dict[str, tuple[int, str]] = {}  # kind of delta state -> its generation, and how loss is told
        self.transactions: dict[str, str] = {}  # transactionId -> the event's key
        self.ids = Ids(number)
        self.mailbox = Mailbox(self.ids, self.next, self._mail_told)
        self.calendar = Calendar(self, f"calendar:{self.next()}", "Calendar")
        self.calendars = {self.calendar.key: self.calendar}  # by key
        self.contacts = Contacts(self)
        self._due: list[tuple[datetime, bytes, str]] = []  # sent, and not yet to be seen

    @property
    def personal(self) -> bool:
        return self.tid == PERSONAL

    @property
    def id(self) -> str:
        """Of /me: a personal account's is the last half of its oid."""
        return self.oid.replace("-", "")[16:] if self.personal else self.oid

    @property
    def addresses(self) -> frozenset[str]:
        """All own ones, in lower case."""
        return frozenset(one.lower() for one in (self.address, *self.aliases))

    @property
    def proxy_addresses(self) -> list[str]:
        """The first is the one that mail is sent from; personal accounts have none."""
        if self.personal:
            return []
        return [f"SMTP:{self.address}", *(f"smtp:{one}" for one in sorted(self.aliases))]

    def next(self) -> int:
        self.last += 1
        return self.last

    def grant(self, *scopes: str) -> dict[str, str]:
        """Tokens as after the consent page; scopes in full or without their beginning ("Mail.ReadBasic")."""
        with self.town.lock:
            now, held = self.town.now(), frozenset(("offline_access", *map(short, scopes)))
            self.town.grants.consent(self.oid, held)
            return {
                "access_token": self.town.grants.new_access(self.oid, held, now),
                "refresh_token": self.town.grants.new_refresh(self.oid, held, now),
                "expires_at": stamp(now + HOUR), "scope": self.town.spelt(held), "tid": self.tid, "oid": self.oid,
            }  # fmt: skip

    @property
    def mails(self) -> list[Mail]:
        """Everything in the mailbox, in the order it came; ``raw`` holds the bytes."""
        return list(self.mailbox.mails.values())

    def mail_id(self, mail: Mail, *, immutable: bool = True) -> str:
        return self.ids.given(mail.key, immutable=immutable)

    def receives(
        self, headers: Headers, *, folder: str = "inbox", at: datetime | None = None, text: str = "Hello",
        seen: bool = False, meeting: str = "", focused: bool = True, silent: bool = False, **more: Any,
    ) -> str:  # fmt: skip
        """A mail arrives; its id. ``silent``: nobody is notified. ``more``: properties shown as they are."""
        with self.town.lock:
            when = at or self.town.now()
            raw, place = composed(headers, text, when), self._folder(folder).key
            mail = self.mailbox.take(
                raw, place, at=when, silent=silent, seen=seen, meeting=meeting, focused=focused,
                more=tuple(more.items()),
            )  # fmt: skip
        self.town.pushes.wake()
        return self.mail_id(mail)

    def sends(self, headers: Headers, *, at: datetime | None = None, text: str = "Hello", silent: bool = False) -> str:
        """The person writes a mail by hand; its id in Sent Items."""
        return self.receives(headers, folder="sentitems", at=at, text=text, seen=True, silent=silent)

    def sends_draft(self, id_: str) -> str:
        """The person sends a draft by hand: it moves to Sent Items and keeps its immutable id."""
        with self.town.lock:
            self.mailbox.move(self.key(id_), self.sent_folder, draft=False)
        self.town.pushes.wake()
        return id_

    def reads(self, id_: str, *, seen: bool = True) -> None:
        with self.town.lock:
            self.mailbox.change(self.key(id_), seen=seen)
        self.town.pushes.wake()

    def moves(self, id_: str, folder: str) -> str:
        """To another folder: the mutable id changes; the immutable one, which it gives, does not."""
        with self.town.lock:
            mail = self.mailbox.move(self.key(id_), self._folder(folder).key)
        self.town.pushes.wake()
        return self.mail_id(mail)

    def deletes(self, id_: str) -> None:
        """For good; into the bin is ``moves(id, "deleteditems")``."""
        with self.town.lock:
            self.mailbox.delete(self.key(id_))
        self.town.pushes.wake()

    def add_folder(self, name: str, *, parent: str = "", hidden: bool = False) -> str:
        """A folder of one's own; its id."""
        with self.town.lock:
            made = self.mailbox.add(name, hidden=hidden, **({"parent": self._folder(parent).key} if parent else {}))
        return self.ids.fixed(made.key)

    def removes_folder(self, folder: str) -> None:
        """With every mail in it."""
        with self.town.lock:
            self.mailbox.remove(self._folder(folder).key)
        self.town.pushes.wake()

    def add_calendar(self, name: str, *, can_edit: bool = True, owner: str = "") -> Calendar:
        """A further calendar, one's own or shared with one."""
        with self.town.lock:
            made = Calendar(self, f"calendar:{self.next()}", name, can_edit=can_edit, owner=owner)
            self.calendars[made.key] = made
        return made

    def forget_delta(self, kind: str = "*", how: str = "410") -> None:
        """Every link so far of "mail", "calendar", "contacts", "folders" or "*" is dead, and says so as `deltas.HOW`
        lists."""
        if how not in HOW or kind not in (*KINDS, "*"):
            raise ValueError(f"no such loss: {kind}, {how}")
        with self.town.lock:
            for one in KINDS if kind == "*" else (kind,):
                self.lost[one] = (self.lost.get(one, (0, ""))[0] + 1, how)

    @property
    def inbox_folder(self) -> str:
        return self._folder("inbox").key

    @property
    def sent_folder(self) -> str:
        return self._folder("sentitems").key

    def key(self, id_: str) -> str:
        """Of an item by either of its ids; "" for none."""
        return self.ids.key(id_) or ""

    def sent(self, raw: bytes) -> str:
        """A mail goes into Sent Items, at once or after the town's lag; its immutable id, "" while it lags."""
        if self.town.sent_lag:
            self._due.append((self.town.now() + self.town.sent_lag, raw, self.sent_folder))
            return ""
        return self.mail_id(self.mailbox.take(raw, self.sent_folder, at=self.town.now(), seen=True))

    def settle(self) -> None:
        """What lagged and is due by now is there."""
        now = self.town.now()
        due = [one for one in self._due if one[0] <= now]
        self._due = [one for one in self._due if one[0] > now]
        for at, raw, folder in due:
            self.mailbox.take(raw, folder, at=at, seen=True)

    def told(self, kind: str, change: str, key: str, *, folder: str = "", calendar: Calendar | None = None) -> None:
        """Something of "mail", "events" or "contacts" changed: whoever subscribed hears of it."""
        if calendar is None or calendar is self.calendar:  # of the primary calendar only, a judgement
            self.town.changed(self, kind, change, key, folder)

    def _mail_told(self, change: str, mail: Mail) -> None:
        self.told("mail", change, mail.key, folder=mail.folder)

    def _folder(self, name: str) -> Folder:
        found = self.mailbox.folder(name)
        assert found, f"no folder {name}"
        return found
