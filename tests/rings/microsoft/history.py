"""What stands at Microsoft and what was done there, judged from the town's own state: nothing here knows the engine.

A complaint begins with its kind: breach, content, lost, doubled, outside, shown, elsewhere, untold, unasked, touched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tests.emulators.microsoft import Microsoft, Person
from tests.emulators.microsoft.zones import moment
from tests.emulators.stand.values import Effect
from tests.rings.consent.history import Sent, Wanted, of_events, of_mails

TITLE = "Keepwarm"  # of the calendar that is ours
KEY = "KeepwarmKey"  # the name of the property that our events bear
SEND = "POST /me/sendMail"
QUIETLY = ("private", "free", True)


def complaints(town: Microsoft, person: Person, wanted: Wanted) -> Iterator[str]:
    """All that is wrong."""
    yield from rules(town, person)
    yield from of_events([str(each.get("subject", "")) for each in standing(person)], wanted)
    yield from of_mails(sent(town, person), wanted, person.address)


def rules(town: Microsoft, person: Person) -> Iterator[str]:
    """What never may be, whatever was wanted."""
    yield from (f"breach: {each}" for each in town.breaches)
    yield from (f"content: {each} gave a mail's subject or text away" for each in town.contents)
    ours = [each for each in person.calendars.values() if each.name == TITLE]
    if len(ours) > 1:
        yield f"doubled: {len(ours)} calendars of ours"
    named = {each.id for each in ours}
    yield from (f"outside: {each}" for effect in town.history for each in _outside(effect, person, named))
    for calendar in person.calendars.values():
        for each in (each for each in calendar.events if uid_of(each)):
            if calendar.name != TITLE:
                yield "elsewhere: an event of ours in a calendar of the owner's"
            if (each.get("sensitivity"), each.get("showAs"), each.get("isReminderOn")) != QUIETLY:
                yield "shown: an event of ours is not private, not shown as free or does not ring"
            if each.get("attendees"):
                yield "outside: an event of ours has guests"
    twice = Counter(uid_of(each) for each in standing(person))
    yield from (f"doubled: {number} events of one key" for number in twice.values() if number > 1)
    keys = Counter(each.key for each in sent(town, person))
    yield from (f"doubled: {number} mails of one key" for number in keys.values() if number > 1)


def _outside(effect: Effect, person: Person, ours: set[str]) -> Iterator[str]:
    if effect.person != person.address:
        return
    if effect.method == SEND and effect.more["to"] != [person.address]:
        yield "a mail to somebody else"
    if effect.more.get("attendees") or effect.more.get("mailed"):
        yield "somebody was told of an event"
    if "/events" in effect.method and effect.more["calendar"] not in ours:
        yield "something was written into a calendar of the owner's"
    if "/messages" in effect.method or "/mailFolders" in effect.method:
        yield "something in the mailbox was changed"


def standing(person: Person) -> list[dict[str, Any]]:
    """The events of ours that stand."""
    return [each for calendar in person.calendars.values() for each in calendar.events if uid_of(each)]


def starts(person: Person) -> dict[str, datetime]:
    """When our events begin, by their ids."""
    return {person.ids.given(each["_key"]): at_of(each) for each in standing(person)}


def at_of(event: dict[str, Any]) -> datetime:
    return moment(event["start"]).astimezone(UTC)


def uid_of(event: dict[str, Any]) -> str:
    """By which we know an event of ours; empty for another."""
    held = event.get("singleValueExtendedProperties") or ()
    return next((str(each["value"]) for each in held if str(each["id"]).endswith(f"Name {KEY}")), "")


def sent(town: Microsoft, person: Person) -> list[Sent]:
    """What was handed in by this person's account, in order."""
    found = [each for each in town.history if each.person == person.address and each.method == SEND]
    return [_sent(person, each) for each in found]


def _sent(person: Person, effect: Effect) -> Sent:
    """With our own name of the mail, where it bears one; Exchange may have written another Message-ID."""
    mail = person.mailbox.mails.get(person.key(effect.more["mail"]))
    key = (mail.header("x-keepwarm-key") if mail else "") or effect.key
    return Sent(key=key, subject=str(mail.message["subject"]) if mail else "", to=tuple(effect.more["to"]))
