"""The sweep: finds every row that is due and free, keeps the heartbeats, raises the alarm, removes what is old.

Called by `workers.tasks` each minute. Running it twice, or by two beats at once, changes nothing: claims are made again
by whoever does the work.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from keepwarm.store import Tx, accounts, duties, outbox, pruning
from keepwarm.store.duties import DutyState
from keepwarm.store.outbox import Intent
from keepwarm.texts import Texts, mark
from workers.runtime import Runtime
from workers.schedule import DUTIES

SLOW = timedelta(minutes=4)  # ours: what is due longer than this and still free shows that nobody delivers
ALARMS = (timedelta(hours=1), timedelta(days=1), timedelta(days=3), timedelta(days=7))  # RELIABILITY.md C12
ALARM_LASTS = timedelta(hours=6)

SAYS: dict[str, str] = {
    "sweep": mark("Keepwarm has not looked for new tasks since {moment}."),
    "prepare": mark("Preparing talks and follow-ups has stopped since {moment}."),
    "deliver": mark("What is due has not gone out since {moment}."),
    "canary": mark("A worker has taken no work since {moment}."),
    "prune": mark("Tidying up has not happened since {moment}."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """``wake``: (task, row id), streams first, then owners to prepare, then what can be delivered."""

    wake: tuple[tuple[str, str], ...]


def sweep(runtime: Runtime, *, alarm: bool = True) -> Found:
    """Everything that waits and nobody holds. Notes that the sweep lives; ``alarm``: and what does not."""
    now = runtime.now()
    with runtime.store.system() as tx:
        duties.ensure_duties(tx, DUTIES)
        states = duties.duties(tx, now)
        owners = [each.id for each in accounts.owners(tx)]
        streams = accounts.stale_streams(tx, now)
        due = outbox.due(tx, now)
        _heartbeats(tx, states, owners, now)
    if alarm:
        _alarm(runtime, states, owners, now)
    wake = [("sync_stream", stream_id) for _, stream_id in streams]
    wake += [("prepare_owner", owner_id) for owner_id in owners]
    wake += [("deliver", outbox_id) for _, outbox_id in due]
    return Found(wake=tuple(wake))


def due_of(runtime: Runtime, owner_id: str) -> list[str]:
    """What this owner's outbox can have done now."""
    with runtime.store.reading(owner_id) as tx:
        return [outbox_id for _, outbox_id in outbox.due(tx, runtime.now())]


def canary(runtime: Runtime, queue: str) -> str:
    """A worker took a message from this queue: the queue lives."""
    with runtime.store.system() as tx:
        duties.ok(tx, f"canary-{queue}", runtime.now())
    return queue


def _heartbeats(tx: Tx, states: list[DutyState], owners: list[str], now: datetime) -> None:
    duties.ok(tx, "sweep", now)
    if not owners:
        duties.ok(tx, "prepare", now)
    if not outbox.due(tx, now - SLOW, limit=1):
        duties.ok(tx, "deliver", now)
    pruned = next((each.last_ok_at for each in states if each.name == "prune"), None)
    if pruned is None or now - pruned >= timedelta(seconds=DUTIES["prune"][0]):
        pruning.prune(tx, now)
        duties.ok(tx, "prune", now)


def _alarm(runtime: Runtime, states: list[DutyState], owners: list[str], now: datetime) -> None:
    """A mail about each silent duty after an hour, a day, three and seven. Not after a pause of our own."""
    awake = any(each.name == "sweep" and each.last_ok_at is not None and not each.overdue for each in states)
    silent = [each for each in states if each.overdue and each.last_ok_at is not None]
    if not awake or not silent:
        return
    for owner_id in owners:
        with runtime.store.transaction(owner_id) as tx:
            owner = accounts.owner(tx)
            for each in silent:
                _put_alarm(tx, each, runtime.texts(owner.lang), owner.zone, now)


def _put_alarm(tx: Tx, silent: DutyState, texts: Texts, zone: str, now: datetime) -> None:
    assert silent.last_ok_at is not None
    passed = [number for number, after in enumerate(ALARMS) if now - silent.last_ok_at >= after]
    if not passed:
        return
    says = SAYS[silent.name.partition("-")[0]]
    intent = Intent(
        key=f"alarm:{tx.owner_id}:{silent.name}:{silent.last_ok_at.isoformat()}:{passed[-1]}",
        kind="alarm",
        payload={"lines": [texts(says, moment=texts.moment(silent.last_ok_at, zone))]},
        run_at=now,
        not_after=now + ALARM_LASTS,
    )
    outbox.put(tx, intent, now)
