"""What happens in a random life, one function a step: what people do in their Outlook, what we are told, time, deaths.

Each returns something true where it could be done. Called by `life`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.emulators.microsoft.deltas import HOW
from tests.emulators.microsoft.forged import FORGERIES
from tests.emulators.microsoft.mailbox import Mail
from tests.emulators.microsoft.person import KINDS
from tests.emulators.microsoft.pushes import EVENTS
from tests.rings.consent.wires import stepped
from tests.rings.microsoft import acts
from tests.rings.microsoft.history import starts
from tests.rings.microsoft.home import ADDRESS, LIFECYCLE
from tests.rings.microsoft.test_crash import calendar_with
from tests.workers.conftest import Crash

if TYPE_CHECKING:
    from tests.rings.microsoft.life import Life

Act = Callable[["Life"], object]  # true where it could be done
READ = ("inbox", "sentitems")


# --- mail


def mail_comes(life: Life) -> object:
    life.mails += 1
    folder = life.chance.choice(("inbox", "inbox", "inbox", "junkemail"))
    return acts.receives(life.home, life.people(), life.mails, folder=folder)


def mail_is_sent(life: Life) -> object:
    life.mails += 1
    return acts.sends(life.home, life.people(), life.mails)


def _some_mail(life: Life, *, read: bool | None = None) -> str:
    """One that is none of ours; ``read``: in a folder that we read, or in another."""
    person = life.home.person
    names = {key: each.known in READ for key, each in person.mailbox.folders.items()}
    fits: Callable[[Mail], bool] = lambda each: read in {None, names[each.folder]} and not each.header("x-keepwarm")  # noqa: E731
    found = [person.mail_id(each) for each in person.mails if fits(each)]
    return str(life.chance.choice(found)) if found else ""


def mail_goes_away(life: Life) -> object:
    mail = _some_mail(life, read=True)
    if mail:
        life.home.person.moves(mail, life.chance.choice(("deleteditems", "junkemail", "archive")))
    return mail


def mail_comes_back(life: Life) -> object:
    """To where it was, which says whether it was sent."""
    mail, person = _some_mail(life, read=False), life.home.person
    if mail:
        own = life.home.address in person.mailbox.mails[person.key(mail)].addresses("from")
        person.moves(mail, "sentitems" if own else "inbox")
    return mail


def mail_is_read(life: Life) -> object:
    mail = _some_mail(life)
    if mail:
        life.home.person.reads(mail)
    return mail


def mail_is_deleted(life: Life) -> object:
    mail = _some_mail(life)
    if mail:
        life.home.deletes(mail)
    return mail


def links_die(life: Life) -> object:
    """410 with and without a place to start from, and every 40x that means the same."""
    life.home.person.forget_delta(life.chance.choice((*KINDS, "*")), life.chance.choice(list(HOW)))
    return True


# --- the calendar


def _some_event(life: Life, kind: str) -> str:
    held = life.home.person.calendar.events
    found = [life.home.person.ids.given(each["_key"]) for each in held if each["type"] == kind]
    found = [each for each in found if each not in life.spoilt]
    return str(life.chance.choice(found)) if found else ""


def event_is_made(life: Life) -> object:
    guests = [life.people()] if life.chance.random() < 0.5 else []
    return life.home.person.calendar.put(acts.event(life.ahead(), guests, me=life.home.address))


def event_moves(life: Life) -> object:
    found, start = _some_event(life, "singleInstance"), life.ahead()
    if found:
        life.home.person.calendar.move(found, start, start + timedelta(minutes=45))
    return found


def event_is_cancelled(life: Life) -> object:
    """And taken out of the calendar in the same moment, as Outlook does for its owner."""
    found = _some_event(life, "singleInstance")
    if found:
        life.home.person.calendar.put({"id": found, "isCancelled": True})
        life.home.person.calendar.remove(found)
    return found


def event_goes(life: Life) -> object:
    found = _some_event(life, life.chance.choice(("singleInstance", "singleInstance", "seriesMaster")))
    if found:
        life.home.person.calendar.remove(found)
    return found


def series_is_made(life: Life) -> object:
    every, times = life.chance.choice(("daily", "weekly")), life.chance.randint(2, 8)
    return life.home.person.calendar.put(acts.series(life.ahead(), times=times, every=every))


def series_changes(life: Life) -> object:
    """As many days as now, or fewer or more."""
    found, person = _some_event(life, "seriesMaster"), life.home.person
    if found:
        held = person.calendar.find(person.key(found))["recurrence"]
        bounds = held["range"] | {"numberOfOccurrences": life.chance.randint(2, 8)}
        person.calendar.put({"id": found, "recurrence": held | {"range": bounds}})
        acts.unless_empty(person.calendar, person, found)
    return found


def _some_occurrence(life: Life) -> str:
    found, person = _some_event(life, "seriesMaster"), life.home.person
    if not found:
        return ""
    every = person.calendar.find(person.key(found))["recurrence"]["pattern"]["type"]
    return acts.occurrence(person.calendar, person, found, life.chance.randrange(2), every=every)


def occurrence_moves(life: Life) -> object:
    which, start = _some_occurrence(life), life.ahead()
    if which:
        life.home.person.calendar.move(which, start, start + timedelta(minutes=30))
    return which


def occurrence_goes(life: Life) -> object:
    which, person = _some_occurrence(life), life.home.person
    if which:
        acts.drops(person.calendar, person, which)
    return which


def spoilt_event_is_made(life: Life) -> object:
    if len(life.spoilt) < 2:
        life.spoilt.append(life.home.person.calendar.put(acts.spoilt_event(life.ahead())))
    return True


# --- people


def card_is_made(life: Life) -> object:
    number = life.home.town.number()
    return life.home.person.contacts.put(acts.person(f"Person {number}", f"p{number}@example.com"))


def _some_card(life: Life) -> str:
    found = list(life.home.person.contacts.people)
    return str(life.home.person.ids.given(life.chance.choice(found))) if found else ""


def card_changes(life: Life) -> object:
    found, number = _some_card(life), life.home.town.number()
    if found:
        told = acts.person(f"Person {number}", f"p{number}@example.com", f"q{number}@example.com")
        life.home.person.contacts.put(told | {"id": found})
    return found


def card_goes(life: Life) -> object:
    found = _some_card(life)
    if found:
        life.home.person.contacts.remove(found)
    return found


# --- what is ours


def ours_is_moved(life: Life) -> object:
    """To a minute that we would never choose."""
    there = sorted(starts(life.home.person))
    if there:
        found = life.chance.choice(there)
        start = life.ahead() + timedelta(minutes=7)
        calendar_with(life.home, found).move(found, start, start + timedelta(minutes=15))
        life.moved[found] = start
    return there


def ours_is_deleted(life: Life) -> object:
    there = sorted(starts(life.home.person))
    if there:
        found = life.chance.choice(there)
        calendar_with(life.home, found).remove(found)
        life.deleted.add(found)
    return there


def token_dies(life: Life) -> object:
    held = life.home.town.grants.access
    for text in [text for text, one in held.items() if one.oid == life.home.person.oid]:
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


def lifecycle_event_comes(life: Life) -> object:
    """Any of the three; the one that says it is removed removes it."""
    living = sorted(life.home.town.living())
    if living:
        life.home.town.lifecycle(life.chance.choice(living), life.chance.choice(EVENTS))
    return living


def forged_push_comes(life: Life) -> object:
    town, kind = life.home.town, life.chance.choice([each for each in FORGERIES if each != "mixed"])
    if not town.subscriptions:
        return False
    event = life.chance.choice(("", *EVENTS))
    headers, body = town.pushes.forged(kind, life.home.person, lifecycle=event)
    status = town.pushes.send(headers, body, address=LIFECYCLE if event else ADDRESS)
    strange = {204} if kind in {"other-state", "unknown-subscription"} else set[int]()  # a true secret of ours
    assert status in {401, 413, 429, 503} | strange, (kind, status)
    return True


def time_passes(life: Life) -> object:
    """Every third sweep also prepares the owner: that takes most of the time, and each minute says the same."""
    life.home.moment += timedelta(minutes=life.chance.randint(1, 30))
    life.home.sweeps(prepare=life.chance.random() < 1 / 3)
    return True


def days_pass(life: Life) -> object:
    """Subscriptions are due, and windows move."""
    life.home.moment += timedelta(days=life.chance.randint(1, 4))
    life.home.sweeps(prepare=False)
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
        with stepped(life.home.side, life.home.runtime, life.home.town, stop) as runtime:
            life.home.sweeps(runtime)
    except Crash:
        return True
    return False


ACTS: dict[str, Act] = {
    each.__name__: each
    for each in (
        mail_comes, mail_is_sent, mail_goes_away, mail_comes_back, mail_is_read, mail_is_deleted, links_die,
        event_is_made, event_moves, event_is_cancelled, event_goes, series_is_made, series_changes, occurrence_moves,
        occurrence_goes, spoilt_event_is_made, card_is_made, card_changes, card_goes, ours_is_moved, ours_is_deleted,
        token_dies, pushes_arrive, pushes_are_dropped, lifecycle_event_comes, forged_push_comes, time_passes,
        days_pass, worker_dies,
    )
}  # fmt: skip
STEPS = dict.fromkeys(ACTS, 2) | {
    "mail_comes": 6, "mail_is_sent": 3, "mail_is_read": 1, "event_is_made": 5, "event_moves": 3,
    "event_is_cancelled": 1, "time_passes": 9, "days_pass": 1, "pushes_arrive": 5, "links_die": 2,
    "spoilt_event_is_made": 1, "ours_is_deleted": 1, "token_dies": 1,
}  # fmt: skip
