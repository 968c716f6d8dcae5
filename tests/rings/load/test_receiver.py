"""The receiver under load, as it ships: a real web server, Redis and worker (RELIABILITY.md S1, S2, C20).

The share of a tenth of a second that S2 allows is asked of a full run alone, on a machine that does nothing else; the
sample records it. That nothing is lost or answered 5xx holds always.
"""

from __future__ import annotations

import random
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmarks.place import Place, place, wait_for
from integrations.fake import SIGNATURE, notice
from keepwarm.store import accounts
from keepwarm.types import StreamKind
from service.box import children
from tests import load
from tests.rings.conftest import Ring
from workers import tasks

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

MAILBOXES = 50
LOOKS = 3  # at most, in a storm of a thousand notices about one mailbox (C20)


@pytest.fixture
def here() -> Iterator[Place]:
    """A place with subscribed mailboxes, and nobody working yet."""
    with place() as made:
        made.connect(MAILBOXES)
        yield made


def serve(here: Place) -> int:
    return here.serve("shipped", "service.wsgi:make_app", factory=True)[1]


def start_worker(here: Place) -> tuple[subprocess.Popen[bytes], Path]:
    """A worker that is up, and its log."""
    before = set(here.home.glob("*.log"))
    running = here.start(children.worker())
    (log,) = set(here.home.glob("*.log")) - before
    tasks.wake(here.runtime, "canary", "sync")
    wait_for(lambda: '"task": "canary"' in log.read_text(), seconds=60)
    return running, log


def looks(log: Path) -> int:
    """How often a worker read a stream."""
    lines = [line for line in log.read_text().splitlines() if '"task": "sync_stream"' in line]
    return sum("held" not in line for line in lines)


def forged(here: Place, chance: random.Random) -> bytes:
    """A notice that comes close: a true one with one thing wrong, of another kind each time."""
    secret = chance.choice(here.secrets)
    name, _, proof = secret.partition(".")
    headers, body = notice(secret, kind=chance.choice([StreamKind.MAIL, StreamKind.CALENDAR, StreamKind.CONTACTS]))
    other = chance.choice([each for each in here.secrets if each != secret])
    wrong = "".join(chance.choice("0123456789abcdef") for _ in range(64))
    return chance.choice(
        [
            load.request("/webhooks/fake", body),
            load.request("/webhooks/fake", body, {SIGNATURE: f"{name}={wrong}"}),
            load.request("/webhooks/fake", body, {SIGNATURE: f"{name}={proof}"}),
            load.request("/webhooks/fake", body, notice(other)[0]),
            load.request("/webhooks/fake", notice(other)[1], headers),
            load.request("/webhooks/fake", body + b" ", headers),
            load.request("/webhooks/fake", body[: chance.randrange(len(body))], headers),
            load.request("/webhooks/fake", body + b" " * 65_536, headers),
            load.request("/webhooks/fake", notice(f"{wrong[:32]}.{wrong}")[1], notice(f"{wrong[:32]}.{wrong}")[0]),
        ]
    )


def test_forged_notices_are_all_refused_and_do_nothing(here: Place, ring: Ring) -> None:
    """S1."""
    number, chance = ring.size(20_000, 1_000), ring.chance("forgeries")
    port = serve(here)
    told = load.fire(port, (load.Shot(request=forged(here, chance)) for _ in range(number)), lines=16)
    answers = told.statuses[""]
    ring.record(forged=number, refused=sum(answers[each] for each in (401, 413, 429)), a_second=round(told.rate))
    assert sum(answers.values()) == number
    assert set(answers) <= {401, 413, 429}
    assert here.stale() == 0
    assert queued(here) == 0
    assert load.fire(port, [load.Shot(request=here.notices()[0])], lines=1).statuses[""] == {204: 1}
    wait_for(lambda: (here.stale(), queued(here)) == (1, 1))


def queued(here: Place) -> int:
    """Calls that wait for a worker, from which anything at all could follow."""
    from redis import Redis

    client = Redis(unix_socket_path=str(here.home / "redis.sock"))
    try:
        return sum(int(client.llen(f"keepwarm:{queue}")) for queue in ("push", "sync", "send", "upkeep"))
    finally:
        client.close()


def test_true_notices_pass_beside_a_flood_of_forged_ones(here: Place, ring: Ring) -> None:
    """S2: 200 true and 400 forged a second, with a worker that reads what is told."""
    seconds, chance = ring.size(60, 15), ring.chance("forgeries")
    true, false = here.notices(), [forged(here, chance) for _ in range(200)]
    port = serve(here)
    start_worker(here)
    began = here.runtime.now()
    paces = {"true": (200.0, lambda n: true[n % len(true)]), "forged": (400.0, lambda n: false[n % len(false)])}
    told = load.at_pace(port, paces, seconds=seconds)
    p99 = max(told.share(0.99, name) for name in paces)
    ring.record(true=200 * seconds, forged=400 * seconds, p50_ms=round(told.share(0.5, "true") * 1000, 1),
                p99_ms=round(p99 * 1000, 1), slowest_ms=round(told.share(1.0, "true") * 1000))  # fmt: skip
    assert told.statuses["true"] == {204: 200 * seconds}
    assert sum(told.statuses["forged"].values()) == 400 * seconds
    assert set(told.statuses["forged"]) <= {401, 413, 429}
    tasks.drain(here.runtime)
    with here.runtime.store.reading(here.streams[0].owner_id) as tx:
        assert all(each.compared_at and each.compared_at >= began for each in accounts.streams(tx))
    assert here.stale() == 0
    assert not ring.full or p99 <= 0.1


def test_a_storm_about_one_mailbox_is_a_few_looks(here: Place, ring: Ring) -> None:
    """C20: a thousand notices, one mailbox, a worker at work."""
    port = serve(here)
    _, log = start_worker(here)
    storm = here.notices()[0]
    told = load.fire(port, (load.Shot(request=storm) for _ in range(1000)), lines=16)
    time.sleep(3)
    ring.record(notices=1000, looks=looks(log), slowest_ms=round(told.share(1.0) * 1000))
    assert told.statuses[""] == {204: 1000}
    assert 1 <= looks(log) <= LOOKS
    tasks.drain(here.runtime)
    assert here.stale() == 0


def test_who_sends_headers_slowly_shuts_nobody_out(here: Place, ring: Ring) -> None:
    """A hundred connections that never end their headers occupy none of the threads."""
    port = serve(here)
    with ExitStack() as stack:
        for _ in range(100):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
            slow.sendall(b"POST /webhooks/fake HTTP/1.1\r\nHost: x\r\n")
        told = load.fire(port, (load.Shot(request=each) for each in here.notices()), lines=4)
        ring.record(slow=100, true=MAILBOXES, slowest_ms=round(told.share(1.0) * 1000))
        assert told.statuses[""] == {204: MAILBOXES}
