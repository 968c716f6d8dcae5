"""The store beside what the town holds. Read with plain SQL on one side and from the town's own state on the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from typing import Any

from tests.emulators.microsoft.calendars import Calendar
from tests.emulators.microsoft.mailbox import Mail
from tests.emulators.microsoft.zones import moment
from tests.rings.consent import mirror
from tests.rings.consent.mirror import FAR, CardLine, EventLine, MailLine, first, two
from tests.rings.microsoft.history import TITLE, at_of, standing, uid_of
from tests.rings.microsoft.home import Home

READ = ("inbox", "sentitems")  # the folders that a connection reads


def differences(home: Home, *, ever: Iterable[Mail] = (), spoilt: Iterable[str] = ()) -> list[str]:
    """What differs; empty if the store is as the town is.

    ``ever``: mails that were there once; what was read of them stays. ``spoilt``: ids of planted things that nobody can
    read, which are set aside and nothing else is.
    """
    box = home.person.mailbox
    read = {box.folder(name).key for name in READ}
    mails = home.person.mails
    seen = {_ref(each): _mail_line(home, each) for each in (*ever, *mails)}
    must = {_ref(each): seen[_ref(each)] for each in mails if each.folder in read and not each.header("x-keepwarm")}
    ours = {uid_of(each): at_of(each) for each in standing(home.person)}
    return [
        *first("mail", mirror.of_mails(mirror.stored_mails(home), must, seen)),
        *first("event", two(mirror.stored_events(home), events_at(home, set(spoilt)))),
        *first("card", two(mirror.stored_cards(home), cards_at(home))),
        *first("follow-up", mirror.of_follow_ups(home, ours)),
        *first("stream", mirror.of_streams(home)),
        *first("aside", mirror.of_quarantine(home, set(spoilt))),
    ]


def _ref(mail: Mail) -> str:
    return mirror.ref_of(mail.header("message-id"))


def _mail_line(home: Home, mail: Mail) -> MailLine:
    """Sent is what the owner wrote, wherever they put it since."""
    own = home.address in mail.addresses("from")
    return _ref(mail), own, mail.addresses("from", "to", "cc", "bcc")


def events_at(home: Home, spoilt: set[str]) -> Counter[EventLine]:
    """The owner's events that stand: uid, start and end of each, occurrences of series too."""
    calendars = [each for each in home.person.calendars.values() if each.name != TITLE]
    return Counter(line for each in calendars for line in _events_in(home, each, spoilt))


def _events_in(home: Home, calendar: Calendar, spoilt: set[str]) -> Iterator[EventLine]:
    for each in calendar.view(home.moment - 2 * FAR, home.moment + 2 * FAR):
        head = each["_key"].partition(".")[0]
        if home.person.ids.given(head) not in spoilt:
            yield _event_line(calendar.find(head) or each, each)


def _event_line(master: Mapping[str, Any], row: Mapping[str, Any]) -> EventLine:
    """Under the uid of the series: Exchange gives each of its parts one of its own."""
    start, end = (moment(dict(row[name])).astimezone(UTC) for name in ("start", "end"))
    return str(master["iCalUId"]), start, end


def cards_at(home: Home) -> Counter[CardLine]:
    return Counter(_card_line(home, key, each) for key, each in home.person.contacts.people.items())


def _card_line(home: Home, key: str, card: Mapping[str, Any]) -> CardLine:
    mails = frozenset(each["address"].lower() for each in card.get("emailAddresses", ()))
    return home.person.ids.given(key), card["displayName"], mails
