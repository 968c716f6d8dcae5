"""The protocols a provider may implement, and nothing else: small verbs over the values of `keepwarm.types`.

Called by workers (through `integrations.load`) and by every adapter. Constructing a provider does no I/O. What it can
do is which of these protocols it implements; nothing raises "not supported". Errors: `keepwarm.errors`, by remedy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

from integrations.wire.net import Reach
from keepwarm.errors import Rejected
from keepwarm.settings import Settings
from keepwarm.types import (
    Check,
    FoundEvent,
    Grant,
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


@runtime_checkable
class Connection(Protocol):
    """What every provider can do: tell whether it works, what there is, and whose it is.

    A provider whose accounts differ in what they can do says so in ``needs``: protocol → the setting that an account
    must have for it (`able`).
    """

    name: ClassVar[str]
    reads: ClassVar[frozenset[StreamKind]]

    def verify(self) -> Sequence[Check]:
        """Checks in the order tried; runs before anything is saved."""

    def places(self) -> Sequence[Place]:
        """Calendars, folders and address books to choose from; may be empty."""

    def own_addresses(self) -> Sequence[str]:
        """The owner's addresses, lower case, unique; may be empty."""

    def revoke(self) -> None:
        """Give the grant back; a dead grant is success."""


@runtime_checkable
class Source(Protocol):
    def changes(self, stream: Stream) -> Iterator[Page]:
        """Pages since ``stream.cursor`` (empty: everything), oldest first where the provider allows.

        Raises CursorExpired, AccessRevoked, TryAgainLater. Asking again with the last page's cursor yields nothing new.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """This installation as a provider meets it, whatever account it is about (`workers.runtime.Runtime.house`).

    ``address`` is where we are reached from outside, without a slash at its end; ``secret_of`` gives the secret that
    belongs to the id of a subscription.
    """

    settings: Settings
    address: str
    now: Callable[[], datetime]
    secret_of: Callable[[str], str]
    reach: Reach = field(default_factory=Reach)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A request that came to /webhooks/PROVIDER/PART. ``headers`` by lower-case name; ``part`` may be empty."""

    headers: Mapping[str, str]
    part: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)


class NoAddress(Rejected):
    """There would be notices if we could be reached from outside."""


@runtime_checkable
class Pushable(Protocol):
    def subscribe(self, stream: Stream, address: str, secret: str, existing: Subscription | None) -> Subscription:
        """Ask for notices at ``address``, or below it; with ``existing`` for longer.

        ``secret`` is ``ID.PROOF``, new at each call: the provider sends it back, or signs with it, and names ID. What
        is returned holds the secret that counts from now on: that of ``existing`` where it was prolonged. ``address``
        is empty where nobody reaches us. Raises NoAddress where one is needed, and Rejected, in words, where there are
        no notices about this stream.
        """

    def unsubscribe(self, subscription: Subscription) -> None:
        """End it; already gone is success."""

    @staticmethod
    def parse_push(notice: Notice, house: House) -> Handshake | Sequence[Push]:
        """What a notice says, every part of it proven. Pure, but for fetching a provider's public keys.

        Raises NotAuthentic for anything not proven, TryAgainLater where keys cannot be had.
        """


@runtime_checkable
class Pulls(Protocol):
    """Keeps notices for us to fetch, where nobody reaches us from outside."""

    @staticmethod
    def pull(house: House, take: Callable[[Sequence[Push]], None]) -> int:
        """Hand the notices that wait to ``take``, then say that they were taken; how many. 0 where it is not set up."""


@runtime_checkable
class CalendarWriter(Protocol):
    def ensure_calendar(self) -> str:
        """The reference of our own calendar; looks for our marker before it creates one."""

    def put_event(self, calendar_ref: str, event: OurEvent) -> FoundEvent:
        """Write it, twice is once. An event that the user deleted (``written`` and gone) is reported, never remade."""

    def delete_event(self, calendar_ref: str, uid: str) -> None:
        """Remove it; absent is success."""

    def get_event(self, calendar_ref: str, uid: str) -> FoundEvent | None:
        """What stands there now, None if nothing does; where the provider remembers a deletion, that is told."""

    def remove_all_events(self) -> None:
        """Everything that we ever wrote, also what we no longer know of; twice is once."""


