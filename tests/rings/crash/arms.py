"""Who is to end where: files that the stage writes and the worker's processes read, and the notes they leave behind.

``armed.json``: owner → points; the first process to come to one of them ends there. ``ended``: a line for each process
that ended, on what and where. ``seen``: one line for each point that was passed for an owner.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from tests.rings.crash.receiver import append

KILL, STOP = "kill", "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A process ended itself: in which task, on which row, at which point, when by the stage's clock."""

    owner: str
    task: str
    row: str
    point: str
    at: str
    pid: int


class Arms:
    """One folder. The stage arms and reads; each process of the worker calls ``at`` at every point."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._armed: tuple[int, dict[str, list[str]]] = (0, {})
        self._told: set[tuple[str, str]] = set()

    # the stage

    def arm(self, points: Mapping[str, Collection[str]], how: str = KILL, *, always: bool = False) -> None:
        """From now on. ``always``: at each passing, as a poison does."""
        for old in [*self.folder.glob("done.*"), self.folder / "ended", self.folder / "seen"]:
            old.unlink(missing_ok=True)
        draft = self.folder / "armed.new"
        draft.write_text(
            json.dumps({"how": how, "always": always, "points": {who: list(each) for who, each in points.items()}})
        )
        draft.replace(self.folder / "armed.json")

    def ended(self) -> list[Ended]:
        file = self.folder / "ended"
        return [Ended(**json.loads(line)) for line in file.read_text().splitlines()] if file.exists() else []

    def seen(self) -> dict[str, dict[str, str]]:
        """Owner → points that were passed for them → in which task."""
        file, found = self.folder / "seen", dict[str, dict[str, str]]()
        for line in file.read_text().splitlines() if file.exists() else ():
            owner, point, task = json.loads(line)
            found.setdefault(owner, {})[point] = task
        return found

    # the worker's processes

    def at(self, point: str, *, owner: str, task: str, row: str, now: Callable[[], datetime]) -> None:
        """This process is at a point, in the work for an owner; it may not return."""
        armed = self._read()
        if (owner, point) not in self._told:
            self._told.add((owner, point))
            append(self.folder / "seen", json.dumps([owner, point, task]) + "\n")
        if point in armed["points"].get(owner, ()):
            at = now().isoformat()
            self._end(armed, Ended(owner=owner, task=task, row=row, point=point, at=at, pid=os.getpid()))

    def _read(self) -> dict:  # type: ignore[type-arg]  # as JSON has it
        try:
            changed = (self.folder / "armed.json").stat().st_mtime_ns
        except FileNotFoundError:
            return {"points": {}}
        if changed != self._armed[0]:
            self._armed = (changed, json.loads((self.folder / "armed.json").read_text()))
            self._told.clear()
        return self._armed[1]

    def _end(self, armed: dict, told: Ended) -> None:  # type: ignore[type-arg]  # as above
        mark = self.folder / f"done.{told.owner}.{armed['points'][told.owner].index(told.point)}"
        try:
            os.close(os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            if not armed["always"]:
                return  # it was met before
        append(self.folder / "ended", json.dumps(asdict(told)) + "\n")
        os.kill(os.getpid(), signal.SIGSTOP if armed["how"] == STOP else signal.SIGKILL)
        time.sleep(0)  # a signal to oneself is answered before the next line
