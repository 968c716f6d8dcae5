"""Work B with Google's messages: half are Pub/Sub pushes with a signed token, half calendar channels with a secret one.

Beside a minimal Flask app that checks the same proofs and pushes to Redis. Goals and shapes are those of
`benchmarks.receiving`; a signature costs both the same.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.google import beside
from benchmarks.receiving import burst, throughput
from benchmarks.rows import Extent, Row
from tests.servers.dav import Authority

PEOPLE = 25  # two streams each
BURST_PEOPLE = 100
BARE = {"gmail": "/google/mail", "calendar": "/google/calendar"}
OF = " Google"


def run(extent: Extent) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="kwb") as made, _trusted(Path(made)) as authority:
        with beside(authority, Path(made), PEOPLE) as side:
            side.here.environment["BENCH_GOOGLE"] = side.proofs()
            found = throughput(side.here, side.true(BARE), side.true(), extent.rounds, OF)
        with beside(authority, Path(made), BURST_PEOPLE) as side:
            return [*found, *burst(side.here, side.true(), side.stale, OF)]


@contextmanager
def _trusted(folder: Path) -> Iterator[Authority]:
    """An authority that this process and those it starts trust meanwhile."""
    authority, before = Authority(folder), os.environ.get("SSL_CERT_FILE")
    os.environ["SSL_CERT_FILE"] = str(authority.pem)
    try:
        yield authority
    finally:
        os.environ.pop("SSL_CERT_FILE")
        if before is not None:
            os.environ["SSL_CERT_FILE"] = before
