"""Which calendars hold an event beside the one that its row names: it is gone once none holds it any more.

An invitation stands in two accounts, a shared meeting in the owner's calendar and in the team's. Called by `arrivals`,
`resources` and `connections`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import and_, bindparam, delete, or_, select, update

from keepwarm.store.database import Tx
from keepwarm.store.rows import Row, all_rows, chunks, many, mine, upsert
from keepwarm.store.tables import event, holding, stream


def note_known(tx: Tx, stream_id: str, refs: Mapping[int, str], known: Mapping[int, Row]) -> set[int]:
    """A calendar tells of these events as they stand; those that another holds, which their rows go on naming."""
    others = _others(tx, stream_id)
    told = {item_id for item_id in refs if _names(known[item_id], others)}
    _note(tx, [(item_id, stream_id, refs[item_id]) for item_id in told])
    return told


def note_replaced(tx: Tx, stream_id: str, replaced: Mapping[int, Row]) -> None:
    """A calendar told another version, and the rows name that one now: the events are also where they were."""
    others = _others(tx, stream_id)
    before = [row for row in replaced.values() if row["gone_at"] is None and _names(row, others)]
    _note(tx, [(row["id"], row["stream_id"], row["resource_ref"]) for row in before])
    forget(tx, [stream_id], list(replaced))


def held_by(tx: Tx, stream_id: str, refs: Collection[str] | None = None) -> list[Row]:
    """``item_id`` and ``resource_ref`` of what this calendar holds beside another; of these resources, if told."""
    here = (mine(tx, holding), holding.c.stream_id == stream_id)
    query = select(holding.c.item_id, holding.c.resource_ref).where(*here)
    if refs is None:
        return list(all_rows(tx, query))
    return [row for part in chunks(sorted(refs)) for row in all_rows(tx, query.where(holding.c.resource_ref.in_(part)))]


def lost(tx: Tx, stream_id: str, ids: Collection[int]) -> list[int]:
    """This calendar holds these events no more: those of them that none holds now. The others' rows name another.

    A file that told of one is no calendar: it cannot know.
    """
    forget(tx, [stream_id], ids)
    named: list[int] = []
    for part in chunks(sorted(ids)):
        here = and_(mine(tx, event), event.c.id.in_(part))
        here &= or_(event.c.stream_id == stream_id, event.c.batch_id.is_not(None))
        named += [row["id"] for row in all_rows(tx, select(event.c.id).where(here))]
    return _without_heir(tx, named)


def forget(tx: Tx, stream_ids: Sequence[str], ids: Collection[int] | None = None) -> None:
    """What these calendars hold beside others; of these events, if told."""
    here = and_(mine(tx, holding), holding.c.stream_id.in_(stream_ids))
    if ids is None:
        tx.connection.execute(delete(holding).where(here))
        return
    for part in chunks(sorted(ids)):
        tx.connection.execute(delete(holding).where(here, holding.c.item_id.in_(part)))


def _others(tx: Tx, stream_id: str) -> set[str]:
    """The streams that there are beside this one."""
    query = select(stream.c.id).where(mine(tx, stream), stream.c.id != stream_id)
    return {row["id"] for row in all_rows(tx, query)}


def _names(row: Row, streams: Collection[str]) -> bool:
    return row["batch_id"] is None and row["stream_id"] in streams


def _note(tx: Tx, told: Sequence[tuple[int, str, str]]) -> None:
    rows = [
        {"item_id": item_id, "stream_id": stream_id, "owner_id": tx.owner_id, "resource_ref": ref}
        for item_id, stream_id, ref in told
    ]
    upsert(tx, holding, rows, ["resource_ref"])


def _without_heir(tx: Tx, ids: Sequence[int]) -> list[int]:
    heirs: dict[int, Row] = {}
    for part in chunks(ids):
        query = select(holding).where(mine(tx, holding), holding.c.item_id.in_(part)).order_by(holding.c.stream_id)
        for row in all_rows(tx, query):
            heirs.setdefault(row["item_id"], row)
    handed = [
        {"key": item_id, "stream": row["stream_id"], "ref": row["resource_ref"]} for item_id, row in heirs.items()
    ]
    here = update(event).where(event.c.id == bindparam("key"), event.c.owner_id == tx.owner_id)
    many(tx, here.values(stream_id=bindparam("stream"), resource_ref=bindparam("ref")), handed)
    used = delete(holding).where(holding.c.item_id == bindparam("key"), holding.c.stream_id == bindparam("stream"))
    many(tx, used, [{"key": each["key"], "stream": each["stream"]} for each in handed])
    return [each for each in ids if each not in heirs]
