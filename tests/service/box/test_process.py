"""One child: leash, restart, stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.box.children import ChildSpec, table
from service.box.process import BACK_OFF, LEASH, Child, set_aside

STUBBORN = "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
WITH_CHILD = (
    "import subprocess,sys,time; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
    "print(p.pid, flush=True); time.sleep(60)"
)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[list[Child]]:
    children: list[Child] = []
    yield children
    for child in children:
        child.stop(0.1)


def make(made: list[Child], tmp_path: Path, code: str) -> Child:
    spec = ChildSpec(name="toy", command=[sys.executable, "-c", code], ends=1, stop_seconds=1)
    child = Child(spec=spec, environment=dict(os.environ), log=tmp_path / "toy.log")
    made.append(child)
    return child


def until_printed(child: Child) -> str:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if child.log.exists() and child.log.read_text().endswith("\n"):
            return child.log.read_text().strip()
        time.sleep(0.02)
    raise AssertionError("the child printed nothing")


def gone(pid: int) -> bool:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":  # over; whoever adopted it has not looked yet
            return True
        time.sleep(0.02)
    return False


def test_log_is_private_and_keeps_what_was_printed(made: list[Child], tmp_path: Path) -> None:
    child = make(made, tmp_path, "print('one'); import sys; print('two', file=sys.stderr)")
    child.start()
    assert child.process is not None
    child.process.wait(10)
    assert sorted(child.log.read_text().split()) == ["one", "two"]
    assert child.log.stat().st_mode & 0o777 == 0o600


def test_each_end_waits_longer_before_the_next_start(made: list[Child], tmp_path: Path) -> None:
    child = make(made, tmp_path, "raise SystemExit(3)")
    waits = []
    for _ in range(3):
        child.not_before = 0
        child.start()
        assert child.process is not None
        child.process.wait(10)
        assert child.ended() == 3
        waits.append(round(child.not_before - time.monotonic()))
        assert not child.may_start()
    assert waits == [1, 2, 4]
    child.failures = 40
    child.start()
    assert child.process is not None
    child.process.wait(10)
    child.ended()
    assert round(child.not_before - time.monotonic()) == BACK_OFF[-1]


def test_a_child_that_does_not_listen_is_ended(made: list[Child], tmp_path: Path) -> None:
    child = make(made, tmp_path, STUBBORN)
    child.start()
    until_printed(child)
    pid = child.pid
    assert pid is not None
    child.stop(0.2)
    assert gone(pid)


def test_what_a_killed_child_had_started_is_ended_with_it(made: list[Child], tmp_path: Path) -> None:
    child = make(made, tmp_path, WITH_CHILD)
    child.start()
    grandchild = int(until_printed(child))
    assert child.process is not None
    child.process.kill()
    child.process.wait(10)
    assert child.ended() == -signal.SIGKILL
    assert gone(grandchild)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_children_of_a_killed_parent_end(tmp_path: Path) -> None:
    toy = [sys.executable, "-c", "import os,time; print(os.getpid(), flush=True); time.sleep(60)"]
    parent_code = (
        "import os,subprocess,sys,time; "
        f"subprocess.Popen([sys.executable, {str(LEASH)!r}, str(os.getpid()), *{toy!r}]); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", parent_code], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    assert gone(child)


def test_log_that_has_grown_is_set_aside(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    with log.open("wb") as stream:
        stream.truncate(11 * 1024 * 1024)
    set_aside(log)
    assert [path.name for path in tmp_path.iterdir()] == ["web.log.1"]


@pytest.mark.parametrize(
    ("own_broker", "names"),
    [(True, ["redis", "worker", "beat", "listen", "web"]), (False, ["worker", "beat", "listen", "web"])],
)
def test_redis_is_a_child_only_without_a_broker_of_yours(tmp_path: Path, *, own_broker: bool, names: list[str]) -> None:
    socket = tmp_path / "redis.sock" if own_broker else None
    specs = table(home=tmp_path, socket=socket, host="127.0.0.1", port=8420)
    assert [spec.name for spec in specs] == names
    assert [spec.name for spec in sorted(specs, key=lambda each: each.ends)][:4] == ["web", "beat", "listen", "worker"]
    assert sum(spec.stop_seconds for spec in specs) <= 17
