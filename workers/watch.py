"""The second pair of eyes, in the web process: stands in for a silent beat, and tells the owner when nobody works.

Called by `service.watch` each minute. A worker cannot tell that all workers are gone (RELIABILITY.md H10), and beat not
that it is gone itself (A10). Several web processes may look at once: all they do is harmless to repeat.
"""

from __future__ import annotations

from datetime import timedelta

from keepwarm.store import duties, outbox
from workers import apart, deliver, tasks, upkeep
from workers.runtime import Runtime
from workers.schedule import SWEEP_SECONDS

MISSED = timedelta(seconds=2 * SWEEP_SECONDS)  # ours: two sweeps that did not come are no accident

CARRIERS = ("sweep", "deliver", "canary-send")  # without them no alarm is raised, or none is sent


def look(runtime: Runtime) -> None:
    """One look. Where no sweep came, ask for one as beat would; where none comes for long, tell the owner from here."""
    with runtime.store.system() as tx:
        found = upkeep.look_around(tx, runtime.now())
        duties.ok(tx, "watch", found.now)
    sweep = next(each for each in found.states if each.name == "sweep")
    if found.now - sweep.silent_since >= MISSED:
        tasks.wake(runtime, "sweep", "watch")
    if sweep.overdue:
        upkeep.raise_alarms(runtime, found)
    if any(each.overdue for each in found.states if each.name in CARRIERS):
        _send_alarms(runtime, found.owners)


def _send_alarms(runtime: Runtime, owners: list[str]) -> None:
    """Nobody else does. A worker that comes back meanwhile finds them held or sent."""

    def send(owner_id: str) -> None:
        with runtime.store.reading(owner_id) as tx:
            waiting = [each.id for each in outbox.rows(tx, states=["due", "sending"], kinds=["alarm"])]
        apart.for_each(waiting, lambda outbox_id: deliver.deliver(runtime, outbox_id), task="deliver")

    apart.for_each(owners, send, task="deliver")
