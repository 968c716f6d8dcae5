"""Work A as a table: the contenders of `benchmarks.read_mail`, each in a process of its own, over one mailbox."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks import corpus, read_mail
from benchmarks.rows import Extent, Figures, Row, against, in_turns


def run(extent: Extent) -> list[Row]:
    """Mails a second, beside the reference that is named first."""
    with tempfile.TemporaryDirectory() as folder:
        mailbox = Path(folder) / "mail.mbox"
        print(f"\n{extent.mails:,} mails: {corpus.write(mailbox, extent.mails)}")
        mailbox.read_bytes()  # the first pass reads the disk, which is not what is compared
        cases = {name: partial(_one, name, mailbox, extent.mails) for name, _, _ in read_mail.CONTENDERS}
        found = {name: told["rate"] for name, told in in_turns(extent.rounds, cases).items()}
    (reference, _, _), (parser, _, _), *_, (whole, _, _) = read_mail.CONTENDERS
    rows = [_row(name, found[name], found[reference], goal) for name, _, goal in read_mail.CONTENDERS]
    beside = against("that beside fast-mail-parser", found[whole], "mails/s", base=found[parser], least=3.0, of="it")
    return [*rows, beside]


def _row(name: str, rate: float, base: float, goal: float | None) -> Row:
    if goal is None:
        return Row(name=name, figure=rate, unit="mails/s", ratio=rate / base)
    return against(name, rate, "mails/s", base=base, least=goal, of="the reference")


def _one(name: str, mailbox: Path, mails: int) -> Figures:
    """In a process of its own: no cache of an earlier round helps, and importing is not counted."""
    command = [sys.executable, "-m", "benchmarks.read_mail", name, str(mailbox)]
    seconds = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {"rate": mails / seconds}
