"""Whose it is and where it comes from: owners, their own addresses, accounts, streams, imports.

Called by `workers.sync`, the command and the pages. The subjects have a file each:
 `owners`, `own`, `connections`, `grants`, `streams`, `subscriptions`, `imports`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from keepwarm.store.anew import let_go
from keepwarm.store.connections import (
    Account,
    account,
    accounts,
    disconnect,
    ensure_account,
    held_by_another,
    set_account,
    set_places,
)
from keepwarm.store.database import Tx
from keepwarm.store.detecting import detect
from keepwarm.store.grants import (
    Sealed,
    forget_grant,
    grant,
    grants_under,
    idle_grants,
    keep_grant,
    keep_renewed,
    lease_grant,
    release_grant,
    reseal,
    take_idle,
)
from keepwarm.store.imports import Batch, SourceCount, batch, batches, create_batch, finish_batch, seen_sources
from keepwarm.store.own import OwnAddress, own_addresses, own_match_forms
from keepwarm.store.own import learn_own as _learn_own
from keepwarm.store.own import record_own as _record_own
from keepwarm.store.own import store_inferred as infer_own_addresses
from keepwarm.store.owners import (
    Owner,
    create_owner,
    must_be_free,
    only_owner,
    operator,
    owner,
    owner_by_email,
    owners,
    pace_of,
    password_hash,
    update_owner,
)
from keepwarm.store.removal import undo_batch
from keepwarm.store.streams import (
    Lease,
    Silent,
    StreamState,
    advance,
    create_stream,
    extend_lease,
    fail_stream,
    finish_stream,
    lease_stream,
    mail_streams,
    mark_due,
    mark_stale,
    pause_stream,
    paused_streams,
    silent_accounts,
    stale_streams,
    stream_of_event,
    streams,
    waits,
    wake_account,
)
from keepwarm.store.subscriptions import (
    Pushed,
    Standing,
    ask_for_notices,
    drop_subscription,
    keep_subscription,
    mark_pushed,
    note_notices,
    order_anew,
    pushed,
    stands_elsewhere,
    subscriptions,
    without_notices,
)
from keepwarm.store.touches import rebuild_touches
from keepwarm.store.withdrawn import let_in_again, look_back_at, note_withdrawn, withdrawn

__all__ = [
    "Account",
    "Batch",
    "Lease",
    "OwnAddress",
    "Owner",
    "Pushed",
    "Sealed",
    "Silent",
    "SourceCount",
    "Standing",
    "StreamState",
    "account",
    "accounts",
    "advance",
    "ask_for_notices",
    "batch",
    "batches",
    "create_batch",
    "create_owner",
    "create_stream",
    "disconnect",
    "drop_subscription",
    "ensure_account",
    "extend_lease",
    "fail_stream",
    "finish_batch",
    "finish_stream",
    "forget_grant",
    "grant",
    "grants_under",
    "held_by_another",
    "idle_grants",
    "infer_own_addresses",
    "keep_grant",
    "keep_renewed",
    "keep_subscription",
    "learn_own_addresses",
    "lease_grant",
    "lease_stream",
    "let_in_again",
    "look_back_at",
    "mail_streams",
    "mark_due",
    "mark_pushed",
    "mark_stale",
    "must_be_free",
    "note_notices",
    "note_withdrawn",
    "only_owner",
    "operator",
    "order_anew",
    "own_addresses",
    "own_match_forms",
    "owner",
    "owner_by_email",
    "owners",
    "pace_of",
    "password_hash",
    "pause_stream",
    "paused_streams",
    "pushed",
    "release_grant",
    "reseal",
    "seen_sources",
    "set_account",
    "set_own_address",
    "set_places",
    "silent_accounts",
    "stale_streams",
    "stands_elsewhere",
    "stream_of_event",
    "streams",
    "subscriptions",
    "take_idle",
    "undo_batch",
    "update_owner",
    "waits",
    "wake_account",
    "withdrawn",
    "without_notices",
]  # fmt: skip


def change_address(tx: Tx, address: str, now: datetime) -> None:
    """The owner signs in with another address; the one of before stays one of theirs. Raises NotPossible."""
    update_owner(tx, email=address)
    set_own_address(tx, address, own=True, now=now)


def learn_own_addresses(tx: Tx, addresses: Sequence[str], now: datetime) -> None:
    """Note what a provider says are the owner's, as `set_own_address`; what the owner said themselves stays."""
    if _learn_own(tx, addresses):
        rebuild_touches(tx)
        detect(tx, now, let_go(tx, None))


def set_own_address(tx: Tx, address: str, *, own: bool, origin: str = "given", now: datetime | None = None) -> None:
    """Say that an address is or is not the owner's.

    If that changes who the owner is, touches are computed anew, and with ``now`` every proposal is judged anew too.
    """
    if _record_own(tx, address, own=own, origin=origin):
        rebuild_touches(tx)
        if now is not None:
            detect(tx, now, let_go(tx, None))
