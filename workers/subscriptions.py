"""Standing orders for notices: ask a provider to tell us of news about a stream, and end that.

Called by whatever connects an account, and by tests. The notices come in at `service.webhooks`; one that is lost costs
time and nothing else, since the stream is read anyway.
"""

from __future__ import annotations

from typing import Any

from integrations.base import Pushable
from keepwarm.errors import NotPossible
from keepwarm.store import accounts
from keepwarm.store.accounts import Standing
from keepwarm.types import Stream, Subscription
from workers.runtime import Runtime


def subscribe(runtime: Runtime, stream: Stream) -> Standing:
    """Have notices about this stream sent to us; where that is so already, for longer.

    Raises NotPossible where we have no public address or the provider has no notices, and what the provider raises.
    """
    account, existing = _standing(runtime, stream)
    if not runtime.settings.public_url or not issubclass(runtime.load(account.provider), Pushable):
        raise NotPossible("There are no notices here: this stream is looked at every few minutes instead.")
    given = existing.id if existing else runtime.new_id()
    secret = runtime.push_secret(given)
    provider: Any = runtime.open_account(stream.owner_id, account.id)
    address = f"{runtime.settings.public_url}/webhooks/{account.provider}"
    found = provider.subscribe(stream, address, secret, _theirs(existing, secret) if existing else None)
    kept = Standing(id=given, stream_id=stream.id, remote_ref=found.remote_ref, expires_at=found.expires_at)
    with runtime.store.transaction(stream.owner_id) as tx:
        accounts.keep_subscription(tx, kept)
    return kept


def unsubscribe(runtime: Runtime, stream: Stream) -> None:
    """End it; without one nothing happens. We forget it first: what still comes is unknown then, and dropped."""
    account, existing = _standing(runtime, stream)
    if existing is None:
        return
    with runtime.store.transaction(stream.owner_id) as tx:
        accounts.drop_subscription(tx, existing.id)
    provider: Any = runtime.open_account(stream.owner_id, account.id)
    provider.unsubscribe(_theirs(existing, runtime.push_secret(existing.id)))


def _standing(runtime: Runtime, stream: Stream) -> tuple[accounts.Account, Standing | None]:
    with runtime.store.reading(stream.owner_id) as tx:
        account = next(each for each in accounts.accounts(tx) if each.id == stream.account_id)
        return account, next((each for each in accounts.subscriptions(tx) if each.stream_id == stream.id), None)


def _theirs(kept: Standing, secret: str) -> Subscription:
    return Subscription(remote_ref=kept.remote_ref, secret=secret, expires_at=kept.expires_at)
