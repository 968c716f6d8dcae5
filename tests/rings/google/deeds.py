"""What happens in a random life, one function a step: what people do in their Google, what we are told, time, deaths.

Each returns something true where it could be done. Called by `life`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.emulators.google.calendars import Calendar
from tests.emulators.google.forged import FORGERIES
from tests.emulators.google.mailbox import Mail
from tests.rings.google import acts
from tests.rings.google.history import starts
from tests.rings.google.home import PUBLIC
from tests.rings.google.wires import stepped
from tests.workers.conftest import Crash

if TYPE_CHECKING:
    from tests.rings.google.life import Life

Act = Callable[["Life"], object]  # true where it could be done


# --- mail


def mail_comes(life: Life) -> object:
    life.mails += 1
    labels = life.chance.choice((("INBOX", "UNREAD"), ("INBOX",), ("INBOX",), ("SPAM",)))
    return acts.receives(life.home, life.people(), life.mails, labels=labels)


def mail_is_sent(life: Life) -> object:
    life.mails += 1
    return acts.sends(life.home, life.people(), life.mails)


def _some_mail(life: Life, fits: Callable[[Mail], bool]) -> Mail | None:
    found = [each for each in life.home.person.mails if fits(each) and not each.header("x-keepwarm")]
    return life.chance.choice(found) if found else None


def mail_goes_away(life: Life) -> object:
    mail = _some_mail(life, lambda each: not each.labels & {"TRASH", "SPAM"})
    if mail:
        life.home.person.moves(mail.id, add=(life.chance.choice(("TRASH", "SPAM")),), remove=("INBOX",))
    return mail


def mail_comes_back(life: Life) -> object:
    mail = _some_mail(life, lambda each: bool(each.labels & {"TRASH", "SPAM"}))
    if mail:
        life.home.person.moves(mail.id, add=("INBOX",), remove=("TRASH", "SPAM"))
    return mail


def mail_is_deleted(life: Life) -> object:
    mail = _some_mail(life, lambda _: True)
    if mail:
        life.home.deletes(mail.id)
    return mail


def history_is_forgotten(life: Life) -> object:
    life.home.person.forget_history()
    return True


# --- the calendar


def _some_event(life: Life, *, serial: bool) -> str:
    held = life.home.person.calendar.events.values()
    found = [
        each["id"] for each in held
        if each["status"] != "cancelled" and bool(each.get("recurrence")) is serial and "recurringEventId" not in each
        and each["id"] not in life.spoilt
    ]  # fmt: skip
    return str(life.chance.choice(found)) if found else ""


def event_is_made(life: Life) -> object:
    guests = [life.people()] if life.chance.random() < 0.5 else []
    return life.home.person.calendar.put(acts.event(life.ahead(), guests, me=life.home.address))


def event_moves(life: Life) -> object:
    found, start = _some_event(life, serial=False), life.ahead()
    if found:
        life.home.person.calendar.move(found, start, start + timedelta(minutes=45))
    return found


def event_goes(life: Life) -> object:
    found = _some_event(life, serial=life.chance.random() < 0.3)
    if found:
        life.home.person.calendar.remove(found)
    return found


def series_is_made(life: Life) -> object:
    every = life.chance.choice(("DAILY", "WEEKLY"))
    return life.home.person.calendar.put(acts.series(life.ahead(), times=life.chance.randint(2, 8), every=every))


def series_changes(life: Life) -> object:
    found = _some_event(life, serial=True)
    if found:
        rule = f"RRULE:FREQ=DAILY;COUNT={life.chance.randint(2, 8)}"
        life.home.person.calendar.put({"id": found, "recurrence": [rule]})
    return found


def occurrence_moves(life: Life) -> object:
    found, calendar, start = _some_event(life, serial=True), life.home.person.calendar, life.ahead()
    which = acts.occurrence(calendar, found, life.chance.randrange(2)) if found else ""
    if which and calendar.events.get(which, {}).get("status") != "cancelled":
        calendar.move(which, start, start + timedelta(minutes=30))
    return which


def occurrence_goes(life: Life) -> object:
    found, calendar = _some_event(life, serial=True), life.home.person.calendar
    which = acts.occurrence(calendar, found, life.chance.randrange(2)) if found else ""
    if which:
        calendar.remove(which)
    return which


def spoilt_event_is_made(life: Life) -> object:
    if len(life.spoilt) < 2:
        life.spoilt.append(life.home.person.calendar.put(acts.spoilt_event(life.ahead())))
    return True


def calendar_tokens_die(life: Life) -> object:
    life.chance.choice(list(life.home.person.calendars.values())).forget_tokens()
    return True


# --- people


def card_is_made(life: Life) -> object:
    number = life.home.town.number()
    return life.home.person.contacts.put(acts.person(f"Person {number}", f"p{number}@example.com"))


def card_changes(life: Life) -> object:
    found = [each["resourceName"] for each in life.home.person.contacts.living()]
    if found:
        number = life.home.town.number()
        told = acts.person(f"Person {number}", f"p{number}@example.com", f"q{number}@example.com")
        life.home.person.contacts.put(told | {"resourceName": life.chance.choice(found)})
    return found


def card_goes(life: Life) -> object:
    found = [each["resourceName"] for each in life.home.person.contacts.living()]
    if found:
        life.home.person.contacts.remove(life.chance.choice(found))
    return found


def other_is_noted(life: Life) -> object:
    number = life.home.town.number()
    return life.home.person.other_contacts.put(acts.person(f"Other {number}", f"o{number}@example.com"))


def people_tokens_die(life: Life) -> object:
    life.chance.choice((life.home.person.contacts, life.home.person.other_contacts)).forget_tokens()
    return True


# --- what is ours


def ours_is_moved(life: Life) -> object:
    """To a minute that we would never choose."""
    there = sorted(starts(life.home.person))
    if there:
        found = life.chance.choice(there)
        start = life.ahead() + timedelta(minutes=7)
        _calendar_with(life, found).move(found, start, start + timedelta(minutes=15))
        life.moved[found] = start
    return there


def ours_is_deleted(life: Life) -> object:
    there = sorted(starts(life.home.person))
    if there:
        found = life.chance.choice(there)
        _calendar_with(life, found).remove(found)
        life.deleted.add(found)
    return there


def _calendar_with(life: Life, event_id: str) -> Calendar:
    return next(each for each in life.ours() if event_id in each.events)


def token_dies(life: Life) -> object:
    held = life.home.town.grants.access
    for text in [text for text, one in held.items() if one.sub == life.home.person.sub]:
        del held[text]
    return True


# --- what we are told, and time


def pushes_arrive(life: Life) -> object:
    """Some of what waits, in order or not, once or twice; what is left comes late."""
    queue = life.home.town.pushes
    if not queue.waiting:
        return False
    some = life.chance.randint(1, len(queue.waiting))
    order = life.chance.choice((None, life.chance.randrange(1000)))
    queue.deliver(some, doubled=life.chance.random() < 0.3, shuffled=order)
    life.door.settled()
    return True


def pushes_are_dropped(life: Life) -> object:
    queue = life.home.town.pushes
    lost, queue.waiting = len(queue.waiting), []
    return lost


def forged_push_comes(life: Life) -> object:
    town = life.home.town
    headers, body = town.pushes.forged(life.chance.choice(FORGERIES), life.home.person)
    status = town.pushes.send(headers, body, address=f"{PUBLIC}/webhooks/google/gmail")
    assert status in {401, 429, 503}, status
    return True


def time_passes(life: Life) -> object:
    """Every third sweep also prepares the owner: that takes most of the time, and each minute says the same."""
    life.home.moment += timedelta(minutes=life.chance.randint(1, 30))
    life.home.sweeps(prepare=life.chance.random() < 1 / 3)
    return True


def worker_dies(life: Life) -> object:
    """In the middle of what a sweep set off; its leases run out."""
    left = [life.chance.randint(1, 60)]

    def stop(_: str) -> None:
        left[0] -= 1
        if not left[0]:
            raise Crash

    try:
        life.home.moment += timedelta(minutes=life.chance.randint(1, 10))
        with stepped(life.home.runtime, life.home.town, stop) as runtime:
            life.home.sweeps(runtime)
    except Crash:
        return True
    return False


ACTS: dict[str, Act] = {
    each.__name__: each
    for each in (
        mail_comes, mail_is_sent, mail_goes_away, mail_comes_back, mail_is_deleted, history_is_forgotten,
        event_is_made, event_moves, event_goes, series_is_made, series_changes, occurrence_moves, occurrence_goes,
        spoilt_event_is_made, calendar_tokens_die, card_is_made, card_changes, card_goes, other_is_noted,
        people_tokens_die, ours_is_moved, ours_is_deleted, token_dies, pushes_arrive, pushes_are_dropped,
        forged_push_comes, time_passes, worker_dies,
    )
}  # fmt: skip
STEPS = dict.fromkeys(ACTS, 2) | {
    "mail_comes": 6, "mail_is_sent": 3, "event_is_made": 5, "event_moves": 3, "series_is_made": 2, "time_passes": 9,
    "pushes_arrive": 5, "history_is_forgotten": 1, "spoilt_event_is_made": 1, "calendar_tokens_die": 1,
    "people_tokens_die": 1, "ours_is_moved": 2, "ours_is_deleted": 1, "token_dies": 1, "worker_dies": 2,
}  # fmt: skip
