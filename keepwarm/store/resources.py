"""What an account no longer holds: events and cards of resources that changed or went. Called by `items` for one page.

A sudden mass disappearance is believed at the second look, in a later run: until then nothing is removed, and the
cursor stays, so that the next comparison tells the same again (RELIABILITY.md C2, C5).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Table, and_, select, update

from keepwarm.store import holders
from keepwarm.store.arrivals import Arrival, delete_items, mark_gone
from keepwarm.store.rows import all_rows, chunks, first, mine
from keepwarm.store.tables import card, event, holding, identity, stream
from keepwarm.types import CalendarEvent, ContactCard, Item, Page

MASS, FEW = 0.2, 5  # RELIABILITY.md C5: more than a fifth, and more than five, in one run
LATER = timedelta(minutes=2)  # ours: longer than one run lasts (`workers.schedule.SYNC_LIMITS`), below any poll
TOLD = timedelta(days=300)  # ours: occurrences further back are beyond what a series is expanded to, and say nothing


def settle_resources(to: Arrival, page: Page, items: Sequence[Item]) -> bool:
    """Carry out what the page tells about resources; False: so much went at once that a second look is waited for."""
    told = _told(to, items)
    _vanished(to, {ref for ref in page.whole if ref in told}, told)
    gone = set(page.whole) - told.keys()
    if not gone and page.everything is None:
        _first_look_is_over(to, page)
        return True
    held = _refs(to, event) | _refs(to, card) | {row["resource_ref"] for row in holders.held_by(to.tx, to.stream_id)}
    lost = (held & gone) | (_within(to, page, held) - page.everything if page.everything is not None else set())
    if len(lost) > FEW and len(lost) > MASS * len(held) and not _second_look(to):
        return False
    for table in (event, card):
        ids = _ids(to, table, lost)
        _no_longer_here(to, ids, lost) if table is event else delete_items(to.tx, table, ids)
    _first_look_is_over(to, page)
    return True


def _told(to: Arrival, items: Sequence[Item]) -> dict[str, set[int]]:
    """The keys of the items of each resource."""
    found: dict[str, set[int]] = {}
    for each in items:
        if isinstance(each, CalendarEvent):
            found.setdefault(each.resource_ref, set()).add(identity(to.owner_id, "event", each.uid, each.occurrence))
        elif isinstance(each, ContactCard):
            found.setdefault(each.resource_ref, set()).add(identity(to.owner_id, "card", each.source, each.ref))
    return found


def _vanished(to: Arrival, refs: Collection[str], told: dict[str, set[int]]) -> None:
    """Occurrences that a changed series no longer has."""
    for part in chunks(sorted(refs)):
        here = _here(to, event, event.c.resource_ref.in_(part), event.c.start_at > to.now - TOLD)
        rows = all_rows(to.tx, select(event.c.id, event.c.resource_ref).where(here))
        beside = holders.held_by(to.tx, to.stream_id, part)
        over = [row["id"] for row in rows if row["id"] not in told[row["resource_ref"]]]
        over += [row["item_id"] for row in beside if row["item_id"] not in told[row["resource_ref"]]]
        mark_gone(to, holders.lost(to.tx, to.stream_id, over))


def _no_longer_here(to: Arrival, ids: Sequence[int], refs: Collection[str]) -> None:
    beside = (row["item_id"] for row in holders.held_by(to.tx, to.stream_id, refs))
    mark_gone(to, holders.lost(to.tx, to.stream_id, [*ids, *beside]))


def _refs(to: Arrival, table: Table) -> set[str]:
    query = select(table.c.resource_ref).distinct().where(_here(to, table, table.c.resource_ref != ""))
    return {row["resource_ref"] for row in all_rows(to.tx, query)}


def _within(to: Arrival, page: Page, held: set[str]) -> set[str]:
    """Of what is held that about which a page that names everything speaks."""
    if page.span is None:
        return held
    begins = (event.c.start_at >= page.span[0], event.c.start_at < page.span[1], event.c.resource_ref != "")
    query = select(event.c.resource_ref).distinct().where(_here(to, event, *begins))
    beside = (
        select(holding.c.resource_ref)
        .select_from(holding.join(event, event.c.id == holding.c.item_id))
        .where(mine(to.tx, holding), holding.c.stream_id == to.stream_id, *begins[:2])
    )
    return {row["resource_ref"] for query in (query, beside) for row in all_rows(to.tx, query)}


def _ids(to: Arrival, table: Table, refs: Collection[str]) -> list[int]:
    found: list[int] = []
    for part in chunks(sorted(refs)):
        query = select(table.c.id).where(_here(to, table, table.c.resource_ref.in_(part)))
        found += [row["id"] for row in all_rows(to.tx, query)]
    return found


def _here(to: Arrival, table: Table, *more: Any) -> Any:
    stands = [table.c.gone_at.is_(None)] if table is event else []
    return and_(mine(to.tx, table), table.c.stream_id == to.stream_id, *stands, *more)


def _second_look(to: Arrival) -> bool:
    """Whether an earlier run saw it, too: what one run tells twice, it may have from one mistake."""
    row = first(to.tx, select(stream.c.held_since).where(stream.c.id == to.stream_id))
    if row is None or row["held_since"] is None:
        _note(to, to.now)
        return False
    return bool(to.now - row["held_since"] >= LATER)


def _first_look_is_over(to: Arrival, page: Page) -> None:
    """A comparison that lost nothing much, or was believed: the next loss is looked at twice again."""
    if page.last:
        waits = (stream.c.id == to.stream_id, stream.c.held_since.is_not(None))
        to.tx.connection.execute(update(stream).where(*waits).values(held_since=None))


def _note(to: Arrival, at: Any) -> None:
    to.tx.connection.execute(update(stream).where(stream.c.id == to.stream_id).values(held_since=at))
