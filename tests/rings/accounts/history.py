"""What the servers hold, read by plain clients of our own: nothing here knows the engine, or is known by it.

A complaint begins with its kind: lost, doubled, outside, untold, unasked.
"""

from __future__ import annotations

import http.client
import re
import ssl
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from urllib.parse import urlsplit

from tests.servers.dav import PASSWORD, PATIENCE
from tests.servers.mail import Dovecot, Sink

HREF = re.compile(r"<(?:\w+:)?response>\s*<(?:\w+:)?href>([^<]+)</")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event that stands on the server."""

    href: str
    uid: str
    title: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One that was handed in, or lies in a folder. ``to`` is where it went, whatever its text says."""

    key: str
    subject: str
    to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Diary:
    """One user of a calendar server, as another program of theirs sees it."""

    address: str
    user: str

    def ask(self, verb: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
        parts = urlsplit(self.address)
        context = ssl._create_unverified_context()
        found = http.client.HTTPSConnection(parts.hostname or "", parts.port, timeout=PATIENCE, context=context)
        login = b64encode(f"{self.user}:{PASSWORD}".encode()).decode()
        named = {"Authorization": f"Basic {login}"} | {key.replace("_", "-"): text for key, text in headers.items()}
        try:
            found.request(verb, path, body=body.encode() or None, headers=named)
            answer = found.getresponse()
            return answer.status, answer.read().decode()
        finally:
            found.close()

    def listed(self, path: str) -> list[str]:
        """What lies right below a path."""
        status, told = self.ask("PROPFIND", path, Depth="1")
        return [each for each in HREF.findall(told) if each.rstrip("/") != path.rstrip("/")] if status == 207 else []

    def collections(self) -> list[str]:
        return [each for each in self.listed(f"/{self.user}/") if each.endswith("/")]

    def entries(self, *, but: Sequence[str] = ()) -> list[Entry]:
        """Every event in every collection ``but`` these."""
        wanted = [each for each in self.collections() if each not in but]
        return [self._entry(href) for place in wanted for href in self.listed(place) if href.endswith(".ics")]

    def remove(self, href: str) -> None:
        status, _ = self.ask("DELETE", href)
        assert status in {200, 204}, status

    def _entry(self, href: str) -> Entry:
        _, body = self.ask("GET", href)
        plain = body.replace("\r\n ", "").replace("\r\n", "\n").partition("BEGIN:VEVENT")[2]
        uid, title = (re.findall(rf"^{name}:(.*)$", plain, re.MULTILINE)[0] for name in ("UID", "SUMMARY"))
        return Entry(href=href, uid=uid, title=title, body=body)


@dataclass(frozen=True, slots=True)
class Post:
    """One user's mail: what was handed in by them, and what lies in their folders."""

    sink: Sink
    dovecot: Dovecot
    user: str
    address: str

    def handed_in(self) -> list[Mail]:
        mine = [each for each in self.sink.taken if each.mail_from == self.address]
        return [
            _mail(message_from_bytes(bytes(each.content or b"")), to=tuple(map(str, each.rcpt_tos))) for each in mine
        ]

    def folder(self, name: str) -> list[Mail]:
        found = []
        with self.dovecot.connected(self.user) as imap:
            imap.select(name, readonly=True)
            for number in imap.search(None, "ALL")[1][0].split():
                [told, *_] = imap.fetch(number.decode(), "(BODY.PEEK[HEADER])")[1]
                assert isinstance(told, tuple)
                found.append(_mail(message_from_bytes(told[1])))
        return found


def _mail(found: Message, to: tuple[str, ...] = ()) -> Mail:
    return Mail(key=str(found["Message-ID"]), subject=str(found["Subject"]), to=to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What there should be: titles of events, each once; how the subjects of mails begin, each once, and to whom.

    ``told``: subjects that the owner is told are uncertain; ``uncertain``: those that may be so.
    """

    events: tuple[str, ...] = ()
    mails: tuple[str, ...] = ()
    address: str = ""
    told: Sequence[str] = field(default=())
    uncertain: Sequence[str] = field(default=())


def complaints(diary: Diary, post: Post, wanted: Wanted) -> Iterator[str]:
    """What is wrong with what the servers hold."""
    yield from of_events([each.title for each in diary.entries()], wanted)
    sent, folders = post.handed_in(), {name: post.folder(name) for name in ("INBOX", "Sent")}
    yield from of_mails(sent, folders, wanted)


def of_events(titles: Sequence[str], wanted: Wanted) -> Iterator[str]:
    found, asked = Counter(titles), Counter(wanted.events)
    yield from (f"doubled: {found[each]} events" for each in found if asked[each] and found[each] > asked[each])
    yield from (f"unasked: {found[each]} events" for each in found if not asked[each])
    yield from ("lost: an event" for each in asked if found[each] < asked[each])


def of_mails(sent: Sequence[Mail], folders: dict[str, list[Mail]], wanted: Wanted) -> Iterator[str]:
    yield from (f"doubled: {n} mails of one key" for n in Counter(each.key for each in sent).values() if n > 1)
    yield from ("outside: a mail to somebody else" for each in sent if each.to != (wanted.address,))
    yield from ("unasked: a mail" for each in sent if not each.subject.startswith(wanted.mails or ("\0",)))
    for subject in wanted.mails:
        found = [each for each in sent if each.subject.startswith(subject)]
        if len(found) > 1:
            yield f"doubled: {len(found)} mails of one kind"
        if not found and subject not in wanted.told:
            yield "lost: no mail, and nobody was told"
        if subject in wanted.told and (found or subject not in wanted.uncertain):
            yield "untold: a mail is called uncertain for no reason"
    for name, held in folders.items():
        times = Counter(each.key for each in held if each.subject.startswith(wanted.mails or ("\0",)))
        yield from (f"doubled: {n} copies in {name}" for n in times.values() if n > 1)
