"""Grants that nothing renews by itself are renewed before they die of it. Called by `workers.tasks`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from integrations.base import Keeps
from keepwarm.errors import AccessRevoked
from keepwarm.store import accounts
from workers.runtime import Runtime
from workers.schedule import IDLE

AGAIN = timedelta(days=1)  # ours: after a try that failed


def keep_grant(runtime: Runtime, account_id: str) -> str:
    """Renew the grant of an account that lay idle: kept, revoked, or held (somebody else did, or there is none)."""
    now = runtime.now()
    with runtime.store.system() as tx:
        owner_id = accounts.take_idle(tx, account_id, now - IDLE, now - IDLE + AGAIN)
    if owner_id is None:
        return "held"
    provider: Any = runtime.open_account(owner_id, account_id)
    if not isinstance(provider, Keeps):
        return "held"
    try:
        provider.keep()
    except AccessRevoked:  # reading tells the owner
        with runtime.store.transaction(owner_id) as tx:
            accounts.wake_account(tx, account_id, now)
        return "revoked"
    return "kept"
