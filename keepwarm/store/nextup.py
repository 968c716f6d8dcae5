"""Whom the planner of follow-ups has to look at: not everybody, for few find room. Called by `outlook`.

Read are those who have a follow-up, so that it is taken away where its reason is gone, and of those who wait the first
in the planner's own order, as many as can find room (`keepwarm.followups.enough`). The plan is the one that everybody
would give (docs/decisions/0021).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import chain

from keepwarm.followups import Due, Existing, end_of, enough, turn, waits
from keepwarm.followups.values import LIVE
from keepwarm.store.database import Tx
from keepwarm.store.lateness import Key, by_date, by_lateness, from_the_top
from keepwarm.store.people import ContactRow
from keepwarm.store.tables import microseconds
from keepwarm.store.world import World, meet

DueOf = Callable[[Iterable[ContactRow]], Iterable[Due]]


def next_up(tx: Tx, at_now: World, existing: Sequence[Existing], due_of: DueOf) -> list[Due]:
    """Of those whom ``due_of`` finds due the ones that matter for a plan, and some more; each once, in no order."""
    held: dict[str, list[Existing]] = {}
    for one in existing:
        held.setdefault(one.contact_id, []).append(one)
    followed = {one.contact_id for one in existing if one.state in LIVE}
    found = {each.contact_id: each for each in _met(at_now, followed, due_of)}
    wanted = enough(at_now.pace)
    for each in chain(_late(tx, at_now, due_of), _ahead(tx, at_now, due_of)) if wanted else ():
        found[each.contact_id] = each
        wanted -= waits(each, held.get(each.contact_id, ()))
        if wanted == 0:
            break
    return list(found.values())


def _met(at_now: World, ids: Collection[str], due_of: DueOf) -> Iterable[Due]:
    meet(at_now, ids)
    return due_of(at_now.people[each] for each in ids if each in at_now.people)


def _late(tx: Tx, at_now: World, due_of: DueOf) -> Iterator[Due]:
    """Those whose time has come, by their turn."""

    def judge(ids: Collection[str]) -> Iterator[tuple[Key, Due]]:
        found = _met(at_now, ids, due_of)
        return ((turn(each, at_now.now), each) for each in found if each.due_at <= at_now.now)

    # lateness counts from the last touch, a turn from when they were due: one rhythm less
    return from_the_top(((ids, (0, 1 - most)) for ids, most in by_lateness(tx, at_now)), judge)


def _ahead(tx: Tx, at_now: World, due_of: DueOf) -> Iterator[Due]:
    """Those whose time comes within the weeks that are planned, by their turn."""
    begin, end = microseconds(at_now.now), end_of(at_now.pace, at_now.now)

    def judge(ids: Collection[str]) -> Iterator[tuple[Key, Due]]:
        found = _met(at_now, ids, due_of)
        return ((turn(each, at_now.now), each) for each in found if at_now.now < each.due_at <= end)

    return from_the_top(((ids, (1, first - begin)) for ids, first in by_date(tx, at_now, end)), judge)
