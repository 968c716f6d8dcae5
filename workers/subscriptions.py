"""Standing orders for notices: asked for, prolonged before they end, ended. The notices come in at `service.webhooks`.

Called by `workers.tasks` when the sweep finds that it is time, and by whatever lets an account or a stream go. A notice
that is lost costs time and nothing else, since every stream is looked at anyway. Where a provider makes a new order
instead of prolonging one, both stand until the old one is ended, so that nothing falls between (RELIABILITY.md C6).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from integrations.base import NoAddress, Pushable, able
from keepwarm.errors import AccessRevoked, KeepwarmError, NotFound, NotPossible, Rejected, TryAgainLater
from keepwarm.store import accounts
from keepwarm.store.accounts import Account, Standing
from keepwarm.texts import mark
from keepwarm.types import Stream, StreamKind, Subscription
from workers import logs, public
from workers.runtime import Runtime

SOON = timedelta(minutes=15)  # RELIABILITY.md C6: after a try that failed
LATER = timedelta(hours=6)  # ours: where there are none, what is missing may have been set up meanwhile
LONG = timedelta(days=2)  # ours: an order that stands for so long yet was made a moment ago
DAILY = timedelta(days=1)  # PROVIDERS.md: the usual advice for a mailbox; others at half of their life

UNHEARD = mark("Asking to be told of news does not work right now; we go on trying by ourselves.")


def renew(runtime: Runtime, stream_id: str) -> str:
    """Ask for notices about this stream, or for longer, if it is time: push, pull, polled, later, held (by another)."""
    now = runtime.now()
    with runtime.store.system() as tx:
        asking = accounts.ask_for_notices(tx, stream_id, now, now + SOON)
    if asking is None:
        return "held"
    stream = asking.stream
    if not asking.anew and _only_leftovers(runtime, stream):
        return "push"
    try:
        kept = subscribe(runtime, stream, public.address(runtime))
    except NoAddress as error:
        return _polled(runtime, stream, public.why_not(runtime) or error.reason)
    except (Rejected, NotPossible) as error:
        return _polled(runtime, stream, str(error))
    except (TryAgainLater, AccessRevoked) as error:  # an order that stands goes on; reading tells of a dead grant
        logs.line("no notices yet", stream=stream.id, error=type(error).__name__)
        return _unheard(runtime, stream)
    except Exception:  # nobody thought of it: the page says what comes of it, the log what it was
        _unheard(runtime, stream)
        raise
    heard = "pull" if kept.pulled else "push"
    _heard(runtime, stream, heard, kept)
    return heard


def _only_leftovers(runtime: Runtime, stream: Stream) -> bool:
    """Whether it is time only for orders that could not be ended before; the newest stands for long yet."""
    account, held = _standing(runtime, stream)
    if len(held) < 2 or held[-1].expires_at - runtime.now() < LONG:
        return False
    for each in held[:-1]:
        _end(runtime, stream, account, each)
    _heard(runtime, stream, "push", held[-1])
    return True


def _heard(runtime: Runtime, stream: Stream, heard: str, kept: Standing) -> None:
    """Note how it stands, and when to come back: soon, where something is left to be ended."""
    now = runtime.now()
    _, held = _standing(runtime, stream)
    again_at = now + SOON if len(held) > 1 else _again_at(stream, kept, now)
    with runtime.store.transaction(stream.owner_id) as tx:
        accounts.note_notices(tx, stream.id, heard, "", again_at)


def subscribe(runtime: Runtime, stream: Stream, address: str) -> Standing:
    """Have notices about this stream sent to us at ``address``, or for longer.

    Raises NotPossible where the provider has none, and what the provider raises.
    """
    account, held = _standing(runtime, stream)
    if not able(runtime.load(account.provider), Pushable, account.settings):
        raise NotPossible("There are no notices here: this stream is looked at every few minutes instead.")
    old = held[-1] if held else None  # the one that ends last
    given = runtime.new_id()
    below = f"{address}/webhooks/{account.provider}" if address else ""
    before = _theirs(runtime, old) if old else None
    provider: Any = runtime.open_account(stream.owner_id, account.id)
    found: Subscription = provider.subscribe(stream, below, runtime.push_secret(given), before)
    kept_id = old.id if old and before and found.secret == before.secret else given
    kept = Standing(
        id=kept_id, stream_id=stream.id, remote_ref=found.remote_ref, expires_at=found.expires_at, pulled=found.pulled
    )
    with runtime.store.transaction(stream.owner_id) as tx:
        accounts.keep_subscription(tx, kept)
    for each in held:
        if each.id != kept.id:
            _end(runtime, stream, account, each)
    return kept


def unsubscribe(runtime: Runtime, stream: Stream) -> None:
    """End all that stand; without one nothing happens. What could not be ended there is unknown here, and runs out."""
    account, held = _standing(runtime, stream)
    for each in held:
        with runtime.store.transaction(stream.owner_id) as tx:  # first: what still comes is unknown then, and dropped
            accounts.drop_subscription(tx, each.id)
        _end(runtime, stream, account, each)


def _end(runtime: Runtime, stream: Stream, account: Account, each: Standing) -> None:
    """End one, here and there; where the provider is away it stays, for the next renewal to end, or runs out."""
    over = each.expires_at <= runtime.now()
    try:
        if not over and not _shared(runtime, each):
            provider: Any = runtime.open_account(stream.owner_id, account.id)
            provider.unsubscribe(_theirs(runtime, each))
    except KeepwarmError as error:
        logs.line("notices not ended", stream=stream.id, error=type(error).__name__)
        return
    with runtime.store.transaction(stream.owner_id) as tx, suppress(NotFound):
        accounts.drop_subscription(tx, each.id)


def _shared(runtime: Runtime, each: Standing) -> bool:
    """Whether another account hears by the same order: two people of one mailbox."""
    with runtime.store.system(write=False) as tx:
        return accounts.stands_elsewhere(tx, each)


def _polled(runtime: Runtime, stream: Stream, why: str) -> str:
    with runtime.store.transaction(stream.owner_id) as tx:
        accounts.note_notices(tx, stream.id, "", why, runtime.now() + LATER)
    return "polled"


def _unheard(runtime: Runtime, stream: Stream) -> str:
    """Note that nobody tells us any more, once the newest order has run out."""
    now, (_, held) = runtime.now(), _standing(runtime, stream)
    if not any(each.expires_at > now for each in held):
        with runtime.store.transaction(stream.owner_id) as tx:
            accounts.note_notices(tx, stream.id, "", UNHEARD, now + SOON)
    return "later"


def _again_at(stream: Stream, kept: Standing, now: datetime) -> datetime:
    half = (kept.expires_at - now) / 2
    return now + (min(half, DAILY) if stream.kind is StreamKind.MAIL else half)


def _standing(runtime: Runtime, stream: Stream) -> tuple[Account, Sequence[Standing]]:
    with runtime.store.reading(stream.owner_id) as tx:
        account = accounts.account(tx, stream.account_id)
        return account, [each for each in accounts.subscriptions(tx) if each.stream_id == stream.id]


def _theirs(runtime: Runtime, kept: Standing) -> Subscription:
    secret = runtime.push_secret(kept.id)
    return Subscription(remote_ref=kept.remote_ref, secret=secret, expires_at=kept.expires_at, pulled=kept.pulled)
