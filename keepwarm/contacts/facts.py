"""What is known of an address, a card and a contact, and what is decided: filled and carried out by the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from keepwarm.types import ContactCard


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressFacts:
    """All that is known of one address that is not the owner's.

    ``names``: display names seen with how often, most frequent first. Counts are touches. ``authored`` counts mails it
    sent at all; ``authored_auto``/``authored_bulk`` those a machine made or distributed without a mailing list.
    ``group``: headers declared it a mailing list. ``resource``: a calendar called it a room or group.
    ``brought_by``: author of the first mail it appears in, if neither the owner nor itself; "" if none.
    """

    address: str
    names: tuple[tuple[str, int], ...] = ()
    sent: int = 0
    received: int = 0
    meetings: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    authored: int = 0
    authored_auto: int = 0
    authored_bulk: int = 0
    group: bool = False
    resource: bool = False
    brought_by: str = ""
    contact_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    human: bool
    reason: str  # short constant key: person, group, auto, role, no_reply, bounce, resource, bulk, empty


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """One stored card: ``card_id`` as in the store; ``contact_id`` once it belongs to somebody."""

    card_id: int
    card: ContactCard
    contact_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownContact:
    """A contact that exists, as far as matching needs it. ``edited`` fields are the owner's word."""

    contact_id: str
    name: str
    state: str
    organisation: str
    role: str
    origins: tuple[str, ...]
    addresses: tuple[str, ...]
    edited: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewContact:
    """Decision: propose somebody. ``addresses`` and ``card_ids`` become theirs (unique; at least one of the two)."""

    name: str
    addresses: tuple[str, ...]
    card_ids: tuple[int, ...]
    organisation: str
    role: str
    origins: tuple[str, ...]
    brought_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attach:
    """Decision: an address or card certainly belongs to an existing contact; fills what the owner has not edited."""

    contact_id: str
    addresses: tuple[str, ...] = ()
    card_ids: tuple[int, ...] = ()
    name: str = ""
    organisation: str = ""
    role: str = ""
    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Likely:
    """Decision: two are likely one person; proposed with a reason, never joined by itself.

    ``a`` and ``b`` are contact ids, or for somebody proposed in the same run ``new:<index in decisions>``.
    """

    a: str
    b: str
    reason_key: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    new: tuple[NewContact, ...] = ()
    attach: tuple[Attach, ...] = ()
    likely: tuple[Likely, ...] = ()
