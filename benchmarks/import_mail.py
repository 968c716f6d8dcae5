"""A whole import as a person starts it, through `workers.sync`: read, stored, people found; then again, nothing new.

Called by `benchmarks.importing` as a process of its own: ``import_mail MAILBOX HOME``. Prints JSON: ``first`` and
``again`` in seconds, ``writer`` and ``reader``, the peaks of the two processes as the system counted them, in MiB, and
``people``, how many were proposed.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import corpus
from integrations import load
from keepwarm.store import accounts, contacts
from workers.runtime import Runtime, calm_collector
from workers.sync import sync_stream

UNIT = 1 << 20 if sys.platform == "darwin" else 1 << 10  # getrusage counts bytes there, KiB elsewhere (its man pages)


@contextmanager
def fresh(home: Path) -> Iterator[tuple[Runtime, str]]:
    """A new SQLite store in this folder and its one owner's id; their addresses are known, as `--owner` tells them."""
    runtime = Runtime.build({"KEEPWARM_HOME": str(home)}, migrate=True)
    try:
        with runtime.store.system() as tx:
            owner = accounts.create_owner(tx, email="anna@example.org", now=runtime.now())
        with runtime.store.transaction(owner.id) as tx:
            for each in corpus.own():
                accounts.set_own_address(tx, each, own=True)
        yield runtime, owner.id
    finally:
        runtime.store.close()


def imported(runtime: Runtime, owner_id: str, path: Path) -> float:
    """Seconds from the task's begin to its end."""
    with runtime.store.transaction(owner_id) as tx:
        batch = accounts.create_batch(tx, label="bench", paths=[str(path)], uploaded=False, now=runtime.now())
    begun = time.perf_counter()
    outcome = sync_stream(runtime, batch.stream_id).outcome
    taken = time.perf_counter() - begun
    if outcome != "done":
        raise RuntimeError(f"the import ended with {outcome}")
    return taken


def proposed(runtime: Runtime, owner_id: str) -> int:
    """How many people were found; an import of mails that finds nobody has not done its work."""
    with runtime.store.reading(owner_id) as tx:
        return len(contacts.contacts(tx, states=["proposed"], now=runtime.now()))


def peaks() -> dict[str, float]:
    """Resident memory at its highest. ``reader`` is 0 where no process read beside.

    Linux counts for a process also what its starter held before the start; the field VmHWM does not (proc(5)).
    """
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / UNIT
    status = Path("/proc/self/status")
    if status.exists():
        own = next(int(line.split()[1]) / 1024 for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return {"writer": own, "reader": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / UNIT}


def main(path: Path, home: Path) -> None:
    load("files")
    calm_collector()
    with fresh(home) as (runtime, owner_id):
        found = {"first": imported(runtime, owner_id, path)} | peaks()
        found["again"] = imported(runtime, owner_id, path)
        found["people"] = proposed(runtime, owner_id)
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
