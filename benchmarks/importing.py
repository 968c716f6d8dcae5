"""Work I: a whole import beside mu and mblaze, five times as many mails, and an import in which nothing is new.

Goals: PERFORMANCE A1 to A4. mu and mblaze read Maildirs, so we read the same one. mu also indexes the text, which we
never store: it is what a person has at hand. mblaze only counts. Memory is that of both processes, shared pages once.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from benchmarks import corpus
from benchmarks.place import pss
from benchmarks.rows import Figures, Row, against, bounded, in_turns, missing

MESSAGES = 20_000
TIMES = 5
COUNTED = "maddr -a -h from:to:cc < {0} | tr A-Z a-z | sort | uniq -c > {1}; mhdr -h date -D < {0} >> {1}"


def run(rounds: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        mailbox, maildir, large = (Path(folder) / name for name in ("mail.mbox", "Maildir", "large.mbox"))
        print(f"\n{MESSAGES} and {TIMES * MESSAGES} mails: {corpus.write(mailbox, MESSAGES)}")
        corpus.write(large, TIMES * MESSAGES)
        corpus.as_maildir(mailbox, maildir)
        cases = {
            "mbox": partial(_ours, mailbox),
            "maildir": partial(_ours, maildir),
            "large": partial(_ours, large),
        }
        cases |= {"mu": partial(_mu, maildir)} if shutil.which("mu") else {}
        cases |= {"mblaze": partial(_mblaze, maildir)} if shutil.which("maddr") else {}
        found = in_turns(rounds, cases)
    return [*_against_others(found), *_growth(found), *_nothing_new(found)]


def _against_others(found: dict[str, dict[str, float]]) -> list[Row]:
    ours = MESSAGES / found["maildir"]["first"]
    rows = [Row(name="ours, import of a Maildir", figure=ours, unit="mails/s")]
    for name, least in (("mu", 8.0), ("mblaze", 0.25)):
        title = f"{name}, the same Maildir; ours beside it"
        if name not in found:
            rows.append(missing(title))
            continue
        theirs = MESSAGES / found[name]["first"]
        rows.append(Row(name=title, figure=theirs, unit="mails/s", ratio=ours / theirs,
                        goal=f">= {least:g}x {name}", met=ours / theirs >= least))  # fmt: skip
    return rows


def _growth(found: dict[str, dict[str, float]]) -> list[Row]:
    base, large = found["mbox"], found["large"]
    return [
        Row(name=f"ours, import of an mbox of {MESSAGES:,}", figure=base["first"], unit="s"),
        against(
            f"the same of {TIMES * MESSAGES:,}", large["first"], "s", base=base["first"],
            most=TIMES * 1.1, of="its time",
        ),
        bounded("memory at the peak of that, reader included", large["peak"], "MiB", 150.0),
    ]  # fmt: skip


def _nothing_new(found: dict[str, dict[str, float]]) -> list[Row]:
    mbox, maildir = found["mbox"], found["maildir"]
    rows = [
        against("ours, mbox again, nothing new", mbox["again"], "s", base=mbox["first"], most=0.1, of="the first time"),
        against("ours, Maildir again, nothing new", maildir["again"], "s", base=maildir["first"], most=0.1,
                of="the first time"),
    ]  # fmt: skip
    if "mu" not in found:
        return [*rows, missing("mu, again, nothing new")]
    theirs = found["mu"]["again"]
    title = "ours beside mu, Maildir again, nothing new"
    return [*rows, against(title, maildir["again"], "s", base=theirs, most=2.0, of="mu")]


def _ours(path: Path) -> Figures:
    """In a process of its own, its memory looked at every tenth of a second."""
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.import_mail", str(path)], stdout=subprocess.PIPE)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, pss(process.pid))
        time.sleep(0.1)
    said = process.communicate()[0]
    if process.returncode:
        raise RuntimeError("the import failed")
    return {**json.loads(said), "peak": peak}


def _mu(maildir: Path) -> Figures:
    with tempfile.TemporaryDirectory(dir=maildir.parent) as home:
        mu = ["mu", "--quiet", f"--muhome={home}"]
        begin, index, contacts = (
            [mu[0], "init", *mu[1:], f"--maildir={maildir}"], [mu[0], "index", *mu[1:]], [mu[0], "cfind", *mu[1:]],
        )  # fmt: skip
        _timed(begin)
        return {"first": _timed(index) + _timed(contacts), "again": _timed(index)}


def _mblaze(maildir: Path) -> Figures:
    with tempfile.TemporaryDirectory(dir=maildir.parent) as folder:
        listed, counted = Path(folder) / "listed", Path(folder) / "counted"
        command = f"mlist {maildir} > {listed}; {COUNTED.format(listed, counted)}"
        return {"first": _timed(["sh", "-c", command])}


def _timed(command: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begun
