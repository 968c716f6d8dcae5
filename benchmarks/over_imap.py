"""Work G: all headers of a mailbox over IMAP, from Dovecot on loopback, TLS for everybody; then nothing new.

Goals: PERFORMANCE G1 as its note (4) has it, and G2. Ours stores everything and finds the people, as an import does
(work I), in a worker that runs already; the reference, imaplib with compat32, only counts, and so does imap-tools.
mbsync fetches whole mails: it is what a person has at hand. Dovecot's index is warm. Where nothing is new, the command
is timed too, its start counted as mbsync's is.
"""

from __future__ import annotations

import shutil
import ssl
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime
from functools import partial
from imaplib import IMAP4_SSL

from imap_tools import MailBox

from benchmarks import servers
from benchmarks.rows import Extent, Figures, Row, against, in_turns, missing
from benchmarks.servers import Served

BLOCK = 1000  # mails of one command, for everybody
ASKED = "(UID BODY.PEEK[HEADER.FIELDS (FROM TO CC DATE MESSAGE-ID)])"
FIELDS = ("from", "to", "cc")
RECENT = 2  # seconds: mbsync waits for one itself where its Maildir changed within this second
MBSYNC = """\
IMAPAccount a
Host localhost
Port {port}
User {user}
Pass {password}
SSLType IMAPS
CertificateFile {pem}
AuthMechs LOGIN

IMAPStore far
Account a

MaildirStore near
Path {folder}/
Inbox {folder}/INBOX

Channel all
Far :far:
Near :near:
Patterns INBOX
Create Near
SyncState *
Sync Pull
"""


def run(extent: Extent) -> list[Row]:
    if not shutil.which("dovecot"):
        return [missing("G Dovecot (Debian: dovecot-imapd)")]
    with servers.mailbox(extent.mails) as served:
        cases: dict[str, Callable[[], Figures]] = {
            name: partial(servers.peer, "benchmarks.over_imap", name, served) for name in PEERS
        }
        cases["ours"] = partial(_ours, served)
        for each in cases.values():  # the first pass makes Dovecot's index
            each()
        if shutil.which("mbsync"):
            cases["mbsync"] = partial(_mbsync, served)
        found = in_turns(extent.rounds, cases)
    for name, figures in found.items():
        if figures.get("items", extent.mails) < 0.99 * extent.mails or figures.get("none", 0):
            raise RuntimeError(f"{name} did not read the mailbox: {figures}")
    return _rows(found, extent.mails)


def _rows(found: dict[str, dict[str, float]], mails: int) -> list[Row]:
    rates = {name: mails / figures["first"] for name, figures in found.items()}
    ours, unit = found["ours"], "mails/s"
    rows = [
        Row(name="G1 reference: imaplib + compat32, counting", figure=rates["reference"], unit=unit),
        Row(name="G1 imap-tools, headers only, counting", figure=rates["imap-tools"], unit=unit),
        Row(name="G1 who was found by ours", figure=ours["people"], unit="people"),
        against("G1 ours, storing, people found", rates["ours"], unit, base=rates["reference"], least=2.0,
                of="the reference"),
        against("G1 that beside imap-tools", rates["ours"], unit, base=rates["imap-tools"], least=4.0, of="it"),
    ]  # fmt: skip
    if "mbsync" not in found:
        return [*rows, missing("G1 mbsync (Debian: isync)")]
    theirs = found["mbsync"]["again"]
    return [
        *rows,
        Row(name="G1 mbsync, full pull", figure=rates["mbsync"], unit=unit),
        against("G1 ours beside it", rates["ours"], unit, base=rates["mbsync"], least=8.0, of="mbsync"),
        Row(name="G2 mbsync, nothing new", figure=theirs, unit="s"),
        against("G2 ours, nothing new", ours["again"], "s", base=theirs, most=2.0, of="mbsync"),
        Row(name="G2 `keepwarm sync --wait`, start counted", figure=ours["command"], unit="s",
            ratio=ours["command"] / theirs),
    ]  # fmt: skip


def _ours(served: Served) -> Figures:
    return servers.ours(served, {"imap": f"imaps://localhost:{served.where}"}, [("mail", "INBOX")])


def _mbsync(served: Served) -> Figures:
    folder = servers.fresh(served.folder / "pulled")
    file = served.folder / "mbsyncrc"
    where = {"port": served.where, "user": served.user, "password": served.password, "pem": served.pem}
    file.write_text(MBSYNC.format(folder=folder, **where))
    command = ["mbsync", "-q", "-c", str(file), "all"]
    first = servers.timed(command)
    time.sleep(RECENT)
    again = servers.timed(command)
    return {"first": first, "again": again, "items": sum(1 for _ in folder.rglob("*,U=*"))}


# The peers in Python: each prints its seconds, from the connection on, and how many mails it read.


def reference(port: int, user: str, password: str, context: ssl.SSLContext) -> int:
    """A block of headers, BytesHeaderParser(compat32), getaddresses and the date; nothing is stored."""
    parser = BytesHeaderParser(policy=compat32)
    found: Counter[str] = Counter()
    read = 0
    with IMAP4_SSL("localhost", port, ssl_context=context) as imap:
        imap.login(user, password)
        number = int(imap.select("INBOX", readonly=True)[1][0] or 0)
        for at in range(1, number + 1, BLOCK):
            for each in imap.fetch(f"{at}:{min(number, at + BLOCK - 1)}", ASKED)[1]:
                if isinstance(each, tuple):
                    found.update(_people(parser.parsebytes(each[1])))
                    read += 1
    return read


def imap_tools(port: int, user: str, password: str, context: ssl.SSLContext) -> int:
    """The same as its own objects."""
    found: Counter[str] = Counter()
    read = 0
    with MailBox("localhost", port, ssl_context=context).login(user, password) as box:
        for each in box.fetch(headers_only=True, bulk=BLOCK, mark_seen=False):
            people = (*((each.from_values,) if each.from_values else ()), *each.to_values, *each.cc_values)
            found.update(person.email.lower() for person in people)
            assert each.date
            read += 1
    return read


def _people(parsed: Message) -> Iterable[str]:
    _date(parsed["date"])
    values = [str(value) for name in FIELDS for value in parsed.get_all(name, [])]
    return [address.lower() for _, address in getaddresses(values) if "@" in address]


def _date(value: object) -> datetime | None:
    try:
        return parsedate_to_datetime(str(value))
    except (ValueError, TypeError):
        return None


PEERS = {"reference": reference, "imap-tools": imap_tools}


def main(name: str, port: str, user: str, password: str, pem: str) -> None:
    context = ssl.create_default_context(cafile=pem)
    begun = time.perf_counter()
    read = PEERS[name](int(port), user, password, context)
    print(time.perf_counter() - begun, read)


if __name__ == "__main__":
    main(*sys.argv[1:])
