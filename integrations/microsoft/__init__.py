"""The provider ``microsoft``: mail, calendars and contacts of one account through Graph. Opened by name.

In reading order:

- this file    `Microsoft`: one account, as the protocols of `integrations.base` see it
- ``hosts``    where Microsoft is; ``operator`` the app registration that the operator has there
- ``consent``  the page on which a person says what we may do; tokens and their renewal
- ``calls``    one authorised call, every refusal as its remedy; ``batch`` many in one; ``refusals`` of the sign-in
- ``mail``     reading mail: ``folders`` which there are, ``rounds`` what is new, ``asmail`` one of them; ``sending``
- ``calendars`` reading calendars: ``calendarlist`` which there are, ``points`` how far, ``view`` and ``deltas`` how
  they are asked for, ``asevent`` one as iCalendar, ``resources`` what came of it
- ``ours``     the calendar that we write; ``ourevent`` one event in it
- ``contacts`` the address book; ``person`` one of them
- ``notices``  change notifications: asking for them, proving them
- ``checks``   what a person and an operator see

Follows the OpenAPI subset of Graph v1.0 and the facts of PROVIDERS.md, read November 2026.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
from integrations.microsoft import checks, consent, notices, sending
from integrations.microsoft.calendars import Calendars
from integrations.microsoft.calls import Calls
from integrations.microsoft.contacts import Contacts
from integrations.microsoft.mail import Mailbox
from integrations.microsoft.ours import OurCalendar
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


class Microsoft:
    """One account. Its settings hold ``address``, ``sub`` (tenant and object), ``scopes``, and each purpose allowed."""

    name: ClassVar[str] = "microsoft"
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
    def operator_checks(house: House, opened: Sequence[Microsoft] = ()) -> Iterator[Check]:
        """What the operator's set-up lacks, line by line; ``opened``: accounts through which to try it."""
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
        """The account's own, and what else it receives by (proxy addresses)."""
        return consent.own_addresses(self._calls, str(self._opening.settings.get("address", "")))

    def revoke(self) -> None:
        """Microsoft has no way to give a grant back; it is forgotten, and the person is told where to remove it."""

    # Source

    def changes(self, stream: Stream) -> Iterator[Page]:
        rooms = {
            StreamKind.MAIL: self._mailbox.changes,
            StreamKind.CALENDAR: self._calendars.changes,
            StreamKind.CONTACTS: self._contacts.changes,
        }
        return rooms[stream.kind](stream)

    # Pushable

    def subscribe(self, stream: Stream, address: str, secret: str, existing: Subscription | None) -> Subscription:
        return notices.subscribe(self._calls, stream, address, secret, existing)

    def unsubscribe(self, subscription: Subscription) -> None:
        notices.unsubscribe(self._calls, subscription)

    @staticmethod
    def parse_push(notice: Notice, house: House) -> Handshake | Sequence[Push]:
        return notices.parse(notice, house)

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
        """The Message-ID again, as `send` gives it: Graph names no other when a mail goes out."""
        found = sending.find(self._calls, message_id, can_read=bool(self._opening.settings.get("mail")))
        return message_id if found else None

    def save_draft(self, mail: Mail) -> str:
        return sending.save_draft(self._calls, mail, self._address)

    @property
    def _address(self) -> str:
        return str(self._opening.settings.get("address", ""))
