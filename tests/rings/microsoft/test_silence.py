"""R7: where every push is lost all is found by looking; where renewals fail there is always an order that stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import select, update

from keepwarm.store import accounts
from keepwarm.store.accounts import Standing
from keepwarm.store.tables import card, event, message, stream
from tests.emulators.microsoft import Microsoft
from tests.emulators.microsoft.subscriptions import Subscription
from tests.rings.conftest import Ring
from tests.rings.consent.work import ANN
from tests.rings.microsoft import acts
from tests.rings.microsoft.history import rules
from tests.rings.microsoft.home import LIFECYCLE, Door, Home, MakeHome
from workers import subscriptions

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600), pytest.mark.usefixtures("quick")]

LONGEST = {"mail": timedelta(minutes=5), "event": timedelta(minutes=15), "card": timedelta(minutes=15)}
FAILS = 0.3
MAKE, RENEW, END = "POST /subscriptions", "PATCH /subscriptions/{id}", "DELETE /subscriptions/{id}"
WAYS = ("500", "503", "cut", "429", "applied-then-cut", "applied-then-504")
QUARTER = timedelta(minutes=15)
LIFE = timedelta(minutes=4200)  # of what nobody knows of: it runs out by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that happened and is not known to us yet."""

    kind: str
    key: str
    at: datetime


def happens(home: Home, chance: Random, number: int) -> Change:
    kind, person = chance.choice(list(LONGEST)), home.person
    made: dict[str, Callable[[], str]] = {
        "mail": lambda: acts.receives(home, ANN, number),
        "event": lambda: person.calendar.put(acts.event(home.moment + timedelta(days=3, minutes=number))),
        "card": lambda: person.contacts.put(acts.person(f"Person {number}", f"p{number}@example.com")),
    }
    key = made[kind]()
    if kind == "event":
        key = person.calendar.find(person.key(key))["iCalUId"]
    return Change(kind=kind, key=key, at=home.moment)


def known(home: Home, change: Change) -> bool:
    """Whether it is in the store: a mail by its moment, an event by its uid, a card by its name at Microsoft."""
    wanted = {
        "mail": select(message.c.id).where(message.c.at == change.at.replace(microsecond=0)),
        "event": select(event.c.id).where(event.c.uid == change.key),
        "card": select(card.c.id).where(card.c.ref == change.key),
    }
    with home.store.engine.connect() as line:
        return line.execute(wanted[change.kind]).first() is not None


def test_without_a_single_push_every_change_is_found_in_time(make_home: MakeHome, ring: Ring) -> None:
    """A sweep each minute; changes come at any second between."""
    home, chance = make_home(), ring.chance("changes")
    home.drain()
    waits, slowest, number = list[Change](), dict.fromkeys(LONGEST, timedelta(0)), 0
    for _ in range(ring.size(24, 2) * 60):
        minute = home.moment
        if chance.random() < 0.3:
            number += 1
            home.moment += timedelta(seconds=chance.randint(1, 58))
            waits.append(happens(home, chance, number))
        home.town.pushes.waiting.clear()
        home.at(minute + timedelta(minutes=1)).sweeps(prepare=False)
        for each in [each for each in waits if known(home, each)]:
            waits.remove(each)
            slowest[each.kind] = max(slowest[each.kind], home.moment - each.at)
        late = [each for each in waits if home.moment - each.at > LONGEST[each.kind]]
        assert late == []
    ring.record(changes=number, **{f"slowest_{kind}_s": int(each.total_seconds()) for kind, each in slowest.items()})
    assert all(slowest[each] <= LONGEST[each] for each in LONGEST)
    assert number > 15
    assert list(rules(home.town, home.person)) == []


# --- orders that stand


def failing(town: Microsoft, chance: Random) -> int:
    """Which of the next calls fail; how many."""
    wrong = [method for method in (MAKE, RENEW, END) if chance.random() < FAILS]
    for each in wrong:
        town.faults.add(each, chance.choice(WAYS), None)
    return len(wrong)


def accepted(home: Home, kept: list[Standing], one: Subscription) -> bool:
    """Whether a notice of it would be believed, and lead somewhere."""
    name = (one.state or "").partition(".")[0]
    good = one.state == home.runtime.push_secret(name) and one.until > home.moment
    return good and any((each.id, each.remote_ref) == (name, one.id) for each in kept)


def heard(home: Home) -> set[str]:
    """The streams that a notice would reach now."""
    living = home.town.living().values()
    kept = standing(home)
    fit = {one.id for one in living if one.lifecycle_url == LIFECYCLE and accepted(home, kept, one)}
    return {each.stream_id for each in kept if each.remote_ref in fit and each.expires_at > home.moment}


def standing(home: Home) -> list[Standing]:
    with home.store.reading(home.owner_id) as tx:
        return list(accounts.subscriptions(tx))


def due(home: Home) -> list[str]:
    with home.store.system(write=False) as tx:
        return list(accounts.without_notices(tx, ("microsoft",), home.moment))


def renewed(home: Home) -> None:
    for each in due(home):
        subscriptions.renew(home.runtime, each)


def test_with_a_third_of_renewals_failing_there_is_always_an_order_that_stands(make_home: MakeHome, ring: Ring) -> None:
    """Looked at each quarter, real notices sent each day; in the end nothing is left that is not ours."""
    home, chance, days = make_home(), ring.chance("renewals"), ring.size(60, 12)
    for how in WAYS:
        home.town.faults.add(MAKE, how)  # some were made, and we never heard their names
    for _ in range(8):
        home.later(minutes=16).drain()
    door, failed, most, gaps = Door(home), 0, 0, 0
    streams = {each.stream.id for each in home.streams() if each.notices == "push"}
    assert len(streams) == 4  # two folders, the main calendar, the address book
    for number in range(days * 96):
        home.moment += QUARTER
        home.town.faults.clear()
        failed += failing(home.town, chance) if due(home) else 0
        renewed(home)
        gaps += not streams <= heard(home)
        most = max(most, len(home.town.living()))
        if number % 96 == 0:
            assert hears(home, door) == {"mail", "calendar", "contacts"}
    home.town.faults.clear()
    for _ in range(int(LIFE / QUARTER) + 8):
        home.moment += QUARTER
        renewed(home)
    ring.record(days=days, failed=failed, most_at_once=most, gaps=gaps, left_open=len(home.town.living()))
    assert (gaps, failed > days // 3) == (0, True)
    assert sorted(home.town.living()) == sorted(each.remote_ref for each in standing(home))
    assert len(home.town.living()) == len(streams)
    assert {each.problem for each in home.town.handshakes} == {""}


def hears(home: Home, door: Door) -> set[str]:
    """The kinds of streams that a mail, an event and a card set off, through our receiver."""
    quiet(home)
    home.town.pushes.waiting.clear()
    acts.receives(home, ANN, home.town.number())
    home.person.calendar.put(acts.event(home.moment + timedelta(days=2)))
    home.person.contacts.put(acts.person("Somebody", "somebody@example.com"))
    for each in home.town.pushes.waiting:
        door.post("", each.address, *each.parts())
    door.settled()
    return {str(each.stream.kind) for each in home.streams() if each.stale_since is not None}


def quiet(home: Home) -> None:
    """No stream waits, as after a look at all of them."""
    with home.store.engine.begin() as line:
        line.execute(update(stream).values(stale_since=None))
