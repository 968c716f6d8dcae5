"""Connecting an account, and letting it go. Called by the page and by `keepwarm connect`.

Nothing is saved before every line of the check list is green; what no server was found for is simply not read. A second
time with the same address means reconnecting: the new password takes the place of the old, and cursors stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from integrations.base import CalendarWriter, able
from keepwarm.errors import KeepwarmError, NotPossible
from keepwarm.store import accounts
from keepwarm.store.accounts import Account, StreamState
from keepwarm.texts import mark
from keepwarm.types import Check, Grant, Place, StreamKind
from workers import logs, nextsteps, subscriptions
from workers.runtime import Runtime

OPEN = "open"
IDENTITY = "sub"  # the setting that names an account at its provider for good, where it was connected by consent

NOWHERE = mark("No server was found for this address. Nothing was saved; fill in at least one and try again.")
EVENTS_STAY = mark(
    "The account is disconnected and forgotten here, but its calendar did not answer: what Keepwarm wrote there"
    " still stands. Remove it there by hand, it is all in the calendar named Keepwarm."
)


GRANT_STAYS = mark(
    "The account is disconnected and forgotten here, but the other side did not answer: what Keepwarm may do there is"
    " still listed in your account's security settings. Remove it there."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person gave. ``servers``: those they named themselves, by imap, smtp, caldav and carddav.

    ``dav_user`` and ``dav_password`` only where the calendar has a login of its own.
    """

    address: str
    password: str = field(repr=False)
    user: str = ""
    dav_user: str = ""
    dav_password: str = field(default="", repr=False)
    servers: Mapping[str, str] = field(default_factory=dict)
    without: frozenset[str] = frozenset()  # what they want left out, by the same names

    @property
    def grant(self) -> Grant:
        given = {"password": self.password, "dav_password": self.dav_password}
        return Grant(values={name: value for name, value in given.items() if value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The servers of an address. ``settings`` is what an account would hold; ``how`` tells where each was found."""

    settings: Mapping[str, Any]
    how: Mapping[str, str]
    foreign: Sequence[str]  # hosts that a person should confirm before a password goes there
    advice: Sequence[str]  # what a person should know of this provider, in marked sentences

    @property
    def any(self) -> bool:
        return any(self.settings.get(each) for each in ("imap", "caldav", "carddav"))


def find(runtime: Runtime, wish: Wish) -> Found:
    """Raises Rejected, in words for a person, for what is no address or no server."""
    servers = runtime.load(OPEN).discover(wish.address, runtime.reach, wish.servers)
    servers = replace(servers, **{each: None if each in {"imap", "smtp"} else "" for each in wish.without})
    settings = servers.as_settings() | {"address": wish.address.strip().lower(), "dav_user": wish.dav_user}
    settings["user"] = wish.user or settings["user"] or wish.address
    domain = wish.address.rpartition("@")[2]
    return Found(
        settings=settings, how=servers.how, foreign=servers.foreign(domain), advice=runtime.load(OPEN).advice(servers)
    )


def check(runtime: Runtime, owner_id: str, wish: Wish, found: Found) -> Iterator[Check]:
    """The check list, each line as soon as it is known. Nothing is saved by it."""
    provider = runtime.open(owner_id, provider=OPEN, settings=found.settings, grant=wish.grant)
    yield from provider.checks()


def connect(runtime: Runtime, owner_id: str, wish: Wish, found: Found) -> Account:
    """Save the account, and begin to read it: to be called when every line was green.

    Raises NotPossible where there is nothing to read, and what the servers raise.
    """
    if not found.any:
        raise NotPossible(NOWHERE)
    provider = runtime.open(owner_id, provider=OPEN, settings=found.settings, grant=wish.grant)
    places = [each for each in provider.places() if each.usual and not each.ours]
    settings = {**found.settings, **provider.learned()}
    now, address = runtime.now(), str(settings["address"])
    with runtime.store.transaction(owner_id) as tx:
        account = accounts.ensure_account(tx, provider=OPEN, name=address, settings=settings, now=now)
        accounts.set_account(tx, account.id, **settings)
        accounts.keep_grant(tx, account.id, runtime.keys.seal(owner_id, account.id, wish.grant), runtime.keys.id)
        if not any(each.stream.account_id == account.id for each in accounts.streams(tx)):
            accounts.set_places(tx, account.id, places, now)
        accounts.wake_account(tx, account.id, now)
        accounts.set_own_address(tx, address, own=True, now=now)
        return accounts.account(tx, account.id)


def places(runtime: Runtime, owner_id: str, account_id: str) -> Sequence[Place]:
    """Folders, calendars and address books that could be read, but for our own calendar."""
    return [each for each in runtime.open_account(owner_id, account_id).places() if not each.ours]


def choose(
    runtime: Runtime, owner_id: str, account_id: str, refs: Sequence[tuple[str, str]], *, calendar: str | None = None
) -> None:
    """Read exactly these places, given as (kind, reference).

    ``calendar``: where our events go if not into our own; None where that is not for the owner to choose.
    """
    there = places(runtime, owner_id, account_id)
    wanted = [each for each in there if (str(each.kind), each.ref) in set(refs)]
    kept = {(each.kind, each.ref) for each in wanted}
    for state in streams_of(runtime, owner_id, account_id):
        if (state.stream.kind, state.stream.place_ref) not in kept:
            subscriptions.unsubscribe(runtime, state.stream)
    known = calendar if calendar in {each.ref for each in there if each.kind is StreamKind.CALENDAR} else ""
    with runtime.store.transaction(owner_id) as tx:
        accounts.set_places(tx, account_id, wanted, runtime.now())
        names = {each.ref: each.name for each in wanted}
        accounts.set_account(tx, account_id, names=names, **({} if calendar is None else {"calendar": known}))


def streams_of(runtime: Runtime, owner_id: str, account_id: str) -> list[StreamState]:
    with runtime.store.reading(owner_id) as tx:
        return [each for each in accounts.streams(tx) if each.stream.account_id == account_id]


def look_now(runtime: Runtime, owner_id: str, account_id: str) -> list[str]:
    """Mark everything of an account stale, also what was given up; ids of its streams."""
    with runtime.store.transaction(owner_id) as tx:
        accounts.account(tx, account_id)
        return accounts.wake_account(tx, account_id, runtime.now())


def disconnect(runtime: Runtime, owner_id: str, account_id: str, *, remove_events: bool) -> str:
    """Let an account go: its notices ended, its grant given back. What could not be done in words, else "".

    A dead password is no hindrance, nor a provider that is away. Raises NotFound.
    """
    with runtime.store.reading(owner_id) as tx:
        account = accounts.account(tx, account_id)
    writes = able(runtime.load(account.provider), CalendarWriter, account.settings)
    events_stay = _remove_events(runtime, owner_id, account_id) if remove_events and writes else ""
    for state in streams_of(runtime, owner_id, account_id):
        subscriptions.unsubscribe(runtime, state.stream)
    grant_stays = _give_back(runtime, owner_id, account)
    with runtime.store.transaction(owner_id) as tx:
        accounts.disconnect(tx, account_id, runtime.now())
        if remove_events and not events_stay:
            nextsteps.bring_home(tx, account_id, runtime.now())
    return events_stay or grant_stays


def _give_back(runtime: Runtime, owner_id: str, account: Account) -> str:
    """Unless another owner here has the same account: their grant would end with it."""
    with runtime.store.system(write=False) as tx:
        shared = accounts.held_by_another(tx, account, IDENTITY)
    try:
        if not shared:
            runtime.open_account(owner_id, account.id).revoke()
    except KeepwarmError as error:
        logs.line("grant not given back", account=account.id, error=type(error).__name__)
        return GRANT_STAYS
    return ""


def _remove_events(runtime: Runtime, owner_id: str, account_id: str) -> str:
    try:
        runtime.open_account(owner_id, account_id).remove_all_events()
    except KeepwarmError as error:
        logs.line("events not removed", account=account_id, error=type(error).__name__)
        return EVENTS_STAY
    return ""
