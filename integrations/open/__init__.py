"""The provider ``open``: any mailbox, calendar and address book over open standards. Opened by name.

In reading order:

- this file    `Open`: one account, as the protocols of `integrations.base` see it
- ``servers``   which servers it speaks to
- ``discovery`` how they are found from an address; ``autoconfig`` and ``known.toml`` help
- ``checks``    the check list that a person sees before anything is saved
- ``imap``      one IMAP connection; ``mailbox`` reads folders (in ``blocks``), ``listening`` hears of news
- ``smtp``      sending; ``post`` sends over it for the operator, as a provider of its own
- ``calendars`` and ``books``: what is read over DAV, and our own events
- ``comparing`` a collection with a cursor (``davcursor``); ``bodies`` fetches what changed
- ``davevents`` one event of ours found, put, removed; ``ourcopy`` as the server holds it
- ``dav``       the CalDAV and CardDAV client; ``davxml`` its XML, ``davhomes`` and ``davhosts`` where an account lies

Follows RFC 3501, 5161, 6154, 7162 (IMAP), 6409, 8314 (submission), 4791, 6352, 6578, 6764 (DAV).

A provider is done when: connection tested before it is saved, done (`checks`) · reconnect with a dead password, done ·
streams really read, done · full start and resume, done · cursor expiry, done (UIDVALIDITY, dead tokens) · rate limit,
done (Retry-After, busy answers) · push, exempt: IDLE instead (`listening`), polling is the truth · events private,
free, without people, with a deterministic id, removable, done · disconnect, done · bad item quarantined, done · live
test, exempt: real open servers are the tests · logs free of content, done: nothing is logged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

from imapclient import DRAFT, SEEN

from integrations.base import CalendarWriter, DraftWriter, Ear, Listens, MailSender, Opening
from integrations.open import checks, discovery, mailbox, smtp
from integrations.open.blocks import Anew
from integrations.open.books import Books
from integrations.open.calendars import Calendars
from integrations.open.dav import Dav
from integrations.open.imap import SECONDS, Login, logged_in
from integrations.open.listening import listen
from integrations.open.servers import Server, Servers
from integrations.wire.http import Client
from integrations.wire.net import Reach
from keepwarm.errors import Rejected
from keepwarm.letter import as_bytes, as_draft
from keepwarm.texts import mark
from keepwarm.types import Check, FoundEvent, Mail, OurEvent, Page, Place, Stream, StreamKind

CALENDAR = "Keepwarm"
COPY = 6.0  # seconds for the copy of a mail in Sent: with `smtp.SECONDS` below the 50 s of a task (`workers.app`)
NOWHERE = "@localhost"  # an owner who has not said yet who they are: their mail goes to the account itself
NOTHING = mark("This account has no server for that.")


class Open:
    """One account: `Servers` in its settings, its password (and another one for calendars) in its grant."""

    name: ClassVar[str] = "open"
    reads: ClassVar[frozenset[StreamKind]] = frozenset({StreamKind.MAIL, StreamKind.CALENDAR, StreamKind.CONTACTS})
    reads_ahead: ClassVar[bool] = True  # a mailbox read for the first time is worth a process of its own
    needs: ClassVar[Mapping[type, str]] = {
        MailSender: "smtp",
        DraftWriter: "imap",
        CalendarWriter: "caldav",
        Listens: "imap",
    }

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._servers = Servers.from_settings(opening.settings)
        self._roles: Mapping[str, str] = opening.settings.get("roles", {})  # kind of folder → its name

    # Connecting

    @staticmethod
    def discover(address: str, reach: Reach, given: Mapping[str, str]) -> Servers:
        """The servers of an address, those ``given`` by name left as they are. Raises Rejected for what is none."""
        return discovery.find(address, reach, given)

    @staticmethod
    def advice(servers: Servers) -> Sequence[str]:
        """What a person should know of this provider, in marked sentences."""
        return [discovery.ADVICE[each] for each in servers.advice]

    # Connection

    def verify(self) -> Sequence[Check]:
        return list(self.checks())

    def checks(self) -> Iterator[Check]:
        """The same, each as soon as it is known."""
        return checks.run(self._opening.reach, self._servers, self._login, self._calendars, self._books)

    def places(self) -> Sequence[Place]:
        """Folders, calendars and address books, what is usually wanted first."""
        found: list[Place] = []
        if self._servers.imap:
            with logged_in(self._opening.reach, self._login("imap")) as imap:
                found += mailbox.places(mailbox.folders(imap), gmail=imap.has_capability(mailbox.GMAIL))
        if self._calendars:
            found += self._calendars.places()
        if self._books:
            found += self._books.places()
        return found

    def learned(self) -> Mapping[str, Any]:
        """What is worth keeping among the account's settings: what each folder is for."""
        if not self._servers.imap:
            return {}
        with logged_in(self._opening.reach, self._login("imap")) as imap:
            roles = {each.kind: each.name for each in reversed(mailbox.folders(imap)) if each.kind}
            return {"roles": roles, "keeps_sent": imap.has_capability(mailbox.GMAIL)}

    def own_addresses(self) -> Sequence[str]:
        return [str(self._opening.settings["address"])] if self._opening.settings.get("address") else []

    def revoke(self) -> None:
        """A password cannot be given back; it is forgotten with the account."""

    # Source

    def changes(self, stream: Stream) -> Iterator[Page]:
        if stream.kind is StreamKind.MAIL:
            yield from self._mail(stream)
        elif stream.kind is StreamKind.CALENDAR and self._calendars:
            yield from self._calendars.changes(stream)
        elif stream.kind is StreamKind.CONTACTS and self._books:
            yield from self._books.changes(stream)
        else:
            raise Rejected(NOTHING)

    def _mail(self, stream: Stream) -> Iterator[Page]:
        """Over one connection, or over as many as a folder that is hard to read takes: each goes on where one ended."""
        purpose = "sent" if stream.place_ref == self._roles.get("sent") else ""
        cursor, last = stream.cursor, False
        while not last:
            with suppress(Anew), logged_in(self._opening.reach, self._login("imap")) as imap:
                for page in mailbox.changes(imap, stream.place_ref, cursor, purpose=purpose):
                    cursor, last = page.cursor, page.last
                    yield page

    # Listens

    def listen(self, stream: Stream) -> Ear:
        return listen(self._opening.reach, self._login("imap"), stream.place_ref)

    # CalendarWriter

    def ensure_calendar(self) -> str:
        return self._writer.ensure_calendar()

    def put_event(self, calendar_ref: str, event: OurEvent) -> FoundEvent:
        return self._writer.put_event(calendar_ref, event)

    def delete_event(self, calendar_ref: str, uid: str) -> None:
        self._writer.delete_event(calendar_ref, uid)

    def get_event(self, calendar_ref: str, uid: str) -> FoundEvent | None:
        return self._writer.get_event(calendar_ref, uid)

    def remove_all_events(self) -> None:
        """Everything that we wrote into the calendar."""
        if self._calendars:
            self._calendars.remove_ours()

    # MailSender and DraftWriter

    def send(self, mail: Mail) -> str:
        """Sends every time it is called: at most once is the engine's to keep. The reference is the Message-ID."""
        own = self._own_address(mail)
        to = own if mail.to.address.endswith(NOWHERE) else mail.to.address
        data = as_bytes(replace(mail, sender=replace(mail.sender, address=own), to=replace(mail.to, address=to)))
        smtp.send(self._opening.reach, self._login("smtp"), sender=own, to=to, data=data)
        with suppress(Exception):  # it is sent; a copy is a kindness, and has little time
            self._keep_copy(mail.message_id, data)
        return mail.message_id

    def find(self, message_id: str) -> str | None:
        """Looked for in Sent and, as our mails go to the owner, in the Inbox.

        Raises TryAgainLater where that takes longer than a task.
        """
        if not self._servers.imap:
            return None
        reach = self._opening.reach
        with logged_in(reach, self._login("imap"), until=reach.ticks() + SECONDS) as imap:
            places = (self._roles.get(each) for each in ("all", "sent", "inbox"))
            return next((message_id for each in places if each and mailbox.find(imap, each, message_id)), None)

    def save_draft(self, mail: Mail) -> str:
        folder = self._roles.get("draft")
        if not folder:
            raise Rejected(mark("There is no folder for drafts in this mailbox."))
        with logged_in(self._opening.reach, self._login("imap")) as imap:
            if mailbox.find(imap, folder, mail.message_id) is None:
                data = as_draft(replace(mail, sender=replace(mail.sender, address=self._own_address(mail))))
                imap.append(folder, data, flags=[DRAFT, SEEN], msg_time=mail.at)
        return mail.message_id

    def _keep_copy(self, message_id: str, data: bytes) -> None:
        folder = self._roles.get("sent")
        if not folder or not self._servers.imap or self._opening.settings.get("keeps_sent"):
            return
        reach = self._opening.reach
        with logged_in(reach, self._login("imap"), until=reach.ticks() + COPY) as imap:
            if mailbox.find(imap, folder, message_id) is None:
                imap.append(folder, data, flags=[SEEN])

    def _own_address(self, mail: Mail) -> str:
        return str(self._opening.settings.get("address") or mail.sender.address)

    # How to reach them

    def _login(self, protocol: str) -> Login:
        server: Server | None = getattr(self._servers, protocol)
        if server is None:
            raise Rejected(NOTHING)
        return Login(server=server, user=self._servers.user, password=self._opening.grant.values.get("password", ""))

    def _dav(self, url: str) -> Dav:
        values = self._opening.grant.values
        user = str(self._opening.settings.get("dav_user") or self._servers.user)
        password = values.get("dav_password") or values.get("password", "")
        client = Client(self._opening.reach, user=user, password=password)
        return Dav(client, url, now=self._opening.now)

    @cached_property
    def _calendars(self) -> Calendars | None:
        url = self._servers.caldav
        if not url:
            return None
        chosen = str(self._opening.settings.get("calendar", ""))
        return Calendars(
            self._dav(url), url, zone=self._opening.zone, now=self._opening.now, title=CALENDAR, chosen=chosen
        )

    @cached_property
    def _books(self) -> Books | None:
        url = self._servers.carddav
        return Books(self._dav(url), url, now=self._opening.now) if url else None

    @property
    def _writer(self) -> Calendars:
        if self._calendars is None:
            raise Rejected(NOTHING)
        return self._calendars
