"""The protocols a provider may implement, and nothing else: small verbs over the values of `keepwarm.types`.

Called by workers (through `integrations.load`) and by every adapter. Constructing a provider does no I/O. What it can
do is which of these protocols it implements; nothing raises "not supported". Errors: `keepwarm.errors`, by remedy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

from integrations.wire.net import Reach
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


@runtime_checkable
class Pushable(Protocol):
    def subscribe(self, stream: Stream, address: str, secret: str, existing: Subscription | None) -> Subscription:
        """Ask for notices at ``address``; with ``existing`` prolong that one.

        ``secret`` is ``ID.PROOF``: the provider sends it back, or signs with it, and names ID.
        """

    def unsubscribe(self, subscription: Subscription) -> None:
        """End it; already gone is success."""

    @staticmethod
    def parse_push(
        headers: Mapping[str, str], query: Mapping[str, str], body: bytes, secret_of: Callable[[str], str]
    ) -> Handshake | Sequence[Push]:
        """What a notice says, every part of it proven. Pure, but for fetching a provider's public keys.

        ``headers`` by lower-case name; ``secret_of`` gives the secret that belongs to an ID. Raises NotAuthentic for
        anything not proven, TryAgainLater where keys cannot be had.
        """


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


def able(provider: type, protocol: type, settings: Mapping[str, Any]) -> bool:
    """Whether an account of this provider, with these settings, can do what the protocol says."""
    needed = getattr(provider, "needs", {}).get(protocol, "")
    return issubclass(provider, protocol) and (not needed or bool(settings.get(needed)))
