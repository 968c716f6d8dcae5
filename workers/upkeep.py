"""The sweep: finds every row that is due and free, keeps the heartbeats, raises the alarm, removes what is old.

Called by `workers.tasks` each minute. Running it twice, or by two beats at once, changes nothing: claims are made again
by whoever does the work. `workers.watch` raises the same alarms where nobody sweeps.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from keepwarm.store import Tx, accounts, clock, duties, outbox, password_links, pruning
from keepwarm.store.accounts import Owner, Silent
from keepwarm.store.clock import AWAKE
from keepwarm.store.duties import DutyState
from keepwarm.store.outbox import Intent
from keepwarm.texts import mark
from workers import apart, expiring, logs, roll
from workers.runtime import Runtime
from workers.schedule import DUTIES, IDLE, NOT_COMPARED, POLLED, PUSHED

SLOW = timedelta(minutes=2)  # ours: what waits longer than this shows that nobody does it, or not for everybody
ASKED_SLOWLY = timedelta(minutes=30)  # ours: a stream that waits so long to be asked about shows that nobody asks
ALARMS = (timedelta(hours=1), timedelta(days=1), timedelta(days=3), timedelta(days=7))  # RELIABILITY.md C12
ALARM_LASTS = timedelta(hours=6)
LOOKERS = ("sweep", "watch")  # the duties whose doing raises alarms about the others

UNREADABLE = mark("{account} could not be read since {moment}.")
RECONNECT = mark("Access was withdrawn, or the password changed. Connect it again; what was read is kept: {url}")
GOES_ON = mark("Keepwarm keeps trying by itself. What was read is kept; see how it stands: {url}")

SAYS: dict[str, str] = {
    "beat": mark("The clock that starts everything has been silent since {moment}; the web process stands in for it."),
    "watch": mark("The web process has not looked after the workers since {moment}."),
    "sweep": mark("Keepwarm has not looked for new tasks since {moment}."),
    "prepare": mark("Preparing talks and follow-ups has stopped since {moment}."),
    "deliver": mark("What is due has not gone out since {moment}."),
    "canary": mark("A worker has taken no work since {moment}."),
    "renew": mark(
        "Providers have not been asked to tell of news since {moment}; everything is looked at every few minutes."
    ),
    "pull": mark(
        "News that waits at a provider has not been fetched since {moment}; it is looked at every few minutes."
    ),
    "listen": mark("Nobody has listened for new mail since {moment}; it is looked at every few minutes."),
    "prune": mark("Tidying up has not happened since {moment}."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """``wake``: (task, row id), streams first, then owners to prepare, what can be delivered, notices to ask for."""

    wake: tuple[tuple[str, str], ...]


def sweep(runtime: Runtime, *, by: str = "", alarm: bool = True) -> Found:
    """Everything that waits and nobody holds. Notes that the sweep lives, and who asked for it (``by``, a duty).

    ``alarm``: and raises one about what does not live.
    """
    now = runtime.now()
    with runtime.store.system() as tx:
        look = look_around(tx, now)
        for provider, seconds in POLLED.items():
            accounts.mark_due(tx, provider, now, timedelta(seconds=seconds))
        streams = accounts.stale_streams(tx, now)
        due = outbox.due(tx, now)
        unasked = accounts.without_notices(tx, PUSHED, now)
        idle = accounts.idle_grants(tx, now - IDLE)
        asked = password_links.waiting(tx, now)
        duties.ok(tx, by, now)
        _heartbeats(tx, runtime, look, now)
    apart.alone(lambda: _tidy_up(runtime, look), task="prune")
    if alarm:
        raise_alarms(runtime, look)
        expiring.tell(runtime, look.owners)
    wake = [("sync_stream", stream_id) for _, stream_id in streams]
    wake += [("prepare_owner", owner_id) for owner_id in look.owners]
    wake += [("deliver", outbox_id) for _, outbox_id in due]
    wake += [("subscribe_stream", stream_id) for stream_id in unasked]
    wake += [("keep_grant", account_id) for account_id in idle]
    wake += [("answer_request", link_id) for link_id in asked]
    return Found(wake=tuple(wake))


def paused(runtime: Runtime) -> list[str]:
    """Streams that waited for their budget and may go on."""
    with runtime.store.system(write=False) as tx:
        return accounts.paused_streams(tx, runtime.now())


def due_of(runtime: Runtime, owner_id: str) -> list[str]:
    """What this owner's outbox can have done now."""
    with runtime.store.reading(owner_id) as tx:
        return [outbox_id for _, outbox_id in outbox.due(tx, runtime.now())]


