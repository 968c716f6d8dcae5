"""What was said and promised. Called by the command, the pages, `world` and `workers.prepare`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update

from keepwarm.aftertalk import NewName
from keepwarm.contacts import match_form
from keepwarm.errors import NotFound
from keepwarm.store import plans
from keepwarm.store.changelog import Recording, recording
from keepwarm.store.database import Tx
from keepwarm.store.judging import bring_in, is_barred
from keepwarm.store.own import own_match_forms
from keepwarm.store.people import must_exist
from keepwarm.store.rows import Row, all_rows, changed, chunks, event_key, first, mine, value
from keepwarm.store.tables import address, contact
from keepwarm.store.tables import note as note_table
from keepwarm.store.tables import promise as promise_table

IS_TALK = note_table.c.no_talk.is_(False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """``no_talk``: the owner's word that they were in touch, which is contact and no talk."""

    id: str
    contact_id: str
    event_id: int | None
    at: datetime
    said: str
    tips: str
    no_talk: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """``mine`` if the owner made it."""

    id: str
    contact_id: str
    mine: bool
    text: str
    due_on: date | None
    made_at: datetime
    done_at: datetime | None


def add_note(  # noqa: PLR0913 - a form, each field by name
    tx: Tx, contact_id: str, now: datetime, *, said: str, tips: str = "", event_id: str | None = None,
    promises: Iterable[tuple[bool, str, date | None]] = (), names: Sequence[NewName] = (), at: datetime | None = None,
    finding: str = "", others: Sequence[str] = (), no_talk: bool = False,
) -> str:  # fmt: skip
    """Keep what was said and promised (mine, text, due on) in a talk; the note's id. Raises NotFound.

    ``at``: when it was, ``now`` without. ``names`` that came up become lukewarm contacts and entries of the first plan,
    with this contact as the one who introduces; whoever is known already only gets the entry. ``finding``: a key of
    `keepwarm.plan.FINDINGS`, kept with their entries of plans. ``others`` who took part get a note of the same words.
    """
    giver = must_exist(tx, contact_id)
    common: dict[str, Any] = {"said": said, "tips": tips, "at": at or now, "no_talk": no_talk}
    common["event_id"] = event_key(event_id) if event_id else None
    with recording(tx, "touch" if no_talk else "note", giver["name"], now) as record:
        note_id = _note(tx, record, contact_id, common)
        for other in others:
            must_exist(tx, other)
            _note(tx, record, other, common)
        for is_mine, text, due_on in promises:
            made = {"id": tx.new_id(), "owner_id": tx.owner_id, "contact_id": contact_id, "made_at": now}
            record.added(promise_table, [made["id"]])
            tx.connection.execute(insert(promise_table).values(**made, mine=is_mine, text=text, due_on=due_on))
        for each in names:
            _named(tx, record, contact_id, each, now)
        if finding:
            plans.found_out(tx, record, contact_id, finding, now)
    return note_id


def _note(tx: Tx, record: Recording, contact_id: str, common: dict[str, Any]) -> str:
    row = {"id": tx.new_id(), "owner_id": tx.owner_id, "contact_id": contact_id}
    record.added(note_table, [row["id"]])
    tx.connection.execute(insert(note_table).values(**row, **common))
    return row["id"]


def in_touch(tx: Tx, contact_id: str, now: datetime, said: str = "") -> None:
    """The owner's word that they were in touch, where no file shows it: contact, but no talk. Raises NotFound."""
    add_note(tx, contact_id, now, said=said, no_talk=True)


def _named(tx: Tx, record: Recording, giver_id: str, new: NewName, now: datetime) -> None:
    if new.address and is_barred(tx, new.address):
        return  # the owner never wants to hear of them
    whom = _known(tx, new) or bring_in(
        tx,
        record,
        name=new.name,
        address=new.address if _free(tx, new.address) else "",
        organisation=new.about,
        circle="lukewarm",
        introducer_address_id=_address_of(tx, giver_id),
        now=now,
    )
    if whom != giver_id:
        plans.put_in(tx, record, whom, now, introducer_id=giver_id)


def _known(tx: Tx, new: NewName) -> str | None:
    """The contact that has this address, or the only one of this name."""
    if new.address:
        held = select(address.c.contact_id).where(mine(tx, address), address.c.match == match_form(new.address))
        row = first(tx, held.where(address.c.contact_id.is_not(None)))
        if row is not None:
            return str(row["contact_id"])
    here = (mine(tx, contact), contact.c.state == "active")
    rows = all_rows(tx, select(contact.c.id, contact.c.name).where(*here))
    alike = [row["id"] for row in rows if row["name"].casefold() == new.name.casefold()]
    return alike[0] if len(alike) == 1 else None


def _free(tx: Tx, wanted: str) -> bool:
    return bool(wanted) and match_form(wanted) not in own_match_forms(tx)


