"""The whole main job through real child processes: web, worker, beat and Redis under one parent, with the clock moved.

Slow: a sweep comes once a minute, so each step waits for one. Linux only, since it looks into /proc for what is left.
"""

from __future__ import annotations

import contextlib
import email
import email.policy
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from keepwarm.settings import Settings
from service.box.place import free_port
from tests.service.cli import made
from workers.runtime import Runtime, broker_url

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc for what is left"),
]

ZONE = ZoneInfo("Europe/Amsterdam")
MONDAY = datetime(2027, 3, 8, 9, 30, tzinfo=ZONE)
TALK = datetime(2027, 3, 17, 10, 0, tzinfo=ZONE)  # a Wednesday
EVE = datetime(2027, 3, 16, 16, 0, 20, tzinfo=ZONE)
DIGEST = datetime(2027, 3, 23, 8, 30, 20, tzinfo=ZONE)  # a Tuesday
PATIENCE = 150.0  # seconds: two sweeps and a start on a busy machine
MARKS = {
    "redis": "redis-server",
    "worker": "app worker",
    "beat": "app beat",
    "listen": "workers.listen",
    "web": "-m granian",
}
KEEPWARM = Path(sys.executable).with_name("keepwarm")


def wait_for(what: Callable[[], Any], *, within: float = PATIENCE, every: float = 0.5) -> Any:
    """What the function returns once that is true; fails after ``within`` seconds."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(every)
    raise AssertionError(f"waited {within:.0f} s in vain for {getattr(what, '__name__', what)}")


def offset_to(at: datetime) -> int:
    """Seconds that move the clock from this moment to that one."""
    return round((at - datetime.now(UTC)).total_seconds())


@dataclass(slots=True, kw_only=True)
class House:
    """A data folder and what runs on it."""

    home: Path
    port: int
    offset: int = field(default_factory=lambda: offset_to(MONDAY))
    runs: list[subprocess.Popen[str]] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("KEEPWARM_", "LC_", "XDG_"))}
        return kept | {
            "KEEPWARM_HOME": str(self.home),
            "KEEPWARM_CLOCK_OFFSET": str(self.offset),
            "LANG": "en_GB.UTF-8",
            "TZ": "Europe/Amsterdam",
            **self.settings,
        }

    def command(self, *arguments: str, status: int = 0) -> Any:
        """Run a command beside whatever runs; returns its JSON."""
        done = subprocess.run(
            [str(KEEPWARM), *arguments, "--json"],
            env=self.environment(), capture_output=True, text=True, timeout=90, check=False,
        )  # fmt: skip
        assert done.returncode == status, done.stderr
        return json.loads(done.stdout)

    def start(self, at: datetime) -> str:
        """Start the box at that moment; returns the address it prints once it is ready."""
        self.offset = offset_to(at)
        run = subprocess.Popen(
            [str(KEEPWARM), "run", "--port", str(self.port)],
            env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.runs.append(run)
        assert run.stdout is not None
        said: list[str] = []
        for line in run.stdout:
            said.append(line)
            if found := re.search(r"http://\S+", line):
                return found.group()
        raise AssertionError("".join(said))

    def stop(self) -> int:
        """Ctrl-C; returns the exit status."""
        run = self.runs[-1]
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=60)
        return run.returncode

    def children(self) -> dict[str, int]:
        """Process ids of the children by name."""
        found = {}
        for pid in json.loads((self.home / "box.json").read_text()).get("children", {}):
            with contextlib.suppress(OSError, StopIteration):
                line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
                found[next(name for name, mark in MARKS.items() if mark in line)] = int(pid)
        return found

    def processes(self) -> list[int]:
        """Every process that was started on this data folder and lives."""
        mark, found = f"KEEPWARM_HOME={self.home}".encode(), []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
        return found

    def socket(self) -> Path:
        return Path(broker_url(Settings(home=str(self.home))).removeprefix("redis+socket://"))

    def mails(self, kind: str) -> list[EmailMessage]:
        """Mails of a kind in the local mailbox, found by the Message-ID that their outbox row stands for."""
        files = [*self.home.glob("owners/*/mailbox/new/*"), *self.home.glob("owners/*/mailbox/cur/*")]
        if not files:  # asking the outbox starts a process
            return []
        read = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
        runtime = Runtime.build({"KEEPWARM_HOME": str(self.home)})
        wanted = {runtime.message_id(row["key"]) for row in self.command("outbox") if row["kind"] == kind}
        return [mail for mail in read if mail["Message-ID"] in wanted]


def get(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    found = House(home=tmp_path / "home", port=free_port("127.0.0.1", 18420, tries=500))
    yield found
    for run in found.runs:
        if run.poll() is None:
            run.kill()
            run.communicate()
    for pid in found.processes():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_main_job_from_files_to_mails(house: House, tmp_path: Path) -> None:
    made.mailbox(tmp_path / "mail", before=MONDAY)
    made.calendar(tmp_path / "calendar.ics", TALK)
    imported = house.command("import", str(tmp_path / "mail"), str(tmp_path / "calendar.ics"), "--owner", made.ME)
    assert sum(source["stored"] for source in imported["sources"]) == 14
    assert house.command("accept", "--all") == {"accepted": 2}
    (talk,) = house.command("upcoming", "--days", "14")["talks"]
    assert datetime.fromisoformat(talk["brief_at"]) == EVE.replace(second=0)

    address = house.start(MONDAY)
    assert "/start?token=" in address
    assert get(address) == 200
    assert wait_for(lambda: list(house.home.glob("owners/*/calendar/*.ics")))
    placed = wait_for(lambda: [each for each in house.command("upcoming")["follow_ups"] if each["state"] == "placed"])
    assert all(datetime.fromisoformat(each["at"]) > MONDAY for each in placed)
    assert not house.mails("brief")
    assert house.stop() == 0

    house.start(EVE)
    (brief,) = wait_for(lambda: house.mails("brief"))
    text = brief.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert made.BRAM[0] in text
    assert text.count("?") >= 4
    assert made.BRAM[0] not in str(brief["Subject"])
    assert house.stop() == 0

    house.start(EVE + timedelta(minutes=5))
    time.sleep(75)  # a sweep and more: nothing comes twice
    assert len(house.mails("brief")) == 1
    assert house.stop() == 0

    house.start(DIGEST)
    (digest,) = wait_for(lambda: house.mails("digest"))
    assert digest["Auto-Submitted"] == "auto-generated"
    assert house.stop() == 0
    kinds = [row["kind"] for row in house.command("outbox") if row["state"] == "sent"]
    assert kinds.count("brief") == kinds.count("digest") == 1


def test_second_start_says_so_and_changes_nothing(house: House) -> None:
    address = house.start(MONDAY)
    before = house.children()
    second = subprocess.run(
        [str(KEEPWARM), "run", "--port", str(house.port)],
        env=house.environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert second.returncode == 0
    assert f"http://127.0.0.1:{house.port}/" in second.stdout
    assert house.children() == before
    assert get(address) == 200
    assert house.stop() == 0


def test_taken_port_gives_the_next_one(house: House) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", house.port))
        taken.listen()
        done = subprocess.run(
            [str(KEEPWARM), "run", "--port", str(house.port)],
            env=house.environment(), capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "--port" in done.stderr


def test_killed_children_come_back_and_work_goes_on(house: House) -> None:
    address = house.start(MONDAY)
    wait_for(lambda: len(house.children()) == 5, within=30)
    for name in ("worker", "web", "beat", "listen", "redis"):
        before = house.children()
        os.kill(before[name], signal.SIGKILL)
        wait_for(lambda: house.children().get(name, before[name]) != before[name], within=60)  # noqa: B023 - within the turn
        wait_for(lambda: get(address) == 200, within=60)
    log = house.home / "logs" / "worker.log"
    read = log.stat().st_size
    wait_for(lambda: '"queue": "send"' in log.read_text()[read:])  # a canary through the queue that sends
    assert house.stop() == 0
    assert house.processes() == []


def test_killed_parent_leaves_nothing_and_the_next_start_works(house: House) -> None:
    house.start(MONDAY)
    wait_for(lambda: len(house.children()) == 5, within=30)
    house.runs[-1].kill()
    house.runs[-1].communicate()
    wait_for(lambda: not house.processes(), within=60)
    address = house.start(MONDAY)
    assert get(address) == 200
    assert house.stop() == 0


def test_ctrl_c_leaves_no_process_and_no_socket(house: House) -> None:
    house.start(MONDAY)
    wait_for(lambda: house.socket().exists(), within=30)
    assert house.socket().stat().st_mode & 0o077 == 0
    begun = time.monotonic()
    assert house.stop() == 0
    assert time.monotonic() - begun < 20
    assert house.processes() == []
    assert not house.socket().exists()
    assert not (house.home / "box.json").exists()
