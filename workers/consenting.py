"""Connecting an account on the provider's own page of consent (OAuth). Called by the pages in `service.pages.consent`.

Mirrors `workers.connecting`, which knows passwords. What the owner allowed is known by who they are at the provider,
never by an address: an address may change hands (RELIABILITY.md G4). Nothing is saved before the provider agreed, and
whatever was chosen before stays: allowing more, or connecting anew, drops no stream and no cursor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from integrations.base import Consent, Identity, Journey
from keepwarm.errors import KeepwarmError, MisconfiguredError, NotPossible, Rejected
from keepwarm.store import Tx, accounts
from keepwarm.store.accounts import Account, StreamState
from keepwarm.texts import mark
from keepwarm.types import Check, Place, StreamKind
from workers import aliases, public
from workers.connecting import IDENTITY
from workers.runtime import Runtime

REFUSED = "refused"  # the setting that holds what was asked for and not allowed
NAMES = "names"  # the setting that holds what the provider calls each place: reference → name

NOTHING_ALLOWED = mark(
    "You allowed nothing, so there is nothing to read and nothing was saved. Begin once more, and tick at least the"
    " calendar or the contacts on the provider's page."
)
SOMEBODY_ELSE = mark(
    "You chose another account there than the one that this was about. Nothing was changed; begin once more and choose"
    " the same one, or connect the other as an account of its own."
)
NOTHING_ASKED = mark("Tick at least one thing that Keepwarm may do. Nothing was changed.")

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})  # this very machine, by its names
TRIED = 3  # accounts; ours: the set-up is the same for all
SET_UP, REACHED = mark("set-up"), mark("public address")
NOT_REACHED = mark(
    "None is set (KEEPWARM_PUBLIC_URL), so nobody reaches us from outside: news is fetched or looked for instead. That"
    " works too."
)
HERE_ALONE = mark(
    "It leads to this machine, so nobody reaches us from outside: news is fetched or looked for instead. That works"
    " too."
)


class NotRead(NotPossible):
    """It was allowed and still cannot be read: why, in a marked sentence. Nothing was saved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What came of it. ``refused``: purposes asked for and not allowed; ``again``: the account was there already."""

    account: Account
    refused: frozenset[str]
    again: bool


def ready(runtime: Runtime, provider: str) -> str:
    """Why nobody can be connected, in a marked sentence for whoever runs this; empty: they can."""
    return str(runtime.load(provider).ready(runtime.house))


def begin(runtime: Runtime, provider: str, purposes: Sequence[str], *, redirect: str, address: str = "") -> Journey:
    """The way to the page of consent. Raises NotPossible where nothing is asked for, MisconfiguredError."""
    known = runtime.load(provider)
    asked = [each for each in known.purposes if each in purposes]
    if not asked:
        raise NotPossible(NOTHING_ASKED)
    journey: Journey = known.begin(runtime.house, asked, redirect=redirect, address=address)
    return journey


def ask_who(runtime: Runtime, provider: str, *, redirect: str) -> Journey:
    """The way to the page on which somebody says who they are, and no more. Raises MisconfiguredError."""
    journey: Journey = runtime.load(provider).ask_who(runtime.house, redirect=redirect)
    return journey


def told_who(runtime: Runtime, provider: str, kept: Mapping[str, str], answer: Mapping[str, str]) -> Identity:
    """Who they are; nothing is saved. Raises what the provider raises."""
    found: Identity = runtime.load(provider).told_who(runtime.house, kept, answer)
    return found


def origin(runtime: Runtime, provider: str) -> str:
    """Where that page is, as scheme and host: a page whose form leads there has to allow it. Empty if nowhere."""
    try:
        journey = begin(runtime, provider, list(runtime.load(provider).purposes), redirect=runtime.house.address)
    except MisconfiguredError:
        return ""
    parts = urlsplit(journey.url)
    return f"{parts.scheme}://{parts.netloc}"


def allowed(runtime: Runtime, account: Account) -> list[str]:
    """The purposes that were allowed for an account, in the order in which they are asked."""
    return [each for each in runtime.load(account.provider).purposes if account.settings.get(each)]


def finish(
    runtime: Runtime, owner_id: str, provider: str, kept: Mapping[str, str], answer: Mapping[str, str], *,
    account_id: str = "",
) -> Finished:  # fmt: skip
    """Save what the owner allowed, and begin to read it.

    ``account_id``: the account that this was about; another identity is then refused. Raises NotPossible (NotRead),
    NotFound, and what the provider raises; then nothing was saved.
    """
    consent: Consent = runtime.load(provider).finish(runtime.house, kept, answer)
    with runtime.store.reading(owner_id) as tx:
        before = _account_of(tx, provider, consent.identity)
        expected = accounts.account(tx, account_id) if account_id else before
    if expected is not None and (before is None or before.id != expected.id):
        raise NotPossible(SOMEBODY_ELSE)
    new = [each for each in _kinds(consent.settings) if before is None or not before.settings.get(each)]
    if before is None and not any(consent.settings.get(each) for each in runtime.load(provider).purposes):
        raise NotPossible(NOTHING_ALLOWED)
    places = _places(runtime, owner_id, provider, consent) if new else []
    own = aliases.told(_opened_by(runtime, owner_id, provider, consent))
    with runtime.store.transaction(owner_id) as tx:
        account = _keep(runtime, tx, provider, consent, [each for each in places if each.kind in new])
        aliases.note(tx, account.id, own, runtime.now())
    return Finished(account=account, refused=consent.refused, again=before is not None)


def _account_of(tx: Tx, provider: str, identity: str) -> Account | None:
    held = (each for each in accounts.accounts(tx) if each.provider == provider)
    return next((each for each in held if each.settings.get(IDENTITY) == identity), None)


def _kinds(settings: Mapping[str, object]) -> list[StreamKind]:
    """What can be read with these settings: the purposes that are named after a kind of stream."""
    return [each for each in StreamKind if settings.get(str(each))]


def _places(runtime: Runtime, owner_id: str, provider: str, consent: Consent) -> list[Place]:
    opened = _opened_by(runtime, owner_id, provider, consent)
    try:
        return [each for each in opened.places() if not each.ours]
    except Rejected as error:
        raise NotRead(str(error)) from error


def _opened_by(runtime: Runtime, owner_id: str, provider: str, consent: Consent) -> Any:
    """The account as it was allowed, before it is saved."""
    return runtime.open(owner_id, provider=provider, settings=consent.settings, grant=consent.grant)


def _keep(runtime: Runtime, tx: Tx, provider: str, consent: Consent, places: Sequence[Place]) -> Account:
    """Account, grant and streams, in the transaction that is open."""
    now, keys = runtime.now(), runtime.keys
    told = {**consent.settings, IDENTITY: consent.identity}
    account = accounts.ensure_account(tx, provider=provider, name=consent.address, settings=told, by=IDENTITY, now=now)
    names = account.settings.get(NAMES, {}) | {each.ref: each.name for each in places}
    accounts.set_account(tx, account.id, **told, **_notes(account, consent), **{NAMES: names})
    accounts.keep_grant(tx, account.id, keys.seal(tx.owner_id, account.id, consent.grant), keys.id, now)
    held = [each for each in accounts.streams(tx) if each.stream.account_id == account.id]
    accounts.set_places(tx, account.id, _to_read(held, consent, places), now)
    accounts.wake_account(tx, account.id, now)
    accounts.set_own_address(tx, consent.address, own=True, origin="provider", now=now)
    return accounts.account(tx, account.id)


def _notes(account: Account, consent: Consent) -> dict[str, object]:
    """What was refused so far: a purpose stands there until it is allowed."""
    refused = {*account.settings.get(REFUSED, ()), *consent.refused}
    return {REFUSED: sorted(each for each in refused if not consent.settings.get(each))}


def _to_read(held: Sequence[StreamState], consent: Consent, places: Sequence[Place]) -> list[Place]:
    """Everything that is read and may still be, and what is usual of what may be read from now on."""
    kinds = _kinds(consent.settings)
    kept = [each.stream for each in held if each.stream.kind in kinds]
    stays = [Place(ref=each.place_ref, name="", kind=each.kind) for each in kept]
    return stays + [each for each in places if each.usual and each.kind in kinds]


def operator_checks(runtime: Runtime, provider: str, owner_ids: Sequence[str]) -> Iterator[Check]:
    """What is set up at the provider, line by line as each becomes known, and whether we are reached from outside.

    It is tried through accounts of these owners, at most ``TRIED``.
    """
    try:
        house, opened = runtime.house, list(islice(_opened(runtime, provider, owner_ids), TRIED))
        yield from runtime.load(provider).operator_checks(house, opened)
    except KeepwarmError as error:
        yield Check(name=SET_UP, ok=False, says=str(error))
    yield _reached(runtime)


def _opened(runtime: Runtime, provider: str, owner_ids: Sequence[str]) -> Iterator[Any]:
    for owner_id in owner_ids:
        with runtime.store.reading(owner_id) as tx:
            held = [each for each in accounts.accounts(tx) if each.provider == provider]
        for each in held:
            yield runtime.open_account(owner_id, each.id)


def _reached(runtime: Runtime) -> Check:
    where = runtime.settings.public_url
    if not where or urlsplit(where).hostname in LOOPBACK:
        return Check(name=REACHED, ok=True, absent=True, says=HERE_ALONE if where else NOT_REACHED, where=where)
    says = public.problem(runtime)
    return Check(name=REACHED, ok=not says, says=says, where=where)
