"""Starts children, hears what they found, and goes on after a death. Called by the tests beside this.

A breach of time or memory is measured again, alone in a fresh child, before it counts, and the least of it is taken:
what a neighbour on a busy machine did to the caches is no fault of the reader.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.rings.hostile.child import Job

ROOT = Path(__file__).parents[3]
AGAIN = 3  # times
LONGEST = 540  # seconds of wall time for one child, inside the time of any test


@dataclass(slots=True)
class Outcome:
    """What was tried and what it cost; ``breaches`` names each thing that went beyond a bound, and how."""

    tried: int = 0
    found: int = 0
    broken: int = 0
    cpu: tuple[float, str] = (0.0, "")
    memory: tuple[int, str] = (0, "")
    breaches: list[str] = field(default_factory=list)

    @classmethod
    def joined(cls, outcomes: Iterable[Outcome]) -> Outcome:
        """Several as one."""
        whole = cls()
        for one in outcomes:
            whole.tried, whole.found, whole.broken = (
                whole.tried + one.tried, whole.found + one.found, whole.broken + one.broken,
            )  # fmt: skip
            whole.cpu, whole.memory = max(whole.cpu, one.cpu), max(whole.memory, one.memory)
            whole.breaches += one.breaches
        return whole

    def figures(self) -> dict[str, object]:
        return {
            "tried": self.tried,
            "found": self.found,
            "set_aside": self.broken,
            "worst_CPU": f"{self.cpu[0] * 1000:.0f} ms ({self.cpu[1]})",
            "worst_memory": f"{self.memory[0] / 2**20:.0f} MiB ({self.memory[1]})",
            "breaches": len(self.breaches),
        }


def tried(job: Job) -> Outcome:
    """Everything of the job, read in children."""
    outcome, at = Outcome(), job.first
    while at < job.last:
        lines, died = _child(replace(job, first=at))
        for line in lines:
            at = line["number"] + 1
            _note(outcome, line, job)
        if died:
            outcome.tried += 1
            outcome.breaches.append(f"number {at}: {died}")
            at += 1
    return outcome


def _note(outcome: Outcome, line: dict[str, Any], job: Job) -> None:
    for _ in range(AGAIN):
        if not line["wrong"] or any(each.startswith("escaped") for each in line["wrong"]):
            break
        again, died = _child(replace(job, first=line["number"], last=line["number"] + 1))
        line = again[0] if again and not died else line
    outcome.tried += 1
    outcome.found += line["found"]
    outcome.broken += line["broken"]
    outcome.cpu = max(outcome.cpu, (line["cpu"], line["name"]))
    outcome.memory = max(outcome.memory, (line["memory"], line["name"]))
    outcome.breaches += [f"{line['name']}: {wrong}" for wrong in line["wrong"]]


def _child(job: Job) -> tuple[list[dict[str, Any]], str]:
    """What one child told, and what it died of where it did not come to its end."""
    with tempfile.TemporaryDirectory() as place, tempfile.NamedTemporaryFile(dir=place) as counter:
        counter.write(struct.pack("<q", job.first))
        counter.flush()
        command = [sys.executable, "-W", "error", "-m", "tests.rings.hostile.child"]
        environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}
        started = subprocess.Popen(
            command, cwd=place, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        try:
            out, err = started.communicate(pickle.dumps(replace(job, counter=counter.name)), timeout=LONGEST)
        except subprocess.TimeoutExpired:
            started.kill()
            out, err = started.communicate()
        at = struct.unpack("<q", Path(counter.name).read_bytes())[0]
    lines = [json.loads(line) for line in out.splitlines() if line.endswith(b"}")]
    if started.returncode == 0:
        return lines, ""
    last = err.decode(errors="replace").strip().rpartition("\n")[2]
    reason = signal.Signals(-started.returncode).name if started.returncode < 0 else f"exit {started.returncode}"
    return lines, f"died of {reason} at {at} {last}"
