"""`make bench`: each contender in turn, three rounds, medians; ratios to the reference beside the goals.

The figures depend on the machine and the minute; only ratios within one run say something. Nothing here is a test.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import corpus, read_mail


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        mailbox = Path(folder) / "mail.mbox"
        origin = corpus.write(mailbox, wanted.messages)
        mailbox.read_bytes()  # the first pass reads the disk, which is not what is compared
        print(f"{wanted.messages} mails ({origin}), {wanted.rounds} rounds, medians")
        seconds = _rounds(mailbox, wanted.rounds)
    _tell(seconds, wanted.messages)


def _rounds(mailbox: Path, rounds: int) -> dict[str, float]:
    """Median seconds by contender; the contenders take turns, so that a slow minute hits all of them."""
    taken: dict[str, list[float]] = {name: [] for name, _, _ in read_mail.CONTENDERS}
    for _ in range(rounds):
        for name, _, _ in read_mail.CONTENDERS:
            taken[name].append(_one(name, mailbox))
    return {name: statistics.median(each) for name, each in taken.items()}


def _one(name: str, mailbox: Path) -> float:
    """Seconds of one run in a process of its own: no cache of an earlier round helps, and importing is not counted."""
    command = [sys.executable, "-m", "benchmarks.read_mail", name, str(mailbox)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _tell(seconds: dict[str, float], messages: int) -> None:
    base = seconds[read_mail.CONTENDERS[0][0]]
    print(f"{'':38}{'seconds':>8}{'mails/s':>9}{'ratio':>8}{'goal':>7}")
    for name, _, goal in read_mail.CONTENDERS:
        ratio = base / seconds[name]
        met = "" if goal is None else f"{goal:>6.1f}x {'met' if ratio >= goal else 'not met'}"
        print(f"{name:38}{seconds[name]:8.2f}{messages / seconds[name]:9.0f}{ratio:7.2f}x{met}")


if __name__ == "__main__":
    main()
