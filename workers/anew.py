"""Streams whose place was lost at the provider, so that they are read anew. Called by `workers.sync`.

Once is nothing: histories end, and what is read twice is stored once. More than twice in a day is a circle that would
go on unseen and cost the provider's quota each time, so the owner hears of it (RELIABILITY.md C1).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from keepwarm.store import Tx, accounts, outbox
from keepwarm.store.accounts import Lease
from keepwarm.store.outbox import Intent
from keepwarm.texts import mark
from keepwarm.types import StreamKind
from workers.runtime import Runtime

LOST = "lost"  # the setting that holds when each stream's place was lost within the last day: stream → moments
DAY = timedelta(days=1)
MOST = 2  # in a day (RELIABILITY.md C1)
ALARM_LASTS = timedelta(hours=6)

AGAIN = mark("The place where we were in {account} was lost {times} times within a day, so it was read anew each time.")
GOES_ON = mark(
    "Nothing is lost and nothing is stored twice; Keepwarm goes on by itself. If it lasts for days, disconnect the"
    " account and connect it again: {url}"
)


def begins(runtime: Runtime, lease: Lease) -> None:
    """Note that a stream's place was lost, and tell the owner where that happens again and again."""
    if lease.stream.kind is StreamKind.FILES:
        return
    now, stream = runtime.now(), lease.stream
    with runtime.store.transaction(stream.owner_id) as tx:
        account = accounts.account(tx, stream.account_id)
        held = account.settings.get(LOST, {})
        moments = [each for each in held.get(stream.id, ()) if datetime.fromisoformat(each) > now - DAY]
        moments.append(now.isoformat())
        accounts.set_account(tx, account.id, **{LOST: {**held, stream.id: moments}})
        if len(moments) > MOST:
            _put(tx, runtime, lease, name=account.name, times=len(moments))


def _put(tx: Tx, runtime: Runtime, lease: Lease, *, name: str, times: int) -> None:
    """Once a day."""
    now, owner = runtime.now(), accounts.owner(tx)
    texts = runtime.texts(owner.lang)
    lines = [texts(AGAIN, account=name, times=times), texts(GOES_ON, url=f"{runtime.base_url}/accounts")]
    intent = Intent(
        key=f"alarm:{tx.owner_id}:{lease.stream.id}:anew:{now.date().isoformat()}",
        kind="alarm",
        payload={"lines": lines},
        run_at=now,
        not_after=now + ALARM_LASTS,
        account_id=runtime.way_to_warn(tx),
    )
    outbox.put(tx, intent, now)
