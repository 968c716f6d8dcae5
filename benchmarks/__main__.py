"""`make bench`: each work beside its peers, interleaved rounds, medians; ratios with the goals of PERFORMANCE.md.

    make bench                     all works, some fifteen minutes on two cores
    make bench ARGS="B C"          these works
    make bench ARGS="D --rounds 1" a quick look

The figures depend on the machine and the minute; only ratios within one run say something. Nothing here is a test.
"""

from __future__ import annotations

import argparse
import logging
import os
import platform
import time
from importlib import import_module

from benchmarks.rows import tell

WORKS = {
    "A": ("benchmarks.reading", "A. Correspondents from a mailbox"),
    "I": ("benchmarks.importing", "I. Whole imports"),
    "B": ("benchmarks.receiving", "B. Acknowledging a notice"),
    "C": ("benchmarks.queueing", "C. Tasks through the queue"),
    "D": ("benchmarks.keeping", "D. Keeping 100,000 interactions"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("works", nargs="*", metavar="WORK", help="of A, I, B, C, D; none: all")
    parser.add_argument("--rounds", type=int, default=3)
    wanted = parser.parse_args()
    unknown = [each for each in wanted.works if each not in WORKS]
    if unknown:
        parser.error(f"there is no work {unknown[0]}")
    logging.disable(logging.WARNING)
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {wanted.rounds} rounds")
    for name in wanted.works or WORKS:
        module, title = WORKS[name]
        begun = time.monotonic()
        rows = import_module(module).run(wanted.rounds)
        tell(f"{title} ({time.monotonic() - begun:.0f} s)", rows)


if __name__ == "__main__":
    main()
