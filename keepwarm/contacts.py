"""Who is new, who is human, who is the same person, who is never contacted. Pure.

Called by `keepwarm.store.contacts` after every sync and by the pages for the sentences. Evidence is gathered per address
(`AddressFacts`), judged per address (`judge`), and turned into decisions (`detect`) that the store carries out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from keepwarm.texts import Texts
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


def match_form(address: str) -> str:
    """The canonical form for matching only: lower case, no plus part; dots dropped for gmail.com and googlemail.com."""
    raise NotImplementedError


def judge(facts: AddressFacts) -> Verdict:
    """Whether a person writes from this address, decided from evidence first, words second."""
    raise NotImplementedError


def infer_own(given: Set[str], sent_authors: Mapping[str, int], authors: Mapping[str, int],
              recipients: Mapping[str, int]) -> frozenset[str]:
    """The owner's addresses beyond those given.

    ``sent_authors``: who wrote the mails of Sent folders, with counts; ``authors`` and ``recipients``: the same over all
    mail. Empty where the evidence names nobody.
    """
    raise NotImplementedError


def detect(facts: Sequence[AddressFacts], cards: Sequence[CardFacts], known: Sequence[KnownContact],
           gone: Set[str], own: Set[str]) -> Decisions:
    """Whom to propose, what to attach, who is likely the same.

    ``gone`` holds the marks (`tombstone_keys`) of people who must not return: those who match are left out.
    """
    raise NotImplementedError


def tombstone_keys(name: str, organisation: str, source: str, addresses: Sequence[str]) -> tuple[str, ...]:
    """What an erased or never person is remembered by, before salting: each address, or name|organisation|source."""
    raise NotImplementedError


def evidence(texts: Texts, *, sent: int, received: int, meetings: int, first_at: datetime | None,
             last_at: datetime | None, brought_by: str, origins: Sequence[str], now: datetime, zone: str) -> str:
    """The evidence in one sentence, e.g. "You wrote 14 times, they answered 9 times, last on 3 May 2026; ...". """
    raise NotImplementedError


def likely_reason(texts: Texts, reason_key: str, values: Mapping[str, str]) -> str:
    """A `Likely` reason in words."""
    raise NotImplementedError
