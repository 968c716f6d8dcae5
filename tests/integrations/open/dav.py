"""Accounts on calendar servers, what is put there, answers that a test makes up, and what a store makes of pages.

Called by the tests of calendars and address books in this folder, which have accounts as fixtures (conftest.py):
``account`` on Radicale and Xandikos, ``false`` on a server that answers as the test says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

from dulwich import porcelain

from integrations.open.books import Books
from integrations.open.calendars import Calendars
from integrations.open.dav import Dav
from integrations.wire import net
from integrations.wire.http import Client
from keepwarm.types import CalendarEvent, ContactCard, OurEvent, Page, Stream, StreamKind
from tests.integrations.open.sides import REACH
from tests.make import NOW
from tests.servers.dav import PASSWORD, USER, Alter, Asked, Given, Onwards

ZONE = "Europe/Amsterdam"
CALENDAR = "<resourcetype><collection/><C:calendar/></resourcetype>"  # a prop


class Counted(Client):
    """Remembers what was asked."""

    def __init__(self, reach: net.Reach = REACH, **login: str) -> None:
        super().__init__(reach, **login)
        self.asked: list[tuple[str, str]] = []

    def call(self, method: str, url: str, **named: Any) -> Any:
        self.asked.append((method, url))
        return super().call(method, url, **named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account on one server; ``home`` is where collections can be made."""

    name: str
    address: str
    home: str
    books: str
    client: Counted
    folder: Path = Path()  # where the server keeps it all
    now: datetime = NOW

    @property
    def port(self) -> int:
        return int(self.address.rstrip("/").rpartition(":")[2])

    @property
    def dav(self) -> Dav:
        return Dav(self.client, self.address, now=lambda: self.now)

    def calendars(self, **named: Any) -> Calendars:
        return Calendars(self.dav, zone=ZONE, now=lambda: self.now, title="Keepwarm", **named)

    def read(self, place: str, cursor: str = "") -> Iterator[Page]:
        of = StreamKind.CONTACTS if place.startswith(self.books) and "book" in place else StreamKind.CALENDAR
        reader = self.calendars() if of is StreamKind.CALENDAR else Books(self.dav, now=lambda: self.now)
        return reader.changes(
            Stream(id="s", owner_id="o", account_id="a", kind=of, place_ref=place, cursor=cursor)
        )  # fmt: skip

    def raw(self, method: str, path: str, body: str = "", **headers: str) -> Any:
        """What another program of the owner's does."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        url = self.address.rstrip("/") + path
        return Client.call(self.client, method, url, body=body.encode(), headers=named)

    def put(self, path: str, body: str) -> None:
        kind = "text/vcard" if "VCARD" in body else "text/calendar"
        answer = self.raw("PUT", path, body, Content_Type=f"{kind}; charset=utf-8")
        assert answer.status in {200, 201, 204}, answer

    def fill(self, bodies: dict[str, str]) -> None:
        """Many into one collection at once, behind the server's back: each by its own would take 50 ms."""
        for path, body in bodies.items():
            (self.folder / path.lstrip("/")).write_text(body, newline="")
        repo = (self.folder / next(iter(bodies)).lstrip("/")).parent
        if (repo / ".git").is_dir():
            porcelain.add(str(repo), paths=[str(repo / path.rpartition("/")[2]) for path in bodies])
            porcelain.commit(
                str(repo), message=b"many", author=b"Ann <ann@example.org>", committer=b"A <a@example.org>"
            )

    def make(self, name: str, holds: str = "VEVENT") -> str:
        """A new calendar, or with a name that begins with "book" an address book."""
        at = f"{self.books if name.startswith('book') else self.home}{name}/"
        kind = "<D:collection/><R:addressbook/>" if name.startswith("book") else "<D:collection/><C:calendar/>"
        components = (
            f'<C:supported-calendar-component-set><C:comp name="{holds}"/></C:supported-calendar-component-set>'
        )
        props = f"<D:resourcetype>{kind}</D:resourcetype>" + (components if "calendar" in kind else "")
        spaces = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:R="urn:ietf:params:xml:ns:carddav"'
        body = f"<D:mkcol {spaces}><D:set><D:prop>{props}</D:prop></D:set></D:mkcol>"
        answer = self.raw("MKCOL", at, body, Content_Type="application/xml; charset=utf-8")
        assert answer.status == 201, answer
        return at


def account_at(name: str, address: str, folder: Path = Path()) -> Account:
    """The account at this address of a server that is, or looks like, the one of that name."""
    homes = {"radicale": ("/ann/", "/ann/"), "xandikos": ("/user/calendars/", "/user/contacts/")}
    home, books = homes[name]
    client = Counted(user=USER, password=PASSWORD)
    return Account(name=name, address=address, home=home, books=books, client=client, folder=folder)


