"""Contacts as they are read, with what is counted and proposed. Called through `keepwarm.store.contacts`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, case, func, or_, select, true, type_coerce

from keepwarm.circles import propose
from keepwarm.contacts import asked_words
from keepwarm.errors import NotFound
from keepwarm.store.counted import kept, uncounted
from keepwarm.store.database import Tx
from keepwarm.store.rows import Row, all_rows, chunks, first, mine, value
from keepwarm.store.tables import ERASED, address, listing, participant, plan, plan_entry, touch
from keepwarm.store.tables import contact as table

SMALL_MEETING = 4  # people, the owner included; PRODUCT.md, "Settled where sources differ"
PROFILE = "linkedin:"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    """A contact with all that is counted. ``addresses`` are e-mail only, most used first; ``profiles`` the others.

    ``circle`` is the owner's word, else proposed from the evidence. Counts and dates are of
    touches up to the moment asked.
    """

    id: str
    name: str
    addresses: list[str]
    organisation: str
    role: str
    organisation_kind: str
    interesting: bool
    can_help: list[str]
    circle: str
    circle_by_owner: bool
    state: str
    private: bool
    sent: int
    received: int
    meetings: int
    first_at: datetime | None
    last_at: datetime | None
    brought_by: str
    brought_by_contact: str | None
    origins: list[str]
    goal: str | None
    register: str | None
    lang: str | None
    rhythm_days: int | None
    close: bool
    paused_until: date | None
    died: bool
    accepted_at: datetime | None
    proposed_at: datetime
    profiles: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    sent: int = 0
    received: int = 0
    meetings: int = 0
    small_meetings: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None

    @property
    def strength(self) -> int:
        """How two-way it is: a mail answered or a meeting counts one."""
        return min(self.sent, self.received) + self.meetings


NOTHING = Counts()

# Proposals first, the strongest and newest of them first, as of the last detection; then the others by name.
_PROPOSED = table.c.state == "proposed"
_ORDER: Sequence[ColumnElement[Any]] = (
    case((_PROPOSED, 0), else_=1).label("group"),
    case((_PROPOSED, -func.coalesce(listing.c.strength, 0)), else_=0).label("weaker"),
    case((_PROPOSED, -func.coalesce(type_coerce(listing.c.touched_at, BigInteger), 0)), else_=0).label("older"),
    func.coalesce(listing.c.sorting, func.lower(table.c.name)).label("sorting"),
    table.c.id,
)


def contacts(  # noqa: PLR0913 - a search form, each by name
    tx: Tx, *, states: Sequence[str] | None, now: datetime, ids: Sequence[str] | None = None, search: str = "",
    limit: int | None = None, offset: int = 0,
) -> list[ContactRow]:  # fmt: skip
    """Contacts of these states: proposals first, strongest and newest first; then the others by name."""
    chosen = _chosen(tx, states, ids, search, limit, offset)
    rows = contact_rows(tx, chosen, now)
    return [rows[each] for each in chosen]


def contact(tx: Tx, contact_id: str, now: datetime) -> ContactRow:
    """One contact. Raises NotFound."""
    found = contact_rows(tx, [contact_id], now)
    if contact_id not in found:
        raise NotFound("There is no such contact.")
    return found[contact_id]


def must_exist(tx: Tx, contact_id: str) -> Row:
    """The bare row of a contact. Raises NotFound where there is none."""
    row = first(tx, select(table).where(mine(tx, table), table.c.id == contact_id))
    if row is None:
        raise NotFound("There is no such contact.")
    return row


def contact_rows(tx: Tx, ids: Sequence[str], now: datetime) -> dict[str, ContactRow]:
    """These contacts by id."""
    rows = {row["id"]: row for part in chunks(ids) for row in all_rows(tx, _mine(tx).where(table.c.id.in_(part)))}
    introducers = _introducers(tx, rows.values())
    brought = {each["contact_id"] for each in introducers.values() if each["contact_id"]}
    counted = counts(tx, now, list({*rows, *brought}))
    used = addresses_of(tx, list(rows), now)
    goals = _goals(tx, list(rows))
    return {
        key: _row(row, counted, used.get(key, []), goals.get(key), introducers.get(row["introducer_address_id"]))
        for key, row in rows.items()
    }


def judged(tx: Tx, rows: Sequence[Row], now: datetime, *, everybody: bool) -> tuple[dict[str, Counts], dict[str, str]]:
    """What is counted of these rows of `contact`, and the circle of each: the owner's word, else from evidence."""
    introducers = _introducers(tx, rows)
    brought = {each["contact_id"] for each in introducers.values() if each["contact_id"]}
    counted = counts(tx, now, None if everybody else list({*(row["id"] for row in rows), *brought}))
    circles = {}
    for row in rows:
        introducer = introducers.get(row["introducer_address_id"])
        numbers = counted.get(row["id"], NOTHING)
        circles[row["id"]] = row["circle"] or _proposed(row, numbers, introducer, counted)
    return counted, circles


