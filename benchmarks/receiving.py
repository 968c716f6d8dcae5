"""Work B: acknowledging a notice: verify, look, mark where needed, answer; beside a Flask app that verifies and pushes.

Goals (PERFORMANCE.md, with its first note): B1 at least 0.8x the calls a second of that app under the same server, p99
at most 1.5x; B2 as shipped at least 1.3x that app under gunicorn gthread 2x8, p99 not above; B3 a burst of 10,000 calls
while workers are down: none lost, none above a second, all worked off afterwards.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
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
        found = _throughput(here, extent.rounds)
    with place() as here:
        return [*found, *_burst(here)]


def _throughput(here: Place, rounds: int) -> list[Row]:
    _, body = notice(here.secrets[0])
    minimal = [load.request("/hook", body, {"X-Signature": bare.signature(body)})]
    cases = {
        "minimal": (here.serve("shipped", "benchmarks.bare:web")[1], minimal),
        "ours": (here.serve("shipped", "service.wsgi:make_app", factory=True)[1], here.notices()),
    }
    peer = find_spec("gunicorn") is not None
    if peer:
        cases["gunicorn"] = (here.serve("gunicorn 2x8", "benchmarks.bare:web")[1], minimal)
    for port, requests in cases.values():  # connections made, streams marked
        load.saturate(port, requests, lines=LINES, seconds=1.5)
    told = in_turns(rounds, {name: partial(_turn, *case) for name, case in cases.items()})
    base, ours = told["minimal"], told["ours"]
    rows = [
        Row(name="B1 minimal Flask + Redis, same server", figure=base["rate"], unit="calls/s"),
        against("B1 ours", ours["rate"], "calls/s", base=base["rate"], least=0.8, of="it"),
        Row(name="B1 p99 of that app", figure=base["p99"], unit="ms"),
        against("B1 p99 of ours", ours["p99"], "ms", base=base["p99"], most=1.5, of="its"),
    ]
    if not peer:
        return [*rows, missing("B2 gunicorn gthread 2x8")]
    other = told["gunicorn"]
    return [
        *rows,
        Row(name="B2 minimal Flask + Redis, gunicorn gthread 2x8", figure=other["rate"], unit="calls/s"),
        against("B2 ours as shipped", ours["rate"], "calls/s", base=other["rate"], least=1.3, of="it"),
        Row(name="B2 p99 of that app", figure=other["p99"], unit="ms"),
        against("B2 p99 of ours", ours["p99"], "ms", base=other["p99"], most=1.0, of="its"),
    ]


def _turn(port: int, requests: Sequence[bytes]) -> Figures:
    told = load.saturate(port, requests, lines=LINES, seconds=SECONDS)
    refused = told.answered - told.statuses[""][202] - told.statuses[""][204]
    assert refused == 0, told.statuses
    return {"rate": told.rate, "p99": told.share(0.99) * 1000}


def _burst(here: Place) -> list[Row]:
    """Everything at once while nobody works, then a worker."""
    here.connect(BURST_MAILBOXES)
    requests = here.notices()
    _, port = here.serve("shipped", "service.wsgi:make_app", factory=True)
    told = load.fire(port, (load.Shot(request=requests[n % len(requests)]) for n in range(BURST)), lines=LINES)
    wait_for(lambda: here.stale() == BURST_MAILBOXES, seconds=30)
    begun = time.monotonic()
    here.start(children.worker())
    wait_for(lambda: here.stale() == 0, seconds=WORKED_OFF_WITHIN, every=0.2)
    return [
        Row(name=f"B3 burst of {BURST:,} about {BURST_MAILBOXES:,} mailboxes", figure=told.rate, unit="calls/s"),
        bounded("B3 lost or refused", BURST - told.statuses[""][204], "calls", 0),
        bounded("B3 slowest", told.share(1.0), "s", 1.0),
        Row(
            name="B3 worked off by a worker that starts",
            figure=time.monotonic() - begun,
            unit="s",
            goal="all",
            met=True,
        ),
    ]
