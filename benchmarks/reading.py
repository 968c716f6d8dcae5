"""Work A as a table: the contenders of `benchmarks.read_mail`, each in a process of its own, over one mailbox."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks import corpus, read_mail
from benchmarks.rows import Figures, Row, against, in_turns

MESSAGES = 20_000


def run(rounds: int) -> list[Row]:
    """Mails a second, beside the reference that is named first."""
    with tempfile.TemporaryDirectory() as folder:
        mailbox = Path(folder) / "mail.mbox"
        print(f"\n{MESSAGES} mails: {corpus.write(mailbox, MESSAGES)}")
        mailbox.read_bytes()  # the first pass reads the disk, which is not what is compared
        found = in_turns(rounds, {name: partial(_one, name, mailbox) for name, _, _ in read_mail.CONTENDERS})
    base = found[read_mail.CONTENDERS[0][0]]["rate"]
    return [_row(name, found[name]["rate"], base, goal) for name, _, goal in read_mail.CONTENDERS]


def _row(name: str, rate: float, base: float, goal: float | None) -> Row:
    if goal is None:
        return Row(name=name, figure=rate, unit="mails/s", ratio=rate / base)
    return against(name, rate, "mails/s", base=base, least=goal, of="the reference")


def _one(name: str, mailbox: Path) -> Figures:
    """In a process of its own: no cache of an earlier round helps, and importing is not counted."""
    command = [sys.executable, "-m", "benchmarks.read_mail", name, str(mailbox)]
    seconds = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {"rate": MESSAGES / seconds}