@dataclass(slots=True)
class Held:
    """What a store holds that does as `keepwarm.types.Page` says."""

    items: dict[tuple[str, str], CalendarEvent | ContactCard] = field(default_factory=dict)
    cursor: str = ""

    def take(self, pages: Iterator[Page] | Sequence[Page]) -> list[Page]:
        taken = list(pages)
        for page in taken:
            self._drop(lambda ref, page=page: ref in page.whole)
            for item in page.items:
                assert isinstance(item, CalendarEvent | ContactCard)
                self.items[key_of(item)] = item
            if page.everything is not None:
                self._drop(lambda ref, page=page: ref not in page.everything)
            self.cursor = page.cursor or self.cursor
        assert all(page.last == (page is taken[-1]) for page in taken)
        return taken

    def _drop(self, away: Callable[[str], bool]) -> None:
        self.items = {key: item for key, item in self.items.items() if not away(item.resource_ref)}

    def names(self) -> set[str]:
        return {key[0] for key in self.items}


def key_of(item: CalendarEvent | ContactCard) -> tuple[str, str]:
    return (item.uid, item.occurrence) if isinstance(item, CalendarEvent) else (item.ref, "")


def ics(uid: str, start: str = "20261201T100000", *, title: str = "Coffee", more: str = "", after: str = "") -> str:
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y//EN", "BEGIN:VEVENT", f"UID:{uid}"),
        *("DTSTAMP:20261101T100000Z", f"DTSTART;TZID={ZONE}:{start}", "DURATION:PT1H", f"SUMMARY:{title}"),
        *filter(None, [more, "END:VEVENT", after, "END:VCALENDAR"]),
    ]
    zone = ["BEGIN:VTIMEZONE", f"TZID:{ZONE}", "BEGIN:STANDARD", "DTSTART:19701025T030000", "TZOFFSETFROM:+0200"]
    zone += ["TZOFFSETTO:+0100", "END:STANDARD", "END:VTIMEZONE"]
    return "\r\n".join([*lines[:3], *zone, *lines[3:], ""])


def series(uid: str, *, count: int = 5) -> str:
    """Weekly, one occurrence left out, one moved."""
    moved = ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261101T100000Z", f"RECURRENCE-ID;TZID={ZONE}:20261208T100000"]
    moved += [f"DTSTART;TZID={ZONE}:20261209T100000", "DURATION:PT1H", "SUMMARY:Moved", "END:VEVENT"]
    more = f"RRULE:FREQ=WEEKLY;COUNT={count}\r\nEXDATE;TZID={ZONE}:20261215T100000"
    return ics(uid, more=more, after="\r\n".join(moved))


def card(uid: str, name: str = "Bo Example") -> str:
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"UID:{uid}", f"FN:{name}", f"N:;{name};;;", f"EMAIL:{uid}@example.com"]
    return "\r\n".join([*lines, "END:VCARD", ""])


def ours(uid: str = "talk-1@keepwarm", **fields: Any) -> OurEvent:
    values = {"title": "Write to Bo", "description": "Two lines,\nand a comma", "url": "https://keepwarm.example/x"}
    times = {"start_at": NOW + timedelta(days=3), "end_at": NOW + timedelta(days=3, minutes=15), "zone": ZONE}
    return OurEvent(uid=uid, **(values | times | {"reminder_minutes": 10} | fields))  # type: ignore[arg-type]


def multistatus(*responses: str, token: str = "") -> Given:
    spaces = 'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
    ends = f"<sync-token>{token}</sync-token>" if token else ""
    body = f"<multistatus {spaces}>{''.join(responses)}{ends}</multistatus>"
    return Given(status=207, body=body.encode(), headers={"Content-Type": "application/xml"})


def response(href: str, props: str = "", status: str = "") -> str:
    told = f"<propstat><prop>{props}</prop><status>HTTP/1.1 200 OK</status></propstat>" if props else ""
    said = f"<status>HTTP/1.1 {status}</status>" if status else ""
    return f"<response><href>{href}</href>{told}{said}</response>"


def syncing(bodies: dict[str, str], *, listed: Sequence[str] = ()) -> Alter:
    """A server with these resources, which offers sync-collection. ``listed``: more hrefs it tells of."""

    def alter(asked: Asked, onwards: Onwards) -> Given:
        if asked.method == "PROPFIND":
            return multistatus(response(asked.path, "<sync-token>t0</sync-token>"))
        if asked.method == "GET":
            return Given(status=200, body=bodies[asked.path].encode())
        if b"sync-collection" in asked.body:
            return multistatus(*(response(href, "<getetag>1</getetag>") for href in (*bodies, *listed)), token="t1")
        wanted = re.findall(r"<D:href>([^<]*)</D:href>", asked.body.decode())
        data = ((href, escape(bodies[href], quote=False)) for href in wanted)
        return multistatus(*(response(href, f"<C:calendar-data>{body}</C:calendar-data>") for href, body in data))

    return alter


def since(asked: Asked) -> int:
    """The token that is asked about, where tokens are numbers; 0 without one."""
    return int(re.findall(rb"<D:sync-token>(\d*)</D:sync-token>", asked.body)[0] or b"0")
