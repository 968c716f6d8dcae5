"""Which calendars and address books an account has, from whatever address somebody gave. Called by calendars and books.

Context, principal, home, collections: RFC 6764 section 6, RFC 5397, RFC 4791 section 6.2.1, RFC 6352 section 7.1.1.
Principal and home may lie on a sibling of the account's host (`davhosts`), a collection only where its home does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from integrations.open.dav import NO_DAV, WRONG_LOGIN, Dav, alike, as_collection
from integrations.open.davxml import Resource, named
from integrations.wire.ical.zones import known_id
from integrations.wire.plain import plain
from keepwarm.errors import AccessRevoked, Rejected

CALENDAR, BOOK = "C:calendar", "R:addressbook"
MARKER = "K:calendar"  # set on the calendar that we make
SEGMENT = "keepwarm"  # the last part of its path
MAX_HOMES = 10  # ours; a server names one, some a few that are shared

_HOME_OF = {CALENDAR: "C:calendar-home-set", BOOK: "R:addressbook-home-set"}
_WAY = ("D:current-user-principal", "D:resourcetype", *_HOME_OF.values())
_ZONE = ("C:calendar-timezone-id", "C:calendar-timezone")
_ASKED = (
    *("D:resourcetype", "D:displayname", "D:current-user-privilege-set"),
    *("C:supported-calendar-component-set", *_ZONE, MARKER),
)
_WRITES = frozenset({"D:write", "D:write-content", "D:bind", "D:all"})
_TZID = re.compile(r"^TZID(?:;[^:\n]*)?:([^\r\n]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """One calendar or address book. ``writable`` is None where the server does not say; ``zone`` may be empty."""

    ref: str  # as `Dav.at` takes it
    name: str
    kind: str
    events: bool = True  # holds events, not only tasks or journals
    zone: str = ""
    writable: bool | None = None
    ours: bool = False
    marked: bool = False  # ours beyond doubt: it has our property


def calendars(dav: Dav, url: str = "") -> list[Collection]:
    """The calendars of whoever logs in, those without events too, in the server's order. Raises as `Dav.call`."""
    return _collections(dav, url, CALENDAR)


def books(dav: Dav, url: str = "") -> list[Collection]:
    """The address books of whoever logs in, in the server's order. Raises as `Dav.call`."""
    return _collections(dav, url, BOOK)


def homes(dav: Dav, url: str, kind: str) -> list[str]:
    """Where collections of this kind lie, as references: what the principal says, else the address itself."""
    return _homes(dav, _start(dav, url), kind)


def zone_of(resource: Resource) -> str:
    """The IANA id of the zone that a calendar names (RFC 7809 or RFC 4791 section 5.2.2), empty if none known."""
    body = _TZID.search(resource.text("C:calendar-timezone"))
    return known_id(resource.text("C:calendar-timezone-id")) or (known_id(body[1]) if body else "")


def zone_in(dav: Dav, href: str) -> str:
    """The zone of one calendar; empty if it names none."""
    found = dav.one(href, _ZONE)
    return zone_of(found) if found else ""


def _start(dav: Dav, url: str) -> Resource:
    """What stands at the address; for a well-known one that does not answer, at the server's root."""
    href = dav.path(url or dav.url)
    found = dav.one(href, _WAY) if href else None
    if found is None and urlsplit(href).path.startswith("/.well-known/"):
        found = dav.one("/", _WAY)
    if found is None:
        raise Rejected(NO_DAV)
    return found


def _homes(dav: Dav, start: Resource, kind: str) -> list[str]:
    found = dav.refs(start, _HOME_OF[kind])
    if not found:
        if start.inner("D:current-user-principal", "D:unauthenticated"):
            raise AccessRevoked(WRONG_LOGIN)
        for there, path in map(dav.at, dav.refs(start, "D:current-user-principal")[:1]):
            principal = there.one(path, _WAY)
            found = there.refs(principal, _HOME_OF[kind]) if principal else []
    return found[:MAX_HOMES] or [dav.ref(start.href)]


def _collections(dav: Dav, url: str, kind: str) -> list[Collection]:
    start = _start(dav, url)
    found = dict[str, Collection]()
    for home in _homes(dav, start, kind):
        depth = 0 if alike(home, dav.ref(start.href)) and kind in start.names("D:resourcetype") else 1
        there, path = dav.at(home)
        for each in there.propfind(as_collection(path), _ASKED, depth=depth).resources:
            if kind in each.names("D:resourcetype"):
                found.setdefault(there.ref(each.href), _collection(there, each, kind))
    if kind in start.names("D:resourcetype") and not any(alike(dav.ref(start.href), ref) for ref in found):
        itself = dav.one(start.href, _ASKED)
        found |= {dav.ref(itself.href): _collection(dav, itself, kind)} if itself else {}
    return list(found.values())


def _collection(dav: Dav, told: Resource, kind: str) -> Collection:
    segment = unquote(told.href).rstrip("/").rpartition("/")[2]
    rights = {name for each in told.inner("D:current-user-privilege-set", "D:privilege") for name in map(named, each)}
    sets = "C:supported-calendar-component-set"
    holds = {each.get("name", "").upper() for each in told.inner(sets, "C:comp")}
    return Collection(
        ref=dav.ref(told.href),
        name=plain(told.text("D:displayname")) or plain(segment),
        kind=kind,
        events=kind == CALENDAR and (not holds or "VEVENT" in holds),
        zone=zone_of(told),
        writable=bool(rights & _WRITES) if "D:current-user-privilege-set" in told.props else None,
        marked=bool(told.text(MARKER)),
        ours=kind == CALENDAR and (bool(told.text(MARKER)) or segment == SEGMENT),
    )
