"""Whom the owner might add to a plan, without reading everybody. Called through `planning`.

The reasons and their order are `keepwarm.plan.proposals`; the query only puts people into the order that these come to,
and as many are read as it takes to have the best. Somebody whose warmth only SQL believes in falls out again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import ColumnElement, Subquery, Text, and_, case, cast, false, or_, select

from keepwarm.contacts import organisation_key
from keepwarm.plan import HELP, MOST, REASONS, Candidate, Proposed, in_field, proposals
from keepwarm.store.counted import holds, uncounted
from keepwarm.store.database import Tx
from keepwarm.store.evident import listed, may_be
from keepwarm.store.people import ContactRow
from keepwarm.store.plans import known_ids
from keepwarm.store.profiles import targets
from keepwarm.store.rows import Row, all_rows, mine
from keepwarm.store.tables import contact, listing
from keepwarm.store.world import World, meet
from keepwarm.talks import is_employer

WEIGHT = 3  # ours: a talk ties as much as three mails answered
PORTION = 4 * MOST  # people read at a time


def proposed(tx: Tx, at_now: World) -> list[Proposed]:
    """Whom the owner might add to a plan, with the reason: nobody who is in one, passed over or left in peace."""
    known, wanted = known_ids(tx), [each.name for each in targets(tx)]
    apart = {each for each in uncounted(tx, at_now.now) if each not in known}
    ranked, number = _ranked(tx, at_now, wanted), PORTION
    while True:
        ordered, more = _first(tx, ranked, number)
        ids = [*(each for each in ordered if each not in known), *sorted(apart)]
        meet(at_now, ids)
        rows = [row for each in ids if (row := at_now.people.get(each)) and not _left_in_peace(at_now, row)]
        found = proposals([_candidate(row) for row in rows], at_now.profile, wanted, at_now.texts)
        if not more or sum(each.contact_id not in apart for each in found) >= MOST:
            return found
        number *= 4


def _left_in_peace(at_now: World, row: ContactRow) -> bool:
    return row.private or bool(row.paused_until and row.paused_until > at_now.today)


def _candidate(row: ContactRow) -> Candidate:
    return Candidate(
        contact_id=row.id,
        name=row.name,
        circle=row.circle,
        role=row.role,
        organisation=row.organisation,
        organisation_kind=row.organisation_kind,
        interesting=row.interesting,
        help=tuple(row.can_help),
        strength=min(row.sent, row.received) + WEIGHT * row.meetings,
    )


def _ranked(tx: Tx, at_now: World, wanted: Sequence[str]) -> Subquery:
    """Those whose counts hold, with a reason there may be: its place among REASONS, and how much goes both ways."""
    rank = _rank(tx, at_now, wanted)
    here = (mine(tx, contact), contact.c.state == "active", contact.c.private.is_(False))
    return (
        select(contact.c.id, contact.c.name, rank.label("rank"), _strength().label("strength"))
        .select_from(listed())
        .where(*here, holds(at_now.now), rank.is_not(None))
        .subquery()
    )


def _first(tx: Tx, ranked: Subquery, number: int) -> tuple[list[str], bool]:
    """Ids with the best reasons and most contact first, so many and all that equal the last; whether there are more."""
    order = (ranked.c.rank, ranked.c.strength.desc())
    found = all_rows(tx, select(ranked).order_by(*order).limit(2 * number))
    more = len(found) >= number
    if more:
        last = _place(found[number - 1])
        if len(found) == 2 * number and _place(found[-1]) == last:  # too many equal ones to have come along
            rank, strength = ranked.c.rank, ranked.c.strength
            equal = and_(rank == found[-1]["rank"], strength == found[-1]["strength"])
            found = [*(row for row in found if _place(row) < last), *all_rows(tx, select(ranked).where(equal))]
        found = [row for row in found if _place(row) <= last]
    return [row["id"] for row in sorted(found, key=lambda row: (*_place(row), row["name"].casefold(), row["id"]))], more


def _place(row: Row) -> tuple[int, int]:
    return row["rank"], -row["strength"]


def _strength() -> ColumnElement[int]:
    both = case((listing.c.sent < listing.c.received, listing.c.sent), else_=listing.c.received)
    return both + WEIGHT * listing.c.meetings


def _rank(tx: Tx, at_now: World, wanted: Sequence[str]) -> ColumnElement[int]:
    """The place of the best reason among REASONS, NULL where there is none."""
    keys = {organisation_key(each) for each in wanted} - {""}
    field = or_(*(_among(tx, column, lambda text: in_field(text, at_now.profile)) for column in _TELLING))
    hires = _among(tx, contact.c.role, is_employer)
    reasons = {
        "target": _among(tx, contact.c.organisation, lambda text: organisation_key(text) in keys),
        "interesting": contact.c.interesting,
        "hires": and_(field, hires),
        "field": and_(field, ~hires),
        "help": or_(*(cast(contact.c.can_help, Text).like(f'%"{key}"%') for key in HELP)),
        "warm": and_(may_be("warm"), _strength() > 0),
    }
    return case(*((reasons[each], place) for place, each in enumerate(REASONS)), else_=None)


_TELLING = (contact.c.role, contact.c.organisation, contact.c.organisation_kind)


def _among(tx: Tx, column: ColumnElement[str], says: Callable[[str], bool]) -> ColumnElement[bool]:
    """Whether a text of theirs is one that says so: texts are fewer than people."""
    query = select(column.label("text")).where(mine(tx, contact), contact.c.state == "active", column != "").distinct()
    found = sorted(row["text"] for row in all_rows(tx, query) if says(row["text"]))
    return column.in_(found) if found else false()
