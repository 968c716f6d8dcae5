"""An event that stands in several calendars is there as long as one of them holds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from keepwarm.store import Store, accounts, items
from keepwarm.store.accounts import Lease
from keepwarm.store.tables import event, holding
from keepwarm.types import CalendarEvent, Page, Place, StreamKind
from tests import make
from tests.make import NOW

OWN, TEAM = "/own/", "/team/"
TALK = make.event(["Ann <ann@example.com>"], uid="u1@example.org", resource_ref=f"{OWN}u1.ics")


@dataclass
class Two:
    """Two calendars of one account, and what they tell."""

    store: Store
    me: str
    account: str
    leases: dict[str, Lease]

    def tells(self, where: str, *events: CalendarEvent, gone: bool = False, everything: bool = False) -> None:
        """``gone``: the talk was removed there; ``everything``: these are all that there is."""
        here = tuple(replace(each, resource_ref=f"{where}u1.ics") for each in events)
        whole = (f"{where}u1.ics",) if here or gone else ()
        names = frozenset(each.resource_ref for each in here) if everything else None
        page = Page(items=here, whole=whole, everything=names, cursor="c", last=True)
        with self.store.transaction(self.me) as tx:
            items.keep_page(tx, self.leases[where], page, NOW)

    @property
    def stands(self) -> bool:
        with self.store.engine.connect() as line:
            (at,) = line.execute(select(event.c.gone_at)).scalars()
        return at is None

    def held(self) -> int:
        with self.store.engine.connect() as line:
            return len(line.execute(select(holding)).all())

    def keeps_only(self, where: str) -> None:
        """The owner lets the other calendar go."""
        place = Place(ref=where, name=where, kind=StreamKind.CALENDAR)
        with self.store.transaction(self.me) as tx:
            accounts.set_places(tx, self.account, [place], NOW)


@pytest.fixture
def two(store: Store) -> Two:
    me = make.owner(store, "robin@example.org")
    with store.transaction(me) as tx:
        account = accounts.ensure_account(tx, provider="open", name="x", settings={}, now=NOW).id
    leases = {}
    for where in (OWN, TEAM):
        with store.transaction(me) as tx:
            made = accounts.create_stream(tx, account_id=account, kind=StreamKind.CALENDAR, place_ref=where, now=NOW)
        with store.system() as tx:
            lease = accounts.lease_stream(tx, made.id, NOW)
        assert lease is not None
        leases[where] = lease
    return Two(store=store, me=me, account=account, leases=leases)


CHANGED = replace(TALK, title="Moved to the garden")
WAYS: dict[str, Callable[[Two, str], None]] = {
    "removed": lambda two, where: two.tells(where, gone=True),
    "not among all that there is": lambda two, where: two.tells(where, everything=True),
    "calendar let go": lambda two, where: two.keeps_only(TEAM if where == OWN else OWN),
}


@pytest.mark.parametrize("second", [TALK, CHANGED], ids=["the same", "another version"])
@pytest.mark.parametrize("where", [OWN, TEAM])
@pytest.mark.parametrize("how", list(WAYS))
def test_it_is_gone_once_the_last_calendar_lost_it(two: Two, how: str, where: str, second: CalendarEvent) -> None:
    two.tells(OWN, TALK)
    two.tells(TEAM, second)
    WAYS[how](two, where)
    assert two.stands
    assert two.held() == 0
    other = TEAM if where == OWN else OWN
    two.tells(other, gone=True)
    assert not two.stands


def test_told_again_and_again_it_is_held_once_by_each(two: Two) -> None:
    for version in (TALK, CHANGED, TALK):
        two.tells(OWN, version)
        two.tells(TEAM, version)
    assert two.held() == 1
    two.tells(OWN, TALK)
    two.tells(OWN, gone=True)
    two.tells(TEAM, gone=True)
    assert not two.stands


def test_a_calendar_that_is_no_more_holds_nothing(two: Two) -> None:
    """Talks of before stay in the row's name; who tells of one anew is its only holder."""
    past = replace(TALK, start_at=NOW - timedelta(days=3), end_at=NOW - timedelta(days=3, hours=-1))
    two.tells(OWN, past)
    two.keeps_only(TEAM)
    two.tells(TEAM, past)
    assert two.held() == 0
    two.tells(TEAM, gone=True)
    assert not two.stands