def canary(runtime: Runtime, queue: str) -> str:
    """A worker took a message from this queue: the queue lives."""
    with runtime.store.system() as tx:
        duties.ok(tx, f"canary-{queue}", runtime.now())
    return queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the duties stand, whose installation it is, and since when somebody has looked without a pause."""

    now: datetime
    states: list[DutyState]
    owners: list[str]
    awake_since: datetime


def look_around(tx: Tx, now: datetime) -> Look:
    """How everything stands. A pause of our own (a machine that slept) begins anew: it is nobody's silence."""
    duties.ensure_duties(tx, DUTIES, now)
    if clock.set_right(tx, now):
        logs.line("the clock was set back")
    states = duties.duties(tx, now)
    owners = [each.id for each in accounts.owners(tx)]
    told = duties.instance_value(tx, AWAKE)
    asleep = all(each.overdue or each.last_ok_at is None for each in states if each.name in LOOKERS)
    if told is None or asleep:
        duties.set_instance_value(tx, AWAKE, now.isoformat())
        return Look(now=now, states=states, owners=owners, awake_since=now)
    return Look(now=now, states=states, owners=owners, awake_since=datetime.fromisoformat(told))


def _heartbeats(tx: Tx, runtime: Runtime, look: Look, now: datetime) -> None:
    duties.ok(tx, "sweep", now)
    if not accounts.without_notices(tx, PUSHED, now - ASKED_SLOWLY, limit=1):
        duties.ok(tx, "renew", now)
    if not runtime.settings.google_pull_key:
        duties.ok(tx, "pull", now)
    if not roll.listened(tx, runtime):
        duties.ok(tx, "listen", now)
    prepared = duties.prepared_at(tx)
    if all(now - prepared.get(each, look.awake_since) <= SLOW for each in look.owners):
        duties.ok(tx, "prepare", now)
    if not outbox.due(tx, now - SLOW, limit=1):
        duties.ok(tx, "deliver", now)


def _tidy_up(runtime: Runtime, look: Look) -> None:
    """Once a day, in a transaction of its own: what goes wrong with it is its own silence."""
    pruned = next((each.last_ok_at for each in look.states if each.name == "prune"), None)
    if pruned is None or look.now - pruned >= timedelta(seconds=DUTIES["prune"][0]):
        with runtime.store.system() as tx:
            pruning.prune(tx, look.now)
            duties.ok(tx, "prune", look.now)


def raise_alarms(runtime: Runtime, look: Look) -> None:
    """A mail about each duty that is silent while we are awake: after an hour, a day, three and seven.

    Where nobody sweeps, all else falls silent with it, and one mail says so.
    """
    _about_accounts(runtime, look)
    overdue = [each for each in look.states if each.overdue]
    silent = [each for each in overdue if each.name == "sweep"] or overdue
    if not any(_stage(each, look) is not None for each in silent):
        return

    def tell(owner_id: str) -> None:
        with runtime.store.transaction(owner_id) as tx:
            owner = accounts.owner(tx)
            for each in silent:
                if _stage(each, look) is not None:
                    _put_alarm(tx, runtime, each, look, owner)

    apart.for_each(look.owners, tell, task="alarm")


def _about_accounts(runtime: Runtime, look: Look) -> None:
    """A mail about each account that cannot be read, by the same steps (RELIABILITY.md C12): not by that account."""
    with runtime.store.system(write=False) as tx:
        silent = accounts.silent_accounts(tx, look.now, NOT_COMPARED, list(POLLED))

    def tell(each: Silent) -> None:
        stage = _passed(max(each.since, look.awake_since) if not each.revoked else each.since, look.now)
        if stage is not None:
            with runtime.store.transaction(each.owner_id) as tx:
                _put_account_alarm(tx, runtime, each, stage, look.now)

    apart.for_each(silent, tell, task="alarm")


def _put_account_alarm(tx: Tx, runtime: Runtime, silent: Silent, stage: int, now: datetime) -> None:
    owner = accounts.owner(tx)
    texts = runtime.texts(owner.lang)
    says = texts(UNREADABLE, account=silent.name, moment=texts.moment(silent.since, owner.zone, place=True))
    what = texts(RECONNECT if silent.revoked else GOES_ON, url=f"{runtime.base_url}/accounts")
    intent = Intent(
        key=f"alarm:{tx.owner_id}:{silent.account_id}:{silent.since.isoformat()}:{stage}",
        kind="alarm",
        payload={"lines": [says, what]},
        run_at=now,
        not_after=now + ALARM_LASTS,
        account_id=runtime.way_to_warn(tx, but=silent.account_id),
    )
    outbox.put(tx, intent, now)


def _stage(silent: DutyState, look: Look) -> int | None:
    """How many of the waits before an alarm are over, from 0; None if not even the first."""
    return _passed(max(silent.silent_since, look.awake_since), look.now)


def _passed(since: datetime, now: datetime) -> int | None:
    passed = [number for number, after in enumerate(ALARMS) if now - since >= after]
    return passed[-1] if passed else None


def _put_alarm(tx: Tx, runtime: Runtime, silent: DutyState, look: Look, owner: Owner) -> None:
    texts, zone = runtime.texts(owner.lang), owner.zone
    says = SAYS[silent.name.partition("-")[0]]
    intent = Intent(
        key=f"alarm:{tx.owner_id}:{silent.name}:{silent.silent_since.isoformat()}:{_stage(silent, look)}",
        kind="alarm",
        payload={"lines": [texts(says, moment=texts.moment(silent.silent_since, zone, place=True))]},
        run_at=look.now,
        not_after=look.now + ALARM_LASTS,
        account_id=runtime.way_to_warn(tx),
    )
    outbox.put(tx, intent, look.now)
