"""Single events of ours on a CalDAV server: find, put, delete. Called by `calendars`.

An event's resource is named after its UID; where a server or another program keeps it under another name, its UID finds
it (RFC 4791 section 7.8.6).
"""

from __future__ import annotations

from integrations.open.dav import ABSENT, Dav, as_collection, refusal
from integrations.open.davxml import asking, holding, question, saying
from integrations.open.ourcopy import Copy, name_of

ICS = "text/calendar; charset=utf-8"
PLAIN = {"Accept-Encoding": "identity"}  # some servers change an etag where they compress
_CONFLICTS = frozenset({409, 412})  # the name or the UID is there already, or it was changed meanwhile
_SOMETIMES = frozenset({400, 403})  # how some servers say that the UID is there already


def href_of(calendar: str, uid: str) -> str:
    return as_collection(calendar) + name_of(uid)


def look(dav: Dav, calendar: str, uid: str, *, everywhere: bool) -> Copy | None:
    """The event as it stands under its name, or ``everywhere`` under any name; None if it does not."""
    return _at(dav, href_of(calendar, uid)) or (_by_uid(dav, calendar, uid) if everywhere else None)


def put(dav: Dav, calendar: str, uid: str, body: bytes, held: Copy | None) -> bool:
    """Create it, or replace what was ``held``; False if it stands there otherwise by now. Raises Rejected."""
    href = held.href if held else href_of(calendar, uid)
    condition = {"If-None-Match": "*"} if held is None else {"If-Match": held.etag} if held.etag else {}
    answer = dav.call("PUT", href, body=body, headers={"Content-Type": ICS} | condition)
    if 200 <= answer.status < 300:
        return True
    if answer.status in _CONFLICTS:
        return False
    if held is None and answer.status in _SOMETIMES and _by_uid(dav, calendar, uid) is not None:
        return False
    raise refusal(answer.status)


def delete(dav: Dav, href: str) -> bool:
    """Whether it was there. Raises Rejected where the server does not let us."""
    answer = dav.call("DELETE", href)
    if answer.status in ABSENT:
        return False
    if not 200 <= answer.status < 300:
        raise refusal(answer.status)
    return True


def _at(dav: Dav, href: str) -> Copy | None:
    answer = dav.call("GET", href, headers=PLAIN)
    if answer.status in ABSENT:
        return None
    if answer.status != 200:
        raise refusal(answer.status)
    return Copy(href=href, etag=answer.headers.get("etag", "").removeprefix("W/"), body=answer.body)


def _by_uid(dav: Dav, calendar: str, uid: str) -> Copy | None:
    """The event with this very UID under whatever name; None also where the server cannot search."""
    match = f'<C:prop-filter name="UID">{_text(uid)}</C:prop-filter>'
    event = f'<C:comp-filter name="VEVENT">{match}</C:comp-filter>'
    sought = holding("C:filter", f'<C:comp-filter name="VCALENDAR">{event}</C:comp-filter>')
    answer = dav.report(as_collection(calendar), question("C:calendar-query", asking(("D:getetag",)), sought))
    if answer.status != 207:
        return None
    for each in dav.told(answer).resources:
        copy = _at(dav, each.href) if each.status not in ABSENT else None
        if copy is not None and copy.is_for(uid):
            return copy
    return None


def _text(uid: str) -> str:
    return saying("C:text-match", uid).replace("<C:text-match>", '<C:text-match collation="i;octet">', 1)
