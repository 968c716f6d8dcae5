"""Who holds what an undone import brought, where a later import passed over the same files as read already.

Called by `removal`. A file that was read before is not read again, so the later import never saw its items one by one.
Where all that the undone import read lies in the later one too, it takes over every item; else it is read anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, literal, select, update

from keepwarm.store.database import Tx
from keepwarm.store.imports import Batch
from keepwarm.store.mails import FILED, SENT
from keepwarm.store.rows import Row, all_rows, insert_new, mine
from keepwarm.store.tables import batch, brought, card, event, message, quarantine, sighting, source, stream

KINDS = ((message, "m"), (event, "e"), (card, "c"))


def provide(tx: Tx, gone: Batch, now: datetime) -> None:
    """Let imports that rely on what ``gone`` read hold it themselves, before it is taken back."""
    read = [each for each in _sources(tx, gone.id) if each["stored"] + each["known"]]
    for heir in _later(tx, gone):
        relied_on = [each for each in _sources(tx, heir["id"]) if _passed_over(each)]
        shared = [each for each in read if any(_covers(other, each) for other in relied_on)]
        if shared and (len(shared) == len(read) or heir["uploaded"]):  # uploads are gone: rather too much than nothing
            _take_over(tx, gone, heir)
        elif shared:
            _read_anew(tx, heir, now)


def _later(tx: Tx, gone: Batch) -> Sequence[Row]:
    """The imports that stand and may have begun after this one."""
    here = (mine(tx, batch), batch.c.id != gone.id, batch.c.undone_at.is_(None))
    rows = all_rows(tx, select(batch).where(*here).order_by(batch.c.created_at, batch.c.id))
    return [row for row in rows if row["finished_at"] is None or row["finished_at"] >= gone.created_at]


def _sources(tx: Tx, batch_id: str) -> Sequence[Row]:
    here = (mine(tx, source), source.c.batch_id == batch_id, source.c.fingerprint != "")
    return all_rows(tx, select(source).where(*here))


def _passed_over(row: Row) -> bool:
    """Whether it was known in whole, or is an mbox of which the beginning was."""
    return row["known"] > 0 and (row["kind"] == "mbox" or not row["stored"] + row["skipped"] + row["quarantined"])


def _covers(row: Row, earlier: Row) -> bool:
    grown = row["kind"] == "mbox" and row["path"] == earlier["path"] and row["size"] > earlier["size"]
    return grown or _content(row["fingerprint"]) == _content(earlier["fingerprint"])


def _content(fingerprint: str) -> tuple[str, str]:
    """Size and digest, without the time of change between them."""
    size, _, rest = fingerprint.partition(":")
    return size, rest.rpartition(":")[2]


def _take_over(tx: Tx, gone: Batch, heir: Row) -> None:
    """A sighting by the heir of all that the other brought or saw."""
    as_heir = {"batch_id": heir["id"], "owner_id": tx.owner_id, "at": heir["created_at"]}
    for table, kind in KINDS:
        marks = message.c.marks if table is message else literal(0).label("marks")
        rows = all_rows(tx, select(table.c.id, marks).where(mine(tx, table), table.c.batch_id == gone.id))
        new = [as_heir | {"item_id": row["id"], "kind": kind, "image": _image(row["marks"])} for row in rows]
        insert_new(tx, sighting, new)
    seen = all_rows(tx, select(sighting).where(mine(tx, sighting), sighting.c.batch_id == gone.id))
    insert_new(tx, sighting, [{**row} | as_heir for row in seen])
    records = update(brought).where(mine(tx, brought), brought.c.batch_id == gone.id)
    tx.connection.execute(records.values(batch_id=heir["id"]))


def _image(marks: int) -> dict[str, bool] | None:
    return FILED if marks & SENT else None


def _read_anew(tx: Tx, heir: Row, now: datetime) -> None:
    """Forget what was counted and mark its stream: the sweep reads the files again."""
    for table in (source, quarantine):
        tx.connection.execute(delete(table).where(mine(tx, table), table.c.batch_id == heir["id"]))
    this = update(batch).where(mine(tx, batch), batch.c.id == heir["id"])
    tx.connection.execute(this.values(finished_at=None, read_bytes=0))
    fresh = {"cursor": "", "stale_since": now, "lease_until": None, "retry_at": None, "attempts": 0}
    raised = {"generation": stream.c.generation + 1, "fence": stream.c.fence + 1}
    tx.connection.execute(
        update(stream).where(mine(tx, stream), stream.c.id == heir["stream_id"]).values(**fresh, **raised)
    )
