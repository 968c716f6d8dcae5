"""Work C: our tasks beside a Celery worker whose task counts and does nothing else.

Goals (PERFORMANCE.md): C1 our task at least 0.8x the bare one's executions a second, idle latency at most 2x; C2 mails
from the queue into the store at least 5x the bare task rate, since a task carries a batch; C3 memory of the idle worker
at most 1.6x. Ours is `sync_stream` on a stream that needs nothing: what every task pays.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from redis import Redis

from benchmarks import bare, corpus
from benchmarks.place import Place, place, pss, stop, wait_for
from benchmarks.rows import Extent, Figures, Row, against, in_turns
from keepwarm.store import accounts, duties
from service.box import children
from workers import tasks, upkeep

TASKS = 1_500
PINGS = 30
PREFIX = "keepwarm:"  # of our queues in Redis (`workers.app`)


def run(extent: Extent) -> list[Row]:
    with place() as here:
        here.connect(1)
        upkeep.sweep(here.runtime)  # the duties are rows now
        redis = Redis(unix_socket_path=str(here.home / "redis.sock"))
        mailbox = here.home / "mail.mbox"
        corpus.write(mailbox, extent.mails)
        cases = {
            "bare": partial(_bare, here, redis),
            "ours": partial(_ours, here, redis),
            "import": partial(_import, here, mailbox, extent.mails),
        }
        told = in_turns(extent.rounds, cases)
    base, ours, stored = told["bare"], told["ours"], told["import"]["rate"]
    return [
        Row(name="C1 bare no-op", figure=base["rate"], unit="tasks/s"),
        against("C1 ours, nothing to do", ours["rate"], "tasks/s", base=base["rate"], least=0.8, of="it"),
        Row(name="C1 bare, idle latency p50", figure=base["latency"], unit="ms"),
        against("C1 ours, idle latency p50", ours["latency"], "ms", base=base["latency"], most=2.0, of="its"),
        against(f"C2 {extent.mails:,} mails, queue to store", stored, "mails/s", base=base["rate"], least=5.0,
                of="bare tasks"),
        Row(name="C3 bare prefork 2, idle", figure=base["memory"], unit="MiB"),
        against("C3 ours, idle", ours["memory"], "MiB", base=base["memory"], most=1.6, of="it"),
    ]  # fmt: skip


def _bare(here: Place, redis: Redis) -> Figures:
    app = ["-A", "benchmarks.bare:queue", "worker", "--pool", "prefork", "--concurrency", "2", "--loglevel", "ERROR"]
    redis.delete("bare", bare.DONE)
    bare.queue.conf.update(broker_url=here.environment["KEEPWARM_BROKER_URL"])

    def ping() -> float:
        before = int(redis.get(bare.DONE) or 0)
        begun = time.perf_counter()
        bare.noop.delay()
        return _until(lambda: int(redis.get(bare.DONE) or 0) > before, begun)

    return _work(here, redis, "bare", [sys.executable, "-m", "celery", *app], bare.noop.delay, ping)


def _ours(here: Place, redis: Redis) -> Figures:
    redis.delete(f"{PREFIX}sync", f"{PREFIX}upkeep", f"{PREFIX}send", f"{PREFIX}push")
    stream_id = here.streams[0].id

    def put() -> None:
        tasks.wake(here.runtime, "sync_stream", stream_id)

    def ping() -> float:
        """Until the worker's own line says that it is done."""
        log = here.newest_log()
        before = log.stat().st_size
        begun = time.perf_counter()
        put()
        return _until(lambda: log.stat().st_size > before, begun)

    return _work(here, redis, f"{PREFIX}sync", children.worker(), put, ping)


def _work(
    here: Place, redis: Redis, queue: str, worker: list[str], put: Callable[[], object], ping: Callable[[], float]
) -> Figures:
    """Tasks a second with a full queue, then latency and memory of the idle worker."""
    for _ in range(TASKS):
        put()
    running = here.start(worker)
    try:
        wait_for(lambda: redis.llen(queue) <= TASKS * 0.9, every=0.002)
        left, begun = redis.llen(queue), time.perf_counter()
        wait_for(lambda: redis.llen(queue) == 0, every=0.002, seconds=120)
        rate = left / (time.perf_counter() - begun)
        time.sleep(1.5)
        latency = statistics.median(ping() for _ in range(PINGS)) * 1000
        return {"rate": rate, "latency": latency, "memory": pss(running.pid)}
    finally:
        stop(running)


def _until(done: Callable[[], bool], begun: float) -> float:
    while not done():
        time.sleep(0.0003)
    return time.perf_counter() - begun


def _canary_at(here: Place) -> object:
    with here.runtime.store.glance() as tx:
        return next(each.last_ok_at for each in duties.duties(tx, here.runtime.now()) if each.name == "canary-sync")


def _import(here: Place, mailbox: Path, mails: int) -> Figures:
    """Mails a second, for an owner who has none, from the call in the queue to the import that says it is done."""
    here.connect(1)
    owner_id, store = here.streams[-1].owner_id, here.runtime.store
    running = here.start(children.worker())
    try:
        begun_at = _canary_at(here)
        tasks.wake(here.runtime, "canary", "sync")
        wait_for(lambda: _canary_at(here) != begun_at)  # the worker is up
        with store.transaction(owner_id) as tx:
            batch = accounts.create_batch(
                tx, label="bench", paths=[str(mailbox)], uploaded=False, now=here.runtime.now()
            )
            for each in corpus.own():
                accounts.set_own_address(tx, each, own=True)
        begun = time.perf_counter()
        tasks.wake(here.runtime, "sync_stream", batch.stream_id)
        wait_for(lambda: _finished(here, owner_id, batch.id), seconds=240)
        return {"rate": mails / (time.perf_counter() - begun)}
    finally:
        stop(running)


def _finished(here: Place, owner_id: str, batch_id: str) -> bool:
    with here.runtime.store.reading(owner_id) as tx:
        return accounts.batch(tx, batch_id).finished_at is not None
