"""Work B: acknowledging a notice: verify, look, mark where needed, answer; beside a Flask app that verifies and pushes.

Goals (PERFORMANCE.md, with its first note): B1 at least 0.8x the calls a second of that app under the same server, p99
at most 1.5x; B2 as shipped at least 1.3x that app under gunicorn gthread 2x8, p99 not above; B3 a burst of 10,000 calls
while workers are down: none lost, none above a second, all worked off afterwards.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec

from benchmarks import bare
from benchmarks.place import Place, place, wait_for
from benchmarks.rows import Extent, Figures, Row, against, bounded, in_turns, missing
from integrations.fake import notice
from service.box import children
from tests import load

SECONDS = 5.0  # of each turn
LINES = 16  # connections, as PERFORMANCE.md B
MAILBOXES = 50  # a notice is mostly about a mailbox that waits already
BURST, BURST_MAILBOXES = 10_000, 200
WORKED_OFF_WITHIN = 300.0  # seconds, for the bench to end at all


def run(extent: Extent) -> list[Row]:
    with place() as here:
        here.connect(MAILBOXES)
        _, body = notice(here.secrets[0])
        minimal = [load.request("/hook", body, {"X-Signature": bare.signature(body)})]
        found = throughput(here, minimal, here.notices(), extent.rounds)
    with place() as here:
        here.connect(BURST_MAILBOXES)
        return [*found, *burst(here, here.notices(), here.stale)]


def throughput(here: Place, minimal: Sequence[bytes], true: Sequence[bytes], rounds: int, of: str = "") -> list[Row]:
    """B1 and B2: these requests to the minimal app, those to ours, in turns. ``of``: whose notices, for the rows."""
    cases = {
        "minimal": (here.serve("shipped", "benchmarks.bare:web")[1], minimal),
        "ours": (here.serve("shipped", "service.wsgi:make_app", factory=True)[1], true),
    }
    peer = find_spec("gunicorn") is not None
    if peer:
        cases["gunicorn"] = (here.serve("gunicorn 2x8", "benchmarks.bare:web")[1], minimal)
    for port, requests in cases.values():  # connections made, streams marked
        load.saturate(port, requests, lines=LINES, seconds=1.5)
    told = in_turns(rounds, {name: partial(_turn, *case) for name, case in cases.items()})
    base, ours = told["minimal"], told["ours"]
    rows = [
        Row(name=f"B1{of} minimal Flask + Redis, same server", figure=base["rate"], unit="calls/s"),
        against(f"B1{of} ours", ours["rate"], "calls/s", base=base["rate"], least=0.8, of="it"),
        Row(name=f"B1{of} p99 of that app", figure=base["p99"], unit="ms"),
        against(f"B1{of} p99 of ours", ours["p99"], "ms", base=base["p99"], most=1.5, of="its"),
    ]
    if not peer:
        return [*rows, missing(f"B2{of} gunicorn gthread 2x8")]
    other = told["gunicorn"]
    return [
        *rows,
        Row(name=f"B2{of} minimal Flask + Redis, gunicorn gthread 2x8", figure=other["rate"], unit="calls/s"),
        against(f"B2{of} ours as shipped", ours["rate"], "calls/s", base=other["rate"], least=1.3, of="it"),
        Row(name=f"B2{of} p99 of that app", figure=other["p99"], unit="ms"),
        against(f"B2{of} p99 of ours", ours["p99"], "ms", base=other["p99"], most=1.0, of="its"),
    ]


def _turn(port: int, requests: Sequence[bytes]) -> Figures:
    told = load.saturate(port, requests, lines=LINES, seconds=SECONDS)
    refused = told.answered - told.statuses[""][202] - told.statuses[""][204]
    assert refused == 0, told.statuses
    return {"rate": told.rate, "p99": told.share(0.99) * 1000}


def burst(here: Place, true: Sequence[bytes], stale: Callable[[], int], of: str = "") -> list[Row]:
    """B3: everything at once while nobody works, then a worker. ``stale``: how many streams wait for a look."""
    _, port = here.serve("shipped", "service.wsgi:make_app", factory=True)
    told = load.fire(port, (load.Shot(request=true[n % len(true)]) for n in range(BURST)), lines=LINES)
    wait_for(lambda: stale() == len(true), seconds=30)
    begun = time.monotonic()
    here.start(children.worker())
    wait_for(lambda: stale() == 0, seconds=WORKED_OFF_WITHIN, every=0.2)
    took = time.monotonic() - begun
    return [
        Row(name=f"B3{of} burst of {BURST:,} about {len(true):,} streams", figure=told.rate, unit="calls/s"),
        bounded(f"B3{of} lost or refused", BURST - told.statuses[""][204], "calls", 0),
        bounded(f"B3{of} slowest", told.share(1.0), "s", 1.0),
        Row(name=f"B3{of} worked off by a worker that starts", figure=took, unit="s", goal="all", met=True),
    ]
