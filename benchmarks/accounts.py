"""An account of open standards read as a worker reads it, through `workers.sync`: kept, people found; then again.

Called by `benchmarks.servers` as a process of its own: ``accounts HOME ACCOUNT``, the account as JSON. It is connected
as the page does it, which is not counted; then its ``places`` are read into a fresh SQLite store. Prints JSON:
``first`` and ``again`` in seconds, login and finding the people included; ``items``, how many were read, ``none``, how
many the second time, and ``people``, how many were proposed, by mails, events and cards alike.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.import_mail import fresh, proposed
from integrations import load
from workers import connecting
from workers.connecting import Found, Wish
from workers.runtime import Runtime, calm_collector
from workers.sync import sync_stream


def connected(runtime: Runtime, owner_id: str, told: Mapping[str, Any]) -> str:
    """The account's id. Exactly the named places are read."""
    settings = told["settings"]
    wish = Wish(address=settings["address"], password=told["password"], user=settings["user"])
    found = Found(settings=settings, how={}, foreign=[], advice=[])
    account = connecting.connect(runtime, owner_id, wish, found)
    connecting.choose(runtime, owner_id, account.id, [(kind, ref) for kind, ref in told["places"]])
    return account.id


def read(runtime: Runtime, owner_id: str, account_id: str) -> tuple[float, int]:
    """Seconds and items of one look at every place, one after the other."""
    streams = connecting.look_now(runtime, owner_id, account_id)
    begun = time.perf_counter()
    found = [sync_stream(runtime, each) for each in streams]
    taken = time.perf_counter() - begun
    if any(each.outcome != "done" for each in found):
        raise RuntimeError(f"reading ended with {[each.outcome for each in found]}")
    return taken, sum(each.items for each in found)


def main(home: Path, told: Mapping[str, Any]) -> None:
    load("open")
    calm_collector()
    with fresh(home) as (made, owner_id):
        runtime = replace(made, settings=replace(made.settings, allow_hosts=("localhost",)))
        account_id = connected(runtime, owner_id, told)
        (first, items), (again, none) = (read(runtime, owner_id, account_id) for _ in range(2))
        people = proposed(runtime, owner_id)
    print(json.dumps({"first": first, "again": again, "items": items, "none": none, "people": people}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