def _address_of(tx: Tx, contact_id: str) -> int | None:
    row = first(tx, select(address.c.id).where(mine(tx, address), address.c.contact_id == contact_id).limit(1))
    return None if row is None else row["id"]


def notes_about(tx: Tx, contact_id: str) -> list[Note]:
    """The newest first, also those that only tell of being in touch."""
    here = (mine(tx, note_table), note_table.c.contact_id == contact_id)
    return [value(Note, row) for row in all_rows(tx, select(note_table).where(*here).order_by(note_table.c.at.desc()))]


def all_notes(
    tx: Tx, search: str = "", since: datetime | None = None, *, until: datetime | None = None, contact_id: str = "",
    limit: int | None = None,
) -> list[Note]:  # fmt: skip
    """The log of talks, newest first: those that hold ``search`` in what was said or in the name, from ``since`` on.

    ``until``: before that moment. ``contact_id``: with them alone.
    """
    whose = and_(contact.c.id == note_table.c.contact_id, contact.c.owner_id == note_table.c.owner_id)
    here = (mine(tx, note_table), IS_TALK)
    query = select(note_table).select_from(note_table.join(contact, whose)).where(*here)
    if since is not None:
        query = query.where(note_table.c.at >= since)
    if until is not None:
        query = query.where(note_table.c.at < until)
    if contact_id:
        query = query.where(note_table.c.contact_id == contact_id)
    if wanted := search.strip():
        held = (
            each.icontains(wanted, autoescape=True) for each in (note_table.c.said, note_table.c.tips, contact.c.name)
        )
        query = query.where(or_(*held))
    ordered = query.order_by(note_table.c.at.desc(), note_table.c.id).limit(limit)
    return [value(Note, row) for row in all_rows(tx, ordered)]


def last_notes(tx: Tx, now: datetime, only: Sequence[str] | None = None) -> dict[str, Note]:
    """The last note of a talk up to ``now`` of every contact that has one (``only``: of these)."""
    here = (mine(tx, note_table), IS_TALK, note_table.c.at <= now)
    query = select(note_table).where(*here).order_by(note_table.c.at)
    rows = _of_some(tx, query, note_table.c.contact_id, only)
    return {row["contact_id"]: value(Note, row) for row in rows}


def last_said(tx: Tx, now: datetime, only: Sequence[str] | None = None) -> dict[str, datetime]:
    """When the last note up to ``now`` says that the two were in touch, talks too, by contact (``only``: of these)."""
    at = func.max(note_table.c.at, type_=note_table.c.at.type).label("at")
    query = select(note_table.c.contact_id, at).where(mine(tx, note_table), note_table.c.at <= now)
    rows = _of_some(tx, query.group_by(note_table.c.contact_id), note_table.c.contact_id, only)
    return {row["contact_id"]: row["at"] for row in rows}


def promises(tx: Tx, contact_id: str, open_only: bool = True) -> list[Promise]:
    """The oldest first."""
    found = _promises(tx, promise_table.c.contact_id == contact_id)
    return [each for each in found if each.done_at is None or not open_only]


def open_promises(tx: Tx, only: Sequence[str] | None = None) -> dict[str, list[Promise]]:
    """Open promises by contact (``only``: of these), the oldest first."""
    found: dict[str, list[Promise]] = {}
    for each in _promises(tx, promise_table.c.done_at.is_(None), only):
        found.setdefault(each.contact_id, []).append(each)
    return found


def promise(tx: Tx, promise_id: str) -> Promise:
    """One promise that is open. Raises NotFound."""
    found = next(iter(_promises(tx, and_(promise_table.c.id == promise_id, promise_table.c.done_at.is_(None)))), None)
    if found is None:
        raise NotFound("There is no such promise.")
    return found


def keep_promise(tx: Tx, promise_id: str, now: datetime) -> None:
    """Note that it was kept. Raises NotFound."""
    here = (mine(tx, promise_table), promise_table.c.id == promise_id)
    with recording(tx, "promise", "", now) as record:
        record.before(promise_table, [promise_id], columns=["done_at", "contact_id"])
        if changed(tx, update(promise_table).where(*here).values(done_at=now)) == 0:
            raise NotFound("There is no such promise.")


def _promises(tx: Tx, which: Any, only: Sequence[str] | None = None) -> list[Promise]:
    query = select(promise_table).where(mine(tx, promise_table), which)
    query = query.order_by(promise_table.c.made_at, promise_table.c.id)
    return [value(Promise, row) for row in _of_some(tx, query, promise_table.c.contact_id, only)]


def _of_some(tx: Tx, query: Any, column: ColumnElement[str], only: Sequence[str] | None) -> list[Row]:
    """The rows of a query, where asked those of these contacts alone."""
    if only is None:
        return list(all_rows(tx, query))
    return [row for part in chunks(only) for row in all_rows(tx, query.where(column.in_(part)))]
