"""The provider ``google``: Gmail, Google Calendar and Google Contacts of one account. Opened by name.

In reading order:

- this file    `Google`: one account, as the protocols of `integrations.base` see it
- ``hosts``    where Google is; ``operator`` what the operator set up there
- ``consent``  the page on which a person says what we may do; tokens and their renewal
- ``calls``    one authorised call: its budget, its tokens, every refusal as its remedy
- ``answers``  what an answer tells, whatever its types
- ``gmail``    reading mail: ``listing`` which there are, ``batch`` many at once, ``headers`` one of them; ``sending``
- ``calendars`` reading calendars: ``calendarlist`` which there are, ``points`` how far, ``events`` how they are asked
  for, ``asevent`` one as iCalendar, ``resources`` what came of it
- ``ours``     the calendar that we write; ``ourevent`` one event in it
- ``contacts`` the address book, and people whom Google noted from mail; ``person`` one of them
- ``push``     notices: asking for them, proving them; ``pubsub`` fetching them where nobody reaches us
- ``checks``   what a person and an operator see

Follows the discovery documents gmail v1 (20261005), calendar v3 (20261030), people v1 (20251117), pubsub v1, and the
facts of PROVIDERS.md, read November 2026.

A provider is done when: connection tested before it is saved, done (`consent`, and the places are read) · reconnect
with a dead grant, done (cursors and choices stay) · streams really read, done · full start and resume, done (from any
page) · cursor expiry, done (404, 410, EXPIRED_SYNC_TOKEN) · rate limit, done (purses, Retry-After in any form, reasons
of 403) · push, done (signed tokens, channel secrets; pull where nobody reaches us; contacts exempt: Google has none) ·
renewed with overlap, done (daily, at half life) · events private, free, without people, with a deterministic id,
removable, done · disconnect, done (watch, channels, grant, events) · bad item quarantined, done · live test, done, and
not run yet on a real account (tests/live) · logs free of content, done: nothing is logged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar

from integrations.base import (
    CalendarWriter,
    Consent,
    DraftWriter,
    House,
    Identity,
    Journey,
    MailSender,
    Notice,
    Opening,
    Pushable,
)
from integrations.google import checks, consent, pubsub, push, sending
from integrations.google.calendars import Calendars
from integrations.google.calls import Calls
from integrations.google.contacts import Contacts
from integrations.google.gmail import Mailbox
from integrations.google.ours import OurCalendar
from keepwarm.types import (
    Check,
    FoundEvent,
    Handshake,
    Mail,
    OurEvent,
    Page,
    Place,
    Push,
    Stream,
    StreamKind,
    Subscription,
)


class Google:
    """One account. Its settings hold ``address``, ``sub``, ``scopes``, and for each purpose whether it is allowed."""

    name: ClassVar[str] = "google"
    reads: ClassVar[frozenset[StreamKind]] = frozenset({StreamKind.MAIL, StreamKind.CALENDAR, StreamKind.CONTACTS})
    purposes: ClassVar[Mapping[str, tuple[str, ...]]] = consent.PURPOSES
    needs: ClassVar[Mapping[type, str]] = {
        CalendarWriter: "calendar",
        MailSender: "send",
        DraftWriter: "draft",
        Pushable: "sub",
    }

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._calls = Calls(opening)
        self._mailbox = Mailbox(self._calls, opening)
        self._calendars = Calendars(self._calls, opening)
        self._contacts = Contacts(self._calls)
        self._ours = OurCalendar(self._calls)

    # Consents

    @staticmethod
    def ready(house: House) -> str:
        return consent.ready(house)

    @staticmethod
    def begin(house: House, purposes: Sequence[str], *, redirect: str, address: str = "") -> Journey:
        return consent.begin(house, purposes, redirect=redirect, address=address)

    @staticmethod
    def finish(house: House, kept: Mapping[str, str], answer: Mapping[str, str]) -> Consent:
        return consent.finish(house, kept, answer)

    @staticmethod
    def operator_checks(house: House, opened: Sequence[Google] = ()) -> Iterator[Check]:
        """What the operator's set-up at Google lacks, line by line; ``opened``: accounts through which to try it."""
        return checks.operator(house, [(each._calls, each._opening.settings) for each in opened])  # noqa: SLF001 - our own

    # Identifies

    @staticmethod
    def ask_who(house: House, *, redirect: str) -> Journey:
        return consent.ask_who(house, redirect=redirect)

    @staticmethod
    def told_who(house: House, kept: Mapping[str, str], answer: Mapping[str, str]) -> Identity:
        return consent.told_who(house, kept, answer)

    # Keeps and Connection

    def keep(self) -> None:
        self._calls.keep()

    def verify(self) -> Sequence[Check]:
        return list(checks.account(self._calls, self._opening.settings))

    def places(self) -> Sequence[Place]:
        """What can be read with what was allowed."""
        found: list[Place] = []
        for purpose, room in (("mail", self._mailbox), ("calendar", self._calendars), ("contacts", self._contacts)):
            if self._opening.settings.get(purpose):
                found += room.places()
        return found

    def own_addresses(self) -> Sequence[str]:
        return [str(self._opening.settings["address"])] if self._opening.settings.get("address") else []

    def revoke(self) -> None:
        consent.revoke(self._opening.operator, self._opening.reach, self._calls.grant)

    # Source

    def changes(self, stream: Stream) -> Iterator[Page]:
        rooms = {
            StreamKind.MAIL: self._mailbox.changes,
            StreamKind.CALENDAR: self._calendars.changes,
            StreamKind.CONTACTS: self._contacts.changes,
        }
        return rooms[stream.kind](stream)

    # Pushable and Pulls

    def subscribe(self, stream: Stream, address: str, secret: str, existing: Subscription | None) -> Subscription:
        return push.subscribe(self._calls, self._opening, stream, address, secret, existing)

    def unsubscribe(self, subscription: Subscription) -> None:
        push.unsubscribe(self._calls, self._opening, subscription)

    @staticmethod
    def parse_push(notice: Notice, house: House) -> Handshake | Sequence[Push]:
        return push.parse(notice, house)

    @staticmethod
    def pull(house: House, take: Callable[[Sequence[Push]], None]) -> int:
        return pubsub.pull(house, take)

    # CalendarWriter

    def ensure_calendar(self) -> str:
        return self._ours.ensure_calendar()

    def put_event(self, calendar_ref: str, event: OurEvent) -> FoundEvent:
        return self._ours.put_event(calendar_ref, event)

    def delete_event(self, calendar_ref: str, uid: str) -> None:
        self._ours.delete_event(calendar_ref, uid)

    def get_event(self, calendar_ref: str, uid: str) -> FoundEvent | None:
        return self._ours.get_event(calendar_ref, uid)

    def remove_all_events(self) -> None:
        """Everything that we wrote into the calendar, and the calendar itself where nothing else stands in it."""
        self._ours.remove_all()

    # MailSender and DraftWriter

    def send(self, mail: Mail) -> str:
        return sending.send(self._calls, mail, self._address)

    def find(self, message_id: str) -> str | None:
        return sending.find(self._calls, message_id, can_read=self._can_read)

    def save_draft(self, mail: Mail) -> str:
        return sending.save_draft(self._calls, mail, self._address, can_read=self._can_read)

    @property
    def _can_read(self) -> bool:
        return bool(self._opening.settings.get("mail"))

    @property
    def _address(self) -> str:
        return str(self._opening.settings.get("address", ""))
