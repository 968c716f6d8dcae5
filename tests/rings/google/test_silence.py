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
from tests.emulators.google import Google
from tests.emulators.google.channels import Channel
from tests.rings.conftest import Ring
from tests.rings.google import acts
from tests.rings.google.home import Door, Home, MakeHome
from workers import subscriptions

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800), pytest.mark.usefixtures("quick")]

ANN = "Ann Example <ann@example.com>"
LONGEST = {"mail": timedelta(minutes=5), "event": timedelta(minutes=15), "card": timedelta(minutes=15)}
FAILS = 0.3
WATCH, CHANNEL, STOP = "gmail.users.watch", "calendar.events.watch", "calendar.channels.stop"
QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that happened and is not known to us yet."""

    kind: str
    key: str
    at: datetime


def happens(home: Home, chance: Random, number: int) -> Change:
    kind = chance.choice(list(LONGEST))
    made: dict[str, Callable[[], str]] = {
        "mail": lambda: acts.receives(home, ANN, number),
        "event": lambda: home.person.calendar.put(acts.event(home.moment + timedelta(days=3, minutes=number))),
        "card": lambda: home.person.contacts.put(acts.person(f"Person {number}", f"p{number}@example.com")),
    }
    return Change(kind=kind, key=made[kind](), at=home.moment)


def known(home: Home, change: Change) -> bool:
    """Whether it is in the store: a mail by its moment, an event by its uid, a card by its name at Google."""
    wanted = {
        "mail": select(message.c.id).where(message.c.at == change.at.replace(microsecond=0)),
        "event": select(event.c.id).where(event.c.uid == f"{change.key}@google.com"),
        "card": select(card.c.id).where(card.c.ref == change.key),
    }
    with home.store.engine.connect() as line:
        return line.execute(wanted[change.kind]).first() is not None


def test_without_a_single_push_every_change_is_found_in_time(make_home: MakeHome, ring: Ring) -> None:
    """A sweep each minute; changes come at any second between."""
    home, chance = make_home(), ring.chance("changes")
    home.drain()
    waits, slowest, number = list[Change](), dict.fromkeys(LONGEST, timedelta(0)), 0
    for _ in range(ring.size(24, 3) * 60):
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
    assert number > 20


# --- orders that stand


def failing(town: Google, chance: Random) -> int:
    """Which of the next calls fail; how many."""
    ways = ("503", "cut", "429", "applied-then-cut")
    wrong = [method for method in (WATCH, CHANNEL, STOP) if chance.random() < FAILS]
    for each in wrong:
        town.faults.add(each, chance.choice(ways))
    return len(wrong)


def accepted(home: Home, kept: list[Standing], channel: Channel) -> bool:
    """Whether a message of this channel would be believed, and lead somewhere."""
    good = channel.token == home.runtime.push_secret(channel.id) and channel.until > home.moment
    return good and any((each.id, each.remote_ref) == (channel.id, channel.resource) for each in kept)


def test_with_a_third_of_renewals_failing_there_is_always_an_order_that_stands(make_home: MakeHome, ring: Ring) -> None:
    """Looked at each quarter, real messages sent each day."""
    home, chance, days = make_home(), ring.chance("renewals"), ring.size(60, 12)
    home.drain()
    door, failed, most, gaps = Door(home), 0, 0, 0
    for number in range(days * 96):
        home.moment += QUARTER
        home.town.faults.clear()
        due = _due(home)
        failed += failing(home.town, chance) if due else 0
        for each in due:
            subscriptions.renew(home.runtime, each)
        with home.store.reading(home.owner_id) as tx:
            kept = accounts.subscriptions(tx)
        watching, open_ = (
            home.person.watching,
            [each for each in home.town.channels.values() if each.until > home.moment],
        )
        lives = watching is not None and watching.until > home.moment
        mail = any(each.remote_ref == home.address and each.expires_at > home.moment for each in kept)
        gaps += not (lives and mail and any(accepted(home, kept, each) for each in open_))
        most = max(most, len(open_))
        if number % 96 == 0:
            assert hears(home, door) == {"mail", "calendar"}
    home.town.faults.clear()
    for _ in range(8):
        home.moment += QUARTER
        for each in _due(home):
            subscriptions.renew(home.runtime, each)
    ours = [each for each in home.town.channels.values() if each.until > home.moment]
    with home.store.reading(home.owner_id) as tx:
        kept = accounts.subscriptions(tx)
    ring.record(days=days, failed=failed, most_channels_at_once=most, gaps=gaps, left_open=len(ours))
    assert (gaps, failed > days // 3) == (0, True)
    assert sorted(each.id for each in kept if "@" not in each.remote_ref) == [
        each.id for each in ours if accepted(home, kept, each)
    ]
    assert len(kept) == 2


def _due(home: Home) -> list[str]:
    with home.store.system(write=False) as tx:
        return accounts.without_notices(tx, ("google",), home.moment)


def hears(home: Home, door: Door) -> set[str]:
    """The kinds of streams that a mail and an event set off, through our receiver."""
    quiet(home)
    home.town.pushes.waiting.clear()
    acts.receives(home, ANN, home.town.number())
    home.person.calendar.put(acts.event(home.moment + timedelta(days=2)))
    for each in home.town.pushes.waiting:
        door.post("", each.address, *each.parts())
    door.settled()
    return {str(each.stream.kind) for each in home.streams() if each.stale_since is not None}


def quiet(home: Home) -> None:
    """No stream waits, as after a look at all of them."""
    with home.store.engine.begin() as line:
        line.execute(update(stream).values(stale_since=None))
