"""The owner's other addresses, as their providers name them. Called by `workers.consenting` and `workers.sync`.

Mail to an alias is mail to the owner, and whoever is asked by one is no guest beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from keepwarm.errors import KeepwarmError
from keepwarm.store import Tx, accounts
from keepwarm.store.accounts import Lease
from keepwarm.types import StreamKind
from workers import logs
from workers.runtime import Runtime

ASKED = "own_asked_at"  # the setting that holds when an account was asked last
EVERY = timedelta(days=7)  # ours: aliases are rarely added


def told(provider: Any) -> Sequence[str] | None:
    """What an opened account says now; None where it does not answer: then it is asked another time."""
    try:
        found: Sequence[str] = provider.own_addresses()
    except KeepwarmError as error:
        logs.line("own addresses not told", error=type(error).__name__)
        return None
    return found


def note(tx: Tx, account_id: str, addresses: Sequence[str] | None, now: datetime) -> None:
    if addresses is not None:
        accounts.learn_own_addresses(tx, addresses, now)
        accounts.set_account(tx, account_id, **{ASKED: now.isoformat()})


def ask_again(runtime: Runtime, lease: Lease) -> None:
    """Once a week, where a stream of the account was read to its end."""
    now, asked, stream = runtime.now(), lease.account_settings.get(ASKED, ""), lease.stream
    if stream.kind is StreamKind.FILES or (asked and now - datetime.fromisoformat(asked) < EVERY):
        return
    found = told(runtime.open_account(stream.owner_id, stream.account_id))
    with runtime.store.transaction(stream.owner_id) as tx:
        accounts.extend_lease(tx, lease, now)
        note(tx, stream.account_id, found, now)