@runtime_checkable
class MailSender(Protocol):
    def send(self, mail: Mail) -> str:
        """Send at most once; returns the reference."""

    def find(self, message_id: str) -> str | None:
        """The reference of a mail that did go out, to settle an unknown outcome."""


@runtime_checkable
class KeyedSender(Protocol):
    """A MailSender to whom the same Message-ID twice is one mail, for good: an uncertain mail may be sent again."""

    sends_by_key: ClassVar[bool]


@runtime_checkable
class DraftWriter(Protocol):
    """Puts a mail among the owner's drafts (`keepwarm.letter.as_draft`); the same Message-ID is the same draft."""

    def save_draft(self, mail: Mail) -> str: ...


class Ear(Protocol):
    """An open connection that hears of news about one stream (`workers.listen`)."""

    def fileno(self) -> int: ...

    def heard(self) -> bool:
        """Called when there is something to read: whether it is news. Never waits; raises if the connection died."""

    def renew(self) -> bool:
        """Called every ten minutes: proves that the connection lives; whether there was news meanwhile."""

    def close(self) -> None: ...


@runtime_checkable
class Listens(Protocol):
    """Can hear of news over a connection that is kept open; polling is the truth beside it."""

    def listen(self, stream: Stream) -> Ear: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """A visit to the provider's page of consent: where it begins, and what only we know of it until it ends."""

    url: str
    kept: Mapping[str, str] = field(repr=False)  # state, verifier, nonce …: goes with the browser, and back to `finish`


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What the owner allowed. ``identity`` names the account for good, whatever its address becomes.

    ``settings``: what the account is to hold, among it what it can do now (`needs`); ``refused``: purposes asked for
    and not granted.
    """

    identity: str
    address: str
    grant: Grant
    settings: Mapping[str, Any]
    refused: frozenset[str] = frozenset()


@runtime_checkable
class Consents(Protocol):
    """Is connected on a page of its own, where the owner says what we may do (OAuth)."""

    purposes: ClassVar[Mapping[str, tuple[str, ...]]]  # what for → permissions, in the order in which they are asked

    @staticmethod
    def ready(house: House) -> str:
        """Why nobody can be connected here, in a marked sentence for the operator; empty: they can."""

    @staticmethod
    def begin(house: House, purposes: Sequence[str], *, redirect: str, address: str = "") -> Journey:
        """``address``: the account's own, where it is known already. Raises MisconfiguredError."""

    @staticmethod
    def finish(house: House, kept: Mapping[str, str], answer: Mapping[str, str]) -> Consent:
        """``answer``: the query that the browser came back with.

        Raises NotAuthentic, Rejected (NeedsAdministrator), TryAgainLater.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who somebody is at a provider, for good: by issuer and subject. ``address`` is for eyes alone; may be empty."""

    issuer: str
    subject: str
    address: str = ""


@runtime_checkable
class Identifies(Protocol):
    """Can say who somebody is, and nothing else: no permission is asked for and no grant is kept (OpenID Connect)."""

    @staticmethod
    def ask_who(house: House, *, redirect: str) -> Journey:
        """Raises MisconfiguredError."""

    @staticmethod
    def told_who(house: House, kept: Mapping[str, str], answer: Mapping[str, str]) -> Identity:
        """``answer``: the query that the browser came back with.

        Raises NotAuthentic, Rejected (NeedsAdministrator), MisconfiguredError, TryAgainLater.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a budget gives: ``units`` to spend now, or none before ``after`` is over."""

    units: int
    after: timedelta = timedelta(0)


