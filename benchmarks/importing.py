"""Work I: a whole import beside mu and mblaze, five times as many mails, and an import in which nothing is new.

Goals: PERFORMANCE A1 to A4. mu and mblaze read Maildirs, so we read the same one. mu also indexes the text, which we
never store: it is what a person has at hand. mblaze only counts. Ours is timed in a process that runs already, as an
upload meets it; where nothing is new, the command is timed too, its start counted as mu's is.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from benchmarks import corpus
from benchmarks.place import pss
from benchmarks.rows import Extent, Figures, Row, against, bounded, in_turns, missing

TIMES = 5
COUNTED = "maddr -a -h from:to:cc < {0} | tr A-Z a-z | sort | uniq -c > {1}; mhdr -h date -D < {0} >> {1}"
COMMAND = "import sys; from service.cli import main; sys.exit(main())"  # what `keepwarm` runs


def run(extent: Extent) -> list[Row]:
    mails = extent.mails
    with tempfile.TemporaryDirectory() as folder:
        mailbox, maildir, large = (Path(folder) / name for name in ("mail.mbox", "Maildir", "large.mbox"))
        print(f"\n{mails:,} and {TIMES * mails:,} mails: {corpus.write(mailbox, mails)}")
        corpus.write(large, TIMES * mails)
        corpus.as_maildir(mailbox, maildir)
        cases = {
            "mbox": partial(_ours, mailbox),
            "large": partial(_ours, large),
            "mblaze": partial(_mblaze, maildir),
            "maildir": partial(_ours, maildir),
            "mu": partial(_mu, maildir),
        }
        absent = [name for name, program in (("mu", "mu"), ("mblaze", "maddr")) if not shutil.which(program)]
        found = in_turns(extent.rounds, {name: case for name, case in cases.items() if name not in absent})
    return [*_against_others(found, mails), *_growth(found, mails), *_nothing_new(found)]


def _against_others(found: dict[str, dict[str, float]], mails: int) -> list[Row]:
    ours = found["maildir"]["first"]
    rows = [
        Row(name=f"A1 ours, import of a Maildir of {mails:,}", figure=mails / ours, unit="mails/s"),
        Row(name="A1 who was found by it", figure=found["maildir"]["people"], unit="people"),
    ]
    if "mu" in found:
        theirs = found["mu"]["first"]
        rows += [
            Row(name="A1 mu index and cfind of it", figure=mails / theirs, unit="mails/s"),
            against("A1 ours beside it", mails / ours, "mails/s", base=mails / theirs, least=8.0, of="mu"),
        ]
    else:
        rows.append(missing("A1 mu"))
    if "mblaze" not in found:
        return [*rows, missing("A2 mblaze")]
    theirs = found["mblaze"]["first"]
    return [
        *rows,
        Row(name="A2 mblaze maddr and mhdr of it", figure=theirs, unit="s"),
        against("A2 ours beside it", ours, "s", base=theirs, most=4.0, of="its time"),
    ]


def _growth(found: dict[str, dict[str, float]], mails: int) -> list[Row]:
    base, large = found["mbox"], found["large"]
    return [
        Row(name=f"A3 ours, import of an mbox of {mails:,}", figure=base["first"], unit="s"),
        against(f"A3 the same of {TIMES * mails:,}", large["first"], "s", base=base["first"], most=TIMES * 1.1,
                of="its time"),
        bounded("A3 memory then, highest: the writing process", large["writer"], "MiB", 150.0),
        bounded("A3 the reading process", large["reader"], "MiB", 150.0),
        bounded("A3 both, shared pages once, ten looks a second", large["peak"], "MiB", 150.0),
    ]  # fmt: skip


def _nothing_new(found: dict[str, dict[str, float]]) -> list[Row]:
    mbox, maildir = found["mbox"], found["maildir"]
    rows = [
        against("A4 ours, mbox again", mbox["again"], "s", base=mbox["first"], most=0.1, of="the first time"),
        against("A4 ours, Maildir again", maildir["again"], "s", base=maildir["first"], most=0.1, of="the first time"),
    ]
    if "mu" not in found:
        return [*rows, missing("A4 mu index again")]
    theirs = found["mu"]["again"]
    return [
        *rows,
        Row(name="A4 mu index again", figure=theirs, unit="s"),
        against("A4 ours beside it, Maildir", maildir["again"], "s", base=theirs, most=2.0, of="mu"),
        against("A4 `keepwarm import`, start counted", maildir["command"], "s", base=theirs, most=2.0, of="mu"),
    ]


def _ours(path: Path) -> Figures:
    """In a process of its own, its memory looked at while it runs; then the command over the same store."""
    with tempfile.TemporaryDirectory(dir=path.parent) as home:
        command = [sys.executable, "-m", "benchmarks.import_mail", str(path), home]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, pss(process.pid))
            time.sleep(0.1)
        said = process.communicate()[0]
        if process.returncode:
            raise RuntimeError("the import failed")
        again = _timed([sys.executable, "-c", COMMAND, "import", str(path)], KEEPWARM_HOME=home)
        return {**_figures(said), "peak": peak, "command": again}


def _figures(said: bytes) -> Mapping[str, float]:
    found: dict[str, float] = json.loads(said)
    return found


def _mu(maildir: Path) -> Figures:
    with tempfile.TemporaryDirectory(dir=maildir.parent) as home:
        options = ["--quiet", f"--muhome={home}"]
        _timed(["mu", "init", *options, f"--maildir={maildir}"])
        first = _timed(["mu", "index", *options]) + _timed(["mu", "cfind", *options])
        return {"first": first, "again": _timed(["mu", "index", *options])}


def _mblaze(maildir: Path) -> Figures:
    with tempfile.TemporaryDirectory(dir=maildir.parent) as folder:
        listed, counted = Path(folder) / "listed", Path(folder) / "counted"
        command = f"mlist {maildir} > {listed}; {COUNTED.format(listed, counted)}"
        return {"first": _timed(["sh", "-c", command])}


def _timed(command: list[str], **more: str) -> float:
    begun = time.perf_counter()
    output = subprocess.DEVNULL
    subprocess.run(command, check=True, stdout=output, stderr=output, env={**os.environ, **more})
    return time.perf_counter() - begun
