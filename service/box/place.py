"""Where a run lives: one lock per data folder, a short private folder for the socket, and what a next start must know.

Called by `service.box.parent` and by the command. The lock is a flock on ``box.lock``: the kernel frees it when its
holder dies, so it is never stale. ``box.json`` beside it names the address and the children of the last run.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import stat
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from keepwarm.errors import MisconfiguredError, NotPossible

ASKS = 10  # tries for the lock, 50 ms apart: `running_address` holds it for a moment


class AlreadyRunning(NotPossible):
    """Another box holds this data folder; ``address`` is where it answers, empty if it has not said so yet."""

    def __init__(self, address: str) -> None:
        super().__init__("Keepwarm is already running on this data folder.")
        self.address = address


@dataclass(slots=True, kw_only=True)
class Place:
    """A data folder held by this process alone, until ``release``."""

    home: Path
    lock: int
    notes: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def take(cls, home: Path) -> Self:
        """The data folder, locked. Raises AlreadyRunning with the other's address."""
        lock = os.open(home / "box.lock", os.O_RDWR | os.O_CREAT, 0o600)
        for _ in range(ASKS):
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return cls(home=home, lock=lock)
            time.sleep(0.05)
        os.close(lock)
        raise AlreadyRunning(str(_read_notes(home).get("address", "")))

    def left_behind(self) -> list[int]:
        """Process ids of the last run that still live, and are the same processes, not others with a reused number."""
        children = _read_notes(self.home).get("children", {})
        return [int(pid) for pid, born in children.items() if born and born_at(int(pid)) == born]

    def note(self, **values: object) -> None:
        """Remember these for a next start, replacing the file in one step."""
        self.notes.update(values)
        draft = self.home / "box.json.new"
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(self.notes), encoding="utf-8")
        draft.replace(self.home / "box.json")

    def release(self) -> None:
        (self.home / "box.json").unlink(missing_ok=True)
        os.close(self.lock)


def _read_notes(home: Path) -> dict[str, Any]:
    """What the last run wrote down; empty where it is absent or cut off."""
    try:
        found = json.loads((home / "box.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def running_address(home: Path) -> str | None:
    """Where the running box of this data folder answers, None if none runs. Changes nothing."""
    lock = os.open(home / "box.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return str(_read_notes(home).get("address", ""))
    finally:
        os.close(lock)
    return None


def born_at(pid: int) -> str:
    """When a process started, in the system's words; empty if there is none. With the id it names one process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        pass
    if Path("/proc/self/stat").exists():
        return ""
    try:  # macOS
        asked = subprocess.run(  # noqa: S603 - a number and constants
            ["/bin/ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, timeout=5, check=False
        )
    except OSError:
        return ""
    return asked.stdout.strip()


def make_private(folder: Path) -> Path:
    """The folder, made with mode 0700.

    Raises MisconfiguredError if it is somebody else's: the socket would be theirs too.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise MisconfiguredError(f"{folder} belongs to somebody else. Set XDG_RUNTIME_DIR to a folder of your own.")
    folder.chmod(0o700)
    return folder


def free_port(host: str, wanted: int, *, tries: int = 20) -> int:
    """The first port from ``wanted`` on that nobody listens on. Raises NotPossible after ``tries``."""
    for port in range(wanted, min(wanted + tries, 65536)):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise NotPossible(f"No free port from {wanted} on at {host}. Choose another with --port.")