def counts(tx: Tx, now: datetime, ids: Sequence[str] | None) -> dict[str, Counts]:
    """Touches up to ``now`` by contact; ``ids`` None for all. Two addresses of one person in one item count once."""
    found = {row["contact_id"]: _kept(row) for row in kept(tx, now, ids)}
    missing = uncounted(tx, now) if ids is None else [each for each in ids if each not in found]
    return found | plain_counts(tx, now, missing) if missing else found


def plain_counts(tx: Tx, now: datetime, ids: Sequence[str]) -> dict[str, Counts]:
    """The same, counted touch by touch; nothing for whoever has none."""
    if len(ids) > 5000:
        return _counts(tx, now, address.c.contact_id.is_not(None))
    found: dict[str, Counts] = {}
    for part in chunks(ids):
        found |= _counts(tx, now, address.c.contact_id.in_(part))
    return found


def _kept(row: Row) -> Counts:
    return Counts(
        sent=row["sent"],
        received=row["received"],
        meetings=row["meetings"],
        small_meetings=row["small_meetings"],
        first_at=row["first_at"],
        last_at=row["touched_at"],
    )


def addresses_of(tx: Tx, ids: Sequence[str], now: datetime) -> dict[str, list[str]]:
    """The addresses of contacts, most used first."""
    found: dict[str, list[str]] = {}
    for part in chunks(ids):
        query = select(address.c.contact_id, address.c.address).where(mine(tx, address), address.c.contact_id.in_(part))
        for row in all_rows(tx, query):
            found.setdefault(row["contact_id"], []).append(row["address"])
    return found | _most_used_first(tx, [key for key, each in found.items() if len(each) > 1], now)


def _most_used_first(tx: Tx, ids: Sequence[str], now: datetime) -> dict[str, list[str]]:
    """The same for those who have several: only there it matters which is used most."""
    found: dict[str, list[str]] = {}
    times = func.count(touch.c.item_id)
    joined = address.outerjoin(touch, mine(tx, touch) & (touch.c.address_id == address.c.id) & (touch.c.at <= now))
    for part in chunks(ids):
        query = (
            select(address.c.contact_id, address.c.address)
            .select_from(joined)
            .where(mine(tx, address), address.c.contact_id.in_(part))
            .group_by(address.c.id, address.c.contact_id, address.c.address)
            .order_by(times.desc(), address.c.address)
        )
        for row in all_rows(tx, query):
            found.setdefault(row["contact_id"], []).append(row["address"])
    return found


def _chosen(
    tx: Tx, states: Sequence[str] | None, ids: Sequence[str] | None, search: str, limit: int | None, offset: int
) -> list[str]:
    """Their ids in order, of thousands only those of the page."""
    if search.strip() and not asked_words(search):
        return []
    query = select(*_ORDER).select_from(table.outerjoin(listing, listing.c.contact_id == table.c.id))
    query = query.where(mine(tx, table), true() if states is None else table.c.state.in_(list(states)))
    for word in asked_words(search):
        query = query.where(table.c.id.in_(select(listing.c.contact_id).where(mine(tx, listing), holds(word))))
    if ids is None:
        rows = tx.connection.execute(query.order_by(*_ORDER).limit(limit).offset(offset)).all()
    else:
        found = (tx.connection.execute(query.where(table.c.id.in_(part))) for part in chunks(ids))
        rows = sorted(row for part in found for row in part)[offset : None if limit is None else offset + limit]
    return [row[-1] for row in rows]


def holds(word: str) -> ColumnElement[bool]:
    """Whether some word that a row of `listing` is found by begins with this one (`keepwarm.contacts.asked_words`)."""
    return listing.c.words.contains(f" {word}", autoescape=True)


def _counts(tx: Tx, now: datetime, which: ColumnElement[bool]) -> dict[str, Counts]:
    def of(kind: str) -> ColumnElement[int]:
        return func.count(case((touch.c.kind == kind, touch.c.item_id)).distinct())

    joined = touch.join(address, address.c.id == touch.c.address_id)
    here = (mine(tx, touch), touch.c.at <= now, which)
    query = (
        select(
            address.c.contact_id,
            of("s").label("sent"),
            of("r").label("received"),
            of("m").label("meetings"),
            func.min(touch.c.at).label("first_at"),
            func.max(touch.c.at).label("last_at"),
        )
        .select_from(joined)
        .where(*here)
        .group_by(address.c.contact_id)
    )
    small = _small_meetings(tx, here)
    rows = all_rows(tx, query)
    return {row["contact_id"]: value(Counts, row, small_meetings=small.get(row["contact_id"], 0)) for row in rows}


