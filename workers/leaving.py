"""Somebody leaves: what we wrote into their calendars, what we may do at providers, their rows, their files.

Called by the page Data and by `keepwarm erase`. A provider that does not answer is no hindrance; what had to stay there
is told. The rows go in one transaction, the folder after them: killed in between, the next try finds only the folder.
"""

from __future__ import annotations

import shutil
from dataclasses import replace

from integrations.base import CalendarWriter, able
from keepwarm.errors import KeepwarmError
from keepwarm.store import accounts, follow_ups, leaving, samples
from keepwarm.store.accounts import Account
from workers import connecting, letting_in, logs
from workers.runtime import LOCAL, Runtime

INNER = frozenset({"files", LOCAL})
STANDING = ("planned", "placed", "moved")


def leave(runtime: Runtime, owner_id: str, *, remove_events: bool) -> list[str]:
    """Erase an owner for good; marked sentences about what could not be taken back outside."""
    leave_sample(runtime, owner_id)
    with runtime.store.transaction(owner_id) as tx:
        accounts.update_owner(tx, held=True)  # nothing more goes out while we are at it
        held = [each for each in accounts.accounts(tx) if each.provider not in INNER]
    said = [_let_go(runtime, owner_id, each, remove_events=remove_events) for each in held]
    with runtime.store.transaction(owner_id) as tx:
        heir = leaving.pass_on(tx)
        if heir is not None:
            letting_in.tell(runtime, replace(tx, owner_id=heir.id), "operator", heir)
        rows = leaving.erase_owner(tx)
    _drop_folder(runtime, owner_id)
    runtime.store.forget()
    logs.line("owner erased", rows=rows, accounts=len(held))
    return list(dict.fromkeys(filter(None, said)))


def leave_sample(runtime: Runtime, owner_id: str) -> None:
    """Take the sample away that this owner looks at, rows and folder; nothing happens where there is none."""
    with runtime.store.system() as tx:
        gone = samples.end(tx, accounts.owner(replace(tx, owner_id=owner_id)))
    if gone:
        _drop_folder(runtime, gone)


def _drop_folder(runtime: Runtime, owner_id: str) -> None:
    shutil.rmtree(runtime.home / "owners" / owner_id, ignore_errors=True)


def _let_go(runtime: Runtime, owner_id: str, account: Account, *, remove_events: bool) -> str:
    try:
        return connecting.disconnect(runtime, owner_id, account.id, remove_events=remove_events)
    except KeepwarmError as error:  # the provider cannot even be opened: a key is lost, a setting is gone
        logs.line("account not let go", account=account.id, error=type(error).__name__)
        return connecting.GRANT_STAYS


def entries(runtime: Runtime, owner_id: str) -> int:
    """How many entries of ours stand in calendars of the owner's accounts."""
    with runtime.store.reading(owner_id) as tx:
        writing = {
            each.id
            for each in accounts.accounts(tx)
            if able(runtime.load(each.provider), CalendarWriter, each.settings)
        }
        standing = follow_ups.follow_ups(tx, states=STANDING)
    return sum(each.account_id in writing and bool(each.event_fingerprint) for each in standing)