@runtime_checkable
class Keeps(Protocol):
    """Has a grant that dies if it is not renewed for long."""

    def keep(self) -> None:
        """Renew it. Raises AccessRevoked, TryAgainLater."""


class NeedsAdministrator(Rejected):
    """Only an administrator of the person's organisation can allow it; ``link``: the page on which they do."""

    def __init__(self, reason: str, link: str) -> None:
        super().__init__(reason)
        self.link = link


class Budget(Protocol):
    """What may be asked of a provider in any minute, and at once, counted for all our processes together."""

    def take(self, purses: Mapping[str, int], units: int, *, least: int = 0) -> Allowance:
        """Take up to ``units``, at least ``least`` (0: all of them), out of every purse: name → units in any minute."""

    def refused(self, name: str, least: timedelta) -> None:
        """Note that we were told to slow down: nothing is asked for ``least``, twice as long at each time in a row."""

    def rests(self, name: str) -> timedelta | None:
        """How long it still rests, zero once that is over, None where nobody told us; `granted` ends it."""

    def granted(self, name: str) -> None:
        """Note that we were answered again."""

    def place(self, name: str, at_most: int) -> AbstractContextManager[object]:
        """One of so many places, held for one request. Waits a little; raises TryAgainLater where all are taken."""


class Tokens(Protocol):
    """The grant of an account as it is now, renewed by one worker at a time."""

    def current(self) -> Grant: ...

    def renewed(self, dead: Grant, renew: Callable[[Grant], Grant]) -> Grant:
        """A grant that differs from the one that is ``dead``: somebody else's by now, or what ``renew`` makes of it.

        Raises what ``renew`` raises, and TryAgainLater where another worker takes long.
        """


@dataclass(slots=True)
class Unlimited:
    """A budget without a limit, for accounts that are not kept yet."""

    def take(self, purses: Mapping[str, int], units: int, *, least: int = 0) -> Allowance:
        del purses, least
        return Allowance(units=units)

    def refused(self, name: str, least: timedelta) -> None:
        del name, least

    def rests(self, name: str) -> timedelta | None:
        del name
        return None

    def granted(self, name: str) -> None:
        del name

    def place(self, name: str, at_most: int) -> AbstractContextManager[object]:
        del name, at_most
        return nullcontext()


@dataclass(slots=True)
class InHand:
    """A grant that is not kept yet."""

    grant: Grant

    def current(self) -> Grant:
        return self.grant

    def renewed(self, dead: Grant, renew: Callable[[Grant], Grant]) -> Grant:
        self.grant = renew(dead)
        return self.grant


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Everything a provider is constructed with; the runtime fills it (`workers.runtime.Runtime.open`).

    ``settings`` are the account's own. For `files` they hold ``paths`` (list of text) and ``seen`` (sources read
    earlier, see `integrations.files`), for `open` its servers and what its folders are for; ``home`` is a folder of
    this owner's alone, mode 0700; ``zone`` the owner's IANA zone.
    """

    account_id: str
    owner_id: str
    owner_addresses: tuple[str, ...]
    settings: Mapping[str, Any]
    grant: Grant
    home: Path
    zone: str
    now: Callable[[], datetime]
    reach: Reach = field(default_factory=Reach)  # where it may connect to
    operator: Settings = field(default_factory=lambda: Settings(home=""))  # what the operator set for everybody
    budget: Budget = field(default_factory=Unlimited)
    tokens: Tokens | None = None  # None: those in ``grant``, not kept

    @property
    def known_as(self) -> str:
        """What the account is counted under: two owners of one account share what its provider gives to it."""
        return str(self.settings.get("sub") or self.account_id or "new")


def able(provider: type, protocol: type, settings: Mapping[str, Any]) -> bool:
    """Whether an account of this provider, with these settings, can do what the protocol says."""
    needed = getattr(provider, "needs", {}).get(protocol, "")
    return issubclass(provider, protocol) and (not needed or bool(settings.get(needed)))
