"""The store beside what the town holds. Read with plain SQL on one side and from the town's own state on the other.

A difference names the kind of thing and what is wrong with it, never more than the first few.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from tests.emulators.google.calendars import Calendar
from tests.emulators.google.contacts import Contacts
from tests.emulators.google.mailbox import Mail
from tests.emulators.google.series import moment
from tests.rings.consent import mirror
from tests.rings.consent.mirror import FAR, CardLine, EventLine, MailLine, first, two
from tests.rings.google.history import standing
from tests.rings.google.home import Home

HIDDEN = {"TRASH", "SPAM", "DRAFT", "CHAT"}
ZONE = ZoneInfo("Europe/Amsterdam")  # of every calendar here


def differences(home: Home, *, ever: Iterable[Mail] = (), spoilt: Iterable[str] = ()) -> list[str]:
    """What differs; empty if the store is as the town is.

    ``ever``: mails that were there once; what was read of them stays. ``spoilt``: ids of planted things that nobody can
    read, which are set aside and nothing else is.
    """
    seen = {_ref(each): _mail_line(each) for each in (*ever, *home.person.mails)}
    must = {_ref(each): _mail_line(each) for each in home.person.mails if _is_read(each)}
    ours = {each["extendedProperties"]["private"]["keepwarm"]: moment(each["start"]) for each in standing(home.person)}
    return [
        *first("mail", mirror.of_mails(mirror.stored_mails(home), must, seen)),
        *first("event", two(mirror.stored_events(home), events_at(home, set(spoilt)))),
        *first("card", two(mirror.stored_cards(home), cards_at(home))),
        *first("follow-up", mirror.of_follow_ups(home, ours)),
        *first("stream", mirror.of_streams(home)),
        *first("aside", mirror.of_quarantine(home, set(spoilt))),
    ]


# --- mails


def _is_read(mail: Mail) -> bool:
    """Whether it is a mail, and not one of our own."""
    return not mail.labels & HIDDEN and not mail.header("x-keepwarm")


def _ref(mail: Mail) -> str:
    return mirror.ref_of(mail.header("message-id"))


def _mail_line(mail: Mail) -> MailLine:
    return _ref(mail), "SENT" in mail.labels, mail.addresses("from", "to", "cc", "bcc")


# --- events


def events_at(home: Home, spoilt: set[str]) -> Counter[EventLine]:
    """The owner's events that stand: uid, start and end of each, occurrences of series too."""
    calendars = [each for each in home.person.calendars.values() if not each.app]
    return Counter(line for each in calendars for line in _events_in(each, spoilt, home.moment + FAR))


def _events_in(calendar: Calendar, spoilt: set[str], before: datetime) -> Iterator[EventLine]:
    for each in calendar.events.values():
        if each["status"] == "cancelled" or each["id"] in spoilt or each.get("recurringEventId") in calendar.events:
            continue
        rows = calendar.expand(each, None, before) if each.get("recurrence") else (each,)
        yield from (_event_line(row) for row in rows if row["status"] != "cancelled")


def _event_line(row: Mapping[str, Any]) -> EventLine:
    return str(row["iCalUID"]), _at(row["start"]), _at(row["end"])


def _at(told: Mapping[str, Any]) -> datetime:
    if told.get("date"):
        return datetime.combine(date.fromisoformat(told["date"]), time(), ZONE).astimezone(UTC)
    return moment(dict(told)).astimezone(UTC)


# --- cards


def cards_at(home: Home) -> Counter[CardLine]:
    books = ((home.person.contacts, False), (home.person.other_contacts, True))
    return Counter(line for book, evidence in books for line in _cards_in(book, evidence=evidence))


def _cards_in(book: Contacts, *, evidence: bool) -> Iterator[CardLine]:
    for each in book.living():
        names = [one.get("displayName", "") for one in each.get("names", ())]
        mails = frozenset(one["value"].lower() for one in each.get("emailAddresses", ()))
        if any(names) and (mails or not evidence):
            yield each["resourceName"], names[0], mails
