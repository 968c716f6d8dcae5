"""Real servers for works F and G, filled: Dovecot with a mailbox of `corpus`, Radicale with events and cards.

They are the tests' own, on free loopback ports, under TLS of a throw-away authority that every contender trusts and
verifies. Called by `benchmarks.over_imap` and `benchmarks.over_dav`, which run every contender as a process: `timed`.
"""

from __future__ import annotations

import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks import corpus
from benchmarks.importing import COMMAND
from benchmarks.rows import Figures
from tests.servers import dav, mail
from tests.servers.dav import Authority

USER = "bench"
# Alike but for numbers, as in ../shared/measure/f_dav.py.
EVENT = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//bench//EN
BEGIN:VEVENT
UID:e{0}
DTSTAMP:20260101T000000Z
DTSTART:2026{month:02d}{day:02d}T{hour:02d}0000Z
DURATION:PT30M
SUMMARY:Meeting {0}
ORGANIZER:mailto:o@example.org
ATTENDEE;CN="Person {who}":mailto:p{who}@example.org
DESCRIPTION:text text text text text text text text text text text text
END:VEVENT
END:VCALENDAR
"""
CARD = """\
BEGIN:VCARD
VERSION:3.0
UID:c{0}
FN:Person {0}
N:{0};Person;;;
EMAIL;TYPE=WORK:p{0}@example.org
TEL;TYPE=CELL:+1 555 0{0:04d}
ORG:Org {org}
BDAY:1980-01-{day:02d}
END:VCARD
"""
STATE = b'<D:propfind xmlns:D="DAV:"><D:prop><D:sync-token/></D:prop></D:propfind>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A server that runs. ``where``: imaps port or address; ``pem``: whom to trust; ``folder``: room for contenders."""

    where: str
    user: str
    password: str
    pem: Path
    folder: Path

    @property
    def trusting(self) -> dict[str, str]:
        """The environment of whoever takes the system's authorities."""
        return {"SSL_CERT_FILE": str(self.pem)}


@contextmanager
def mailbox(mails: int) -> Iterator[Served]:
    """Dovecot with so many mails in one Inbox."""
    with tempfile.TemporaryDirectory(prefix="kwb") as made:
        folder = Path(made)
        mbox = folder / "mail.mbox"
        print(f"\n{mails:,} mails: {corpus.write(mbox, mails)}")
        with mail.dovecot(Authority(folder)) as server:
            server.add(USER)
            home, owner = server.folder / "mail" / USER, (server.folder / "mail").stat()
            corpus.as_maildir(mbox, home)
            for each in (home, *home.rglob("*")):
                os.chown(each, owner.st_uid, owner.st_gid)
            mbox.unlink()
            yield Served(
                where=str(server.imaps), user=USER, password=mail.PASSWORD, pem=folder / "ca.pem", folder=folder
            )


@contextmanager
def collections(number: int) -> Iterator[Served]:
    """Radicale with so many events in the calendar ``cal``, and as many cards in the address book ``card``."""
    with tempfile.TemporaryDirectory(prefix="kwb") as made:
        folder = Path(made)
        with dav.radicale(Authority(folder), folder / "radicale") as address:
            home = folder / "radicale" / "collections" / "collection-root" / dav.USER
            for name, tag in (("cal", "VCALENDAR"), ("card", "VADDRESSBOOK")):
                (home / name).mkdir(parents=True)
                (home / name / ".Radicale.props").write_text(json.dumps({"tag": tag, "D:displayname": name}))
            for each in range(number):
                when = {"month": 1 + each % 12, "day": 1 + each % 28, "hour": each % 24}
                event = EVENT.format(each, who=each % 300, **when)
                card = CARD.format(each, org=each % 50, day=1 + each % 28)
                (home / "cal" / f"e{each}.ics").write_text(event, newline="\r\n")
                (home / "card" / f"c{each}.vcf").write_text(card, newline="\r\n")
            served = Served(where=address, user=dav.USER, password=dav.PASSWORD, pem=folder / "ca.pem", folder=folder)
            for name in ("cal", "card"):
                _settle(served, name)
            yield served


def _settle(served: Served, name: str) -> None:
    """Let Radicale note what it has: the first to ask for the state of a collection waits for seconds."""
    context = ssl.create_default_context(cafile=served.pem)
    login = b64encode(f"{served.user}:{served.password}".encode()).decode()
    with closing(HTTPSConnection("localhost", urlsplit(served.where).port, context=context)) as asking:
        headers = {"Authorization": f"Basic {login}", "Depth": "0", "Content-Type": "application/xml"}
        asking.request("PROPFIND", f"/{served.user}/{name}/", body=STATE, headers=headers)
        found = asking.getresponse()
        if found.status != 207 or b"sync-token" not in found.read():
            raise RuntimeError(f"Radicale answered {found.status}")


def ours(served: Served, settings: Mapping[str, Any], places: Sequence[tuple[str, str]]) -> Figures:
    """`benchmarks.accounts` as a process of its own; then the command over the same store, its start counted."""
    account = {"settings": {"address": corpus.own()[0], "user": served.user, **settings}}
    told = json.dumps(account | {"password": served.password, "places": places})
    with tempfile.TemporaryDirectory(dir=served.folder) as folder:
        home = Path(folder) / "home"
        command = [sys.executable, "-m", "benchmarks.accounts", str(home), told]
        found: dict[str, float] = json.loads(output(command, **served.trusting))
        more = {"KEEPWARM_HOME": str(home), "KEEPWARM_ALLOW_HOSTS": "localhost", **served.trusting}
        return found | {"command": timed([sys.executable, "-c", COMMAND, "sync", "--wait"], **more)}


def peer(module: str, name: str, served: Served) -> Figures:
    """A peer in Python as a process of its own, which tells its seconds and how much it read."""
    where = [served.where, served.user, served.password, str(served.pem)]
    seconds, count = map(float, output([sys.executable, "-m", module, name, *where]).split())
    return {"first": seconds, "items": count}


def fresh(folder: Path) -> Path:
    """The folder, empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def output(command: Sequence[str], **more: str) -> bytes:
    """What it printed."""
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, env={**os.environ, **more}).stdout


def timed(command: Sequence[str], **more: str) -> float:
    """Seconds of the whole process."""
    begun = time.perf_counter()
    output(command, **more)
    return time.perf_counter() - begun
