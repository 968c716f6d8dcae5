"""A whole import as a person starts it, through `workers.sync`: read, stored, people found; then again, nothing new.

Called by `benchmarks.importing` as a process of its own. Prints JSON: ``first`` and ``again`` in seconds.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from integrations import load
from keepwarm.store import accounts
from workers.runtime import Runtime, calm_collector
from workers.sync import sync_stream


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


def main(path: Path) -> None:
    load("files")
    calm_collector()
    with tempfile.TemporaryDirectory(dir=path.parent) as home:
        runtime = Runtime.build({"KEEPWARM_HOME": home}, migrate=True)
        with runtime.store.system() as tx:
            owner = accounts.create_owner(tx, email="anna@example.org", now=runtime.now())
        found = {"first": imported(runtime, owner.id, path), "again": imported(runtime, owner.id, path)}
        runtime.store.close()
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
