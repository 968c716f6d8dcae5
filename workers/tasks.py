"""Every task on one page. A task carries row ids and decides what to wake next; the work stands in its own module.

Called by Celery; ``wake`` by the web process after its transaction has closed, and by `workers.watch` where beat is
silent; ``drain`` by the command and by tests. Any task may be lost, repeated or reordered without harm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from keepwarm.store import outbox
from workers import deliver as delivery
from workers import doorbell, keeping, letting_in, prepare, pulling, subscriptions, sync, upkeep
from workers.app import answered, app
from workers.runtime import Runtime, current
from workers.schedule import QUEUES, ROUTES, SYNC_LIMITS

QUIET = 50  # rounds: more than any chain of consequences needs


@app.task(name="sync_stream", **SYNC_LIMITS)  # type: ignore[untyped-decorator]  # Celery has no types
def sync_stream(stream_id: str) -> None:
    done = answered("sync_stream", lambda: sync.sync_stream(current(), stream_id, seconds=sync.SLICE), stream=stream_id)
    if done and done.outcome == "more":
        wake(current(), "sync_stream", stream_id)
    elif done and done.outcome in {"done", "news"}:  # news waits for the sweep: a storm is one look a minute (C20)
        wake(current(), "prepare_owner", done.owner_id)


@app.task(name="prepare_owner")  # type: ignore[untyped-decorator]  # as above
def prepare_owner(owner_id: str) -> None:
    answered("prepare_owner", lambda: prepare.prepare_owner(current(), owner_id), owner=owner_id)
    wake_all(current(), [("deliver", outbox_id) for outbox_id in upkeep.due_of(current(), owner_id)])


@app.task(name="deliver")  # type: ignore[untyped-decorator]  # as above
def deliver(outbox_id: str) -> None:
    outcome = answered("deliver", lambda: delivery.deliver(current(), outbox_id), outbox=outbox_id)
    if outcome == "again":
        wake(current(), "deliver", outbox_id)


@app.task(name="sweep")  # type: ignore[untyped-decorator]  # as above
def sweep(by: str) -> None:
    found = answered("sweep", lambda: upkeep.sweep(current(), by=by), by=by)
    wake_all(current(), found.wake if found else ())
    wake_all(current(), [("canary", queue) for queue in QUEUES])


@app.task(name="subscribe_stream")  # type: ignore[untyped-decorator]  # as above
def subscribe_stream(stream_id: str) -> None:
    answered("subscribe_stream", lambda: subscriptions.renew(current(), stream_id), stream=stream_id)


@app.task(name="keep_grant")  # type: ignore[untyped-decorator]  # as above
def keep_grant(account_id: str) -> None:
    answered("keep_grant", lambda: keeping.keep_grant(current(), account_id), account=account_id)


@app.task(name="answer_request")  # type: ignore[untyped-decorator]  # as above
def answer_request(link_id: str) -> None:
    outcome = answered("answer_request", lambda: letting_in.answer_request(current(), link_id), link=link_id)
    if outcome == "mailed":
        with current().store.system(write=False) as tx:
            due = outbox.due(tx, current().now())
        wake_all(current(), [("deliver", outbox_id) for _, outbox_id in due])


@app.task(name="resume")  # type: ignore[untyped-decorator]  # as above
def resume() -> None:
    found = answered("resume", lambda: upkeep.paused(current()), quiet=True)
    wake_all(current(), [("sync_stream", each) for each in found or ()])


@app.task(name="pull")  # type: ignore[untyped-decorator]  # as above
def pull(provider: str) -> None:
    found = answered("pull", lambda: pulling.pull(current(), provider), quiet=True)
    wake_all(current(), [("sync_stream", each) for each in found or ()])


@app.task(name="canary")  # type: ignore[untyped-decorator]  # as above
def canary(queue: str) -> None:
    answered("canary", lambda: upkeep.canary(current(), queue), queue=queue)


TASKS = {
    each.name: each
    for each in (
        sync_stream,
        prepare_owner,
        deliver,
        subscribe_stream,
        keep_grant,
        answer_request,
        sweep,
        resume,
        pull,
        canary,
    )
}


def wake(runtime: Runtime, name: str, row_id: str) -> bool:
    """Ask a worker to look at a row. False if the broker is away: the sweep finds the row anyway."""
    return wake_all(runtime, [(name, row_id)])


def wake_all(runtime: Runtime, calls: Sequence[tuple[str, str]]) -> bool:
    """The same for many (task, row id), over one connection: making one costs more than all that is said over it.

    A canary's row is the queue that it goes through.
    """
    assert not runtime.store.in_transaction(), "wake after the transaction has closed"

    def send(producer: Any) -> None:
        for name, row_id in calls:
            queue = row_id if name == "canary" else ROUTES[name]
            TASKS[name].apply_async((row_id,), producer=producer, queue=queue, retry=False)

    return not calls or doorbell.ring(runtime, send, task=calls[0][0])


def broker_answers(runtime: Runtime) -> bool:
    """Whether wake-up calls can be sent."""
    return doorbell.answers(runtime)


def drain(runtime: Runtime, now: datetime | None = None, limit: int = 1000) -> int:
    """Do everything that is due, here and now, until nothing is left or ``limit`` rows were worked on; how many."""
    at = runtime.at(now) if now else runtime
    done, prepare_too = 0, True
    for _ in range(QUIET):
        found = [each for each in upkeep.sweep(at, alarm=False).wake if prepare_too or each[0] != "prepare_owner"]
        if not found or done >= limit:
            break
        prepare_too = any(name == "sync_stream" for name, _ in found)
        worked = [name for name, row_id in found if _inline(at, name, row_id)]
        done += sum(name != "prepare_owner" for name in worked)
    return done


def _inline(runtime: Runtime, name: str, row_id: str) -> object:
    work: dict[str, Callable[[Runtime, str], object]] = {
        "sync_stream": sync.sync_stream,
        "prepare_owner": prepare.prepare_owner,
        "deliver": delivery.deliver,
        "subscribe_stream": subscriptions.renew,
        "keep_grant": keeping.keep_grant,
        "answer_request": letting_in.answer_request,
    }
    return answered(name, lambda: work[name](runtime, row_id), row=row_id)
