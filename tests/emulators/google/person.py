"""One person of the town: what they have, what they do in it by hand, and what they granted to the client.

`town.py` makes them; tests act through them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tests.emulators.google.calendars import Calendar
from tests.emulators.google.contacts import Contacts
from tests.emulators.google.grants import HOUR, named
from tests.emulators.google.mailbox import Headers, Mail, Mailbox, composed
from tests.emulators.google.values import stamp

if TYPE_CHECKING:
    from tests.emulators.google.town import Google


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """The one watch of a mailbox."""

    topic: str
    labels: frozenset[str]
    exclude: bool
    until: datetime


class Person:
    """``sub`` never changes; ``aliases`` are further addresses to send from."""

    def __init__(self, town: Google, address: str, *, name: str, number: int) -> None:
        self.town, self.address, self.name = town, address, name
        self.sub = f"1{number:020d}"
        self.aliases: set[str] = set()
        self.mailbox = Mailbox(number, lambda: town.now(), self._mailbox_changed)  # noqa: PLW0108 - the clock may come later
        self.calendar = Calendar(address, address, person=self)
        self.calendars = {address: self.calendar}
        self.contacts = Contacts("people", person=self)
        self.other_contacts = Contacts("otherContacts", person=self)
        self.watching: Watch | None = None

    def grant(self, *scopes: str) -> dict[str, str]:
        """Tokens as after the consent page; scopes in full or without their beginning ("gmail.metadata")."""
        with self.town.lock:
            now = self.town.now()
            held = frozenset(map(named, scopes))
            self.town.grants.consent(self.sub, held, merged=False)
            return {
                "access_token": self.town.grants.new_access(self.sub, held, now),
                "refresh_token": self.town.grants.new_refresh(self.sub, held, now, testing=self.town.testing),
                "expires_at": stamp(now + HOUR), "scope": " ".join(sorted(held)), "sub": self.sub,
            }  # fmt: skip

    @property
    def mails(self) -> list[Mail]:
        """Everything in the mailbox, in the order it came; ``raw`` holds the bytes."""
        return list(self.mailbox.mails.values())

    def receives(
        self, headers: Headers, *, labels: tuple[str, ...] = ("INBOX", "UNREAD"), at: datetime | None = None,
        text: str = "Hello", silent: bool = False,
    ) -> str:  # fmt: skip
        """A mail arrives; its id. ``silent`` leaves no trace in the history, as for what was there before."""
        with self.town.lock:
            raw = composed(headers, text, at or self.town.now())
            found = self.mailbox.take(raw, labels, at=at, silent=silent).id
        self.town.pushes.wake()
        return found

    def sends(self, headers: Headers, *, at: datetime | None = None, text: str = "Hello", silent: bool = False) -> str:
        """The person writes a mail by hand; its id in Sent."""
        return self.receives(headers, labels=("SENT",), at=at, text=text, silent=silent)

    def sends_draft(self, draft_id: str) -> str:
        """The person sends a draft: it is gone, and a mail with another id is in Sent."""
        with self.town.lock:
            mail = self.mailbox.mails[self.mailbox.drafts[draft_id]]
            self.mailbox.delete(mail.id)
            return self.mailbox.take(mail.raw, ("SENT",), thread=mail.thread_id).id

    def moves(self, id_: str, *, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> None:
        with self.town.lock:
            self.mailbox.relabel(id_, add=add, remove=remove)
        self.town.pushes.wake()

    def deletes(self, id_: str) -> None:
        with self.town.lock:
            self.mailbox.delete(id_)
        self.town.pushes.wake()

    def forget_history(self) -> None:
        """Every history id so far is too old."""
        with self.town.lock:
            self.mailbox.forget()

    def add_calendar(
        self,
        summary: str,
        *,
        access: str = "owner",
        app: bool = False,
        zone: str = "Europe/Amsterdam",
        description: str = "",
    ) -> Calendar:
        """A further calendar, one's own or shared with one (``access``)."""
        with self.town.lock:
            id_ = f"c_{self.town.number():032x}@group.calendar.google.com"
            made = Calendar(id_, summary, person=self, access=access, app=app, zone=zone, description=description)
            self.calendars[id_] = made
            return made

    def watch(self, topic: str, labels: frozenset[str], *, exclude: bool, until: datetime) -> None:
        """Starts the watch, in the place of an earlier one, and tells at once."""
        self.watching = Watch(topic=topic, labels=labels, exclude=exclude, until=until)
        self._tell()

    def unwatch(self) -> None:
        self.watching = None

    def calendar_changed(self, calendar: Calendar) -> None:
        self.town.calendar_changed(calendar, self)
        self.town.pushes.wake()

    def _mailbox_changed(self, labels: frozenset[str]) -> None:
        watch, now = self.watching, self.town.now()
        if watch is None or now >= watch.until or not self.town.grants.lives(self.sub, now):
            return
        if not watch.labels or bool(watch.labels & labels) != watch.exclude:
            self._tell()

    def _tell(self) -> None:
        assert self.watching
        data = {"emailAddress": self.address, "historyId": self.mailbox.history_id}
        self.town.publish(self.watching.topic, json.dumps(data).encode())