def _small_meetings(tx: Tx, here: Iterable[ColumnElement[bool]]) -> dict[str, int]:
    others = participant.alias()
    people = (
        select(func.count(others.c.address_id.distinct()))
        .where(mine(tx, others), others.c.item_id == touch.c.item_id, others.c.resource.is_(False))
        .scalar_subquery()
    )
    query = (
        select(address.c.contact_id, func.count(touch.c.item_id.distinct()).label("n"))
        .select_from(touch.join(address, address.c.id == touch.c.address_id))
        .where(*here, touch.c.kind == "m", people <= SMALL_MEETING)
        .group_by(address.c.contact_id)
    )
    return {row["contact_id"]: row["n"] for row in all_rows(tx, query)}


def _introducers(tx: Tx, rows: Iterable[Row]) -> dict[int, Row]:
    """Those who brought contacts in, by address id: address, contact and its name."""
    wanted = {row["introducer_address_id"] for row in rows} - {None}
    found: dict[int, Row] = {}
    columns = (address.c.id, address.c.address, address.c.contact_id, table.c.name, table.c.circle, table.c.origins)
    for part in chunks(sorted(wanted)):
        query = select(*columns).select_from(address.outerjoin(table, table.c.id == address.c.contact_id))
        here = (mine(tx, address), address.c.id.in_(part), address.c.match != ERASED)
        found |= {row["id"]: row for row in all_rows(tx, query.where(*here))}
    return found


def _goals(tx: Tx, ids: Sequence[str]) -> dict[str, str | None]:
    """The goal with each of them: their own in a plan, else the plan's; of a resting plan none."""
    found: dict[str, str | None] = {}
    own = func.coalesce(plan_entry.c.goal, plan.c.goal)
    joined = plan_entry.outerjoin(plan, (plan.c.id == plan_entry.c.plan_id) & mine(tx, plan))
    live = (plan_entry.c.passed.is_(False), or_(plan.c.id.is_(None), plan.c.resting.is_(False)))
    for part in chunks(ids):
        query = select(plan_entry.c.contact_id, own.label("goal")).select_from(joined)
        here = (mine(tx, plan_entry), plan_entry.c.contact_id.in_(part), *live)
        order = (plan.c.position.desc(), plan_entry.c.created_at)
        found |= {row["contact_id"]: row["goal"] for row in all_rows(tx, query.where(*here).order_by(*order))}
    return found


def _row(
    row: Row, counted: dict[str, Counts], used: Sequence[str], goal: str | None, introducer: Row | None
) -> ContactRow:
    numbers = counted.get(row["id"], NOTHING)
    return value(
        ContactRow,
        row,
        addresses=[each for each in used if not each.startswith(PROFILE)],
        profiles=[each for each in used if each.startswith(PROFILE)],
        circle=row["circle"] or _proposed(row, numbers, introducer, counted),
        circle_by_owner=row["circle"] is not None,
        sent=numbers.sent,
        received=numbers.received,
        meetings=numbers.meetings,
        first_at=numbers.first_at,
        last_at=numbers.last_at,
        brought_by=(introducer["name"] or introducer["address"]) if introducer else "",
        brought_by_contact=introducer["contact_id"] if introducer else None,
        goal=goal,
    )


def _proposed(row: Row, numbers: Counts, introducer: Row | None, counted: dict[str, Counts]) -> str:
    """The circle from evidence; who brought them in counts with a circle that is theirs without an introducer."""
    theirs = None
    if introducer and introducer["contact_id"] and introducer["contact_id"] != row["id"]:
        own = counted.get(introducer["contact_id"], NOTHING)
        theirs = introducer["circle"] or _propose(own, None, introducer["origins"] or [])
    return _propose(numbers, theirs, row["origins"])


def _propose(numbers: Counts, brought_by: str | None, origins: Sequence[str]) -> str:
    return propose(
        sent=numbers.sent,
        received=numbers.received,
        small_meetings=numbers.small_meetings,
        meetings=numbers.meetings,
        brought_by_circle=brought_by,
        origins=origins,
    )


def _mine(tx: Tx) -> Any:
    return select(table).where(mine(tx, table))
