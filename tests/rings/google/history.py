"""What stands at Google and what was done there, judged from the town's own state: nothing here knows the engine.

A complaint begins with its kind: breach, lost, doubled, outside, shown, elsewhere, untold, unasked, touched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tests.emulators.google import Google, Person
from tests.emulators.google.series import moment
from tests.emulators.google.values import Effect
from tests.rings.consent.history import Sent, Wanted, of_events, of_mails

__all__ = ["Sent", "Wanted", "complaints", "of_events", "of_mails", "rules", "sent", "standing", "starts"]

OURS = "keepwarm"  # the private property that our events bear
SENT = "gmail.users.messages.send"
QUIET = {"gmail.users.watch", "calendar.events.watch", "calendar.channels.stop", "calendar.calendars.insert"}


def complaints(town: Google, person: Person, wanted: Wanted) -> Iterator[str]:
    """All that is wrong."""
    yield from rules(town, person)
    yield from of_events([str(each.get("summary", "")) for each in standing(person)], wanted)
    yield from of_mails(sent(town, person), wanted, person.address)


def rules(town: Google, person: Person) -> Iterator[str]:
    """What never may be, whatever was wanted."""
    yield from (f"breach: {each}" for each in town.breaches)
    ours = [each for each in person.calendars.values() if each.app]
    if len(ours) > 1:
        yield f"doubled: {len(ours)} calendars of ours"
    yield from (
        f"outside: {each}" for effect in town.history for each in _outside(effect, person, {c.id for c in ours})
    )
    for calendar in person.calendars.values():
        held = [each for each in calendar.events.values() if _is_ours(each)]
        if held and not calendar.app:
            yield "elsewhere: an event of ours in a calendar of the owner's"
        for each in held:
            if each["status"] != "cancelled" and (each.get("visibility"), each.get("transparency")) != QUIETLY:
                yield "shown: an event of ours is not private or not shown as free"
            if each.get("attendees"):
                yield "outside: an event of ours has guests"
    twice = Counter(each["extendedProperties"]["private"][OURS] for each in standing(person))
    yield from (f"doubled: {number} events of one key" for number in twice.values() if number > 1)
    keys = Counter(each.key for each in sent(town, person))
    yield from (f"doubled: {number} mails of one key" for number in keys.values() if number > 1)


QUIETLY = ("private", "transparent")


def _outside(effect: Effect, person: Person, ours: set[str]) -> Iterator[str]:
    if effect.person != person.address or effect.method in QUIET:
        return
    if effect.method == SENT and effect.more["to"] != [person.address]:
        yield "a mail to somebody else"
    if effect.more.get("attendees") or effect.more.get("mailed"):
        yield "somebody was told of an event"
    if effect.method.startswith("calendar.events.") and effect.more["calendar"] not in ours:
        yield "something was written into a calendar of the owner's"
    if effect.method.startswith("calendar.events.") and effect.more.get("send_updates") not in {"none", None}:
        yield "guests of an event would have been mailed"


def standing(person: Person) -> list[dict[str, Any]]:
    """The events of ours that stand."""
    held = [each for calendar in person.calendars.values() for each in calendar.events.values()]
    return [each for each in held if _is_ours(each) and each["status"] != "cancelled"]


def starts(person: Person) -> dict[str, datetime]:
    """When our events begin, by their ids."""
    return {each["id"]: moment(each["start"]) for each in standing(person)}


def _is_ours(event: dict[str, Any]) -> bool:
    return bool(event.get("extendedProperties", {}).get("private", {}).get(OURS))


def sent(town: Google, person: Person) -> list[Sent]:
    """What was handed in by this person's account, in order."""
    found = [each for each in town.history if each.person == person.address and each.method == SENT]
    return [Sent(key=_key(person, each), subject=_subject(person, each), to=tuple(each.more["to"])) for each in found]


def _key(person: Person, effect: Effect) -> str:
    """Our own name of the mail, where it bears one; Gmail may have written another Message-ID."""
    mail = person.mailbox.mails.get(effect.more["mail"])
    return (mail.header("x-keepwarm-key") if mail else "") or effect.key


def _subject(person: Person, effect: Effect) -> str:
    mail = person.mailbox.mails.get(effect.more["mail"])
    return str(mail.message["subject"]) if mail else ""
