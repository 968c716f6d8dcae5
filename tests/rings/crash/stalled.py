"""Workers that stand still at a point, and go on when their lease is long over. Called by the tests of this ring."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

from tests.rings.crash.arms import Ended
from tests.rings.crash.stage import Stage, wait_for
from workers import tasks


def stalled(stage: Stage, count: int, *, within: float = 60) -> list[Ended]:
    """Sweep, and wait until so many processes stand still; who and where."""
    tasks.wake(stage.runtime, "sweep", "beat")
    wait_for(lambda: len(standing(stage)) >= count, within=within)
    return stage.arms.ended()


def standing(stage: Stage) -> list[int]:
    """Processes that stand still now."""
    return [pid for pid in stage.children() if _state(pid) == "T"]


def let_go_on(stage: Stage) -> None:
    for pid in standing(stage):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""
