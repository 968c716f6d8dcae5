"""`make bench`: each work beside its peers, interleaved rounds, medians; ratios with the goals of PERFORMANCE.md.

    make bench                     all works, some fifteen minutes on two cores
    make bench ARGS="B C"          these works
    make bench ARGS="A I --rounds 1 --mails 2000"
                                   a try within a minute; the goals are about 20,000 mails and more

mu and mblaze take part where they are installed (Debian: maildir-utils, mblaze).
The figures depend on the machine and the minute; only ratios within one run say something. Nothing here is a test.
"""

from __future__ import annotations

import argparse
import logging
import os
import platform
import time
from importlib import import_module

from benchmarks.rows import MAILS, Extent, tell

WORKS = {
    "A": ("benchmarks.reading", "A. Correspondents from a mailbox"),
    "I": ("benchmarks.importing", "I. Whole imports"),
    "B": ("benchmarks.receiving", "B. Acknowledging a notice"),
    "BG": ("benchmarks.receiving_google", "B. The same with Google's messages"),
    "C": ("benchmarks.queueing", "C. Tasks through the queue"),
    "D": ("benchmarks.keeping", "D. Keeping 100,000 interactions"),
    "F": ("benchmarks.over_dav", "F. A calendar and an address book over CalDAV and CardDAV"),
    "G": ("benchmarks.over_imap", "G. A mailbox over IMAP"),
    "H": ("benchmarks.over_graph", "H. A mailbox of Microsoft's, where each request takes a tenth of a second"),
    "pages": ("benchmarks.pages", "Pages of a network of 20,000 contacts and 200,000 mails and meetings"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("works", nargs="*", metavar="WORK", help="of A, I, B, BG, C, D, F, G, H, pages; none: all")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--mails", type=int, default=MAILS)
    wanted = parser.parse_args()
    unknown = [each for each in wanted.works if each not in WORKS]
    if unknown:
        parser.error(f"there is no work {unknown[0]}")
    logging.disable(logging.WARNING)
    extent = Extent(rounds=wanted.rounds, mails=wanted.mails)
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    print(f"{machine}, {extent.rounds} rounds; {os.getloadavg()[0]:.1f} processes ran in the minute before")
    if extent.mails < MAILS:
        print(f"{extent.mails:,} mails: the goals are about {MAILS:,} and more, so none is judged by this run")
    for name in wanted.works or WORKS:
        module, title = WORKS[name]
        begun = time.monotonic()
        rows = import_module(module).run(extent)
        tell(f"{title} ({time.monotonic() - begun:.0f} s)", rows, judged=extent.mails >= MAILS)


if __name__ == "__main__":
    main()
