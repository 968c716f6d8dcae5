"""What the owner says about people: accept, ignore, never, join, edit, add. Each is a change that can be taken back.

Called through `keepwarm.store.contacts`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import delete, insert, select, update

from keepwarm.contacts import domain_keys, match_form, tombstone_keys
from keepwarm.errors import NotFound, NotPossible
from keepwarm.store.changelog import Recording, recording
from keepwarm.store.database import Tx
from keepwarm.store.evidence import salted, stored_card, tombstones
from keepwarm.store.own import own_match_forms
from keepwarm.store.owners import owner
from keepwarm.store.rows import Row, all_rows, chunks, first, insert_new, mine
from keepwarm.store.tables import (
    address,
    card,
    card_address,
    contact,
    follow_up,
    identity,
    introduction,
    never_entry,
    note,
    plan_entry,
    promise,
    suggestion,
    tag,
    tombstone,
)
from keepwarm.texts import mark

FIELDS = frozenset(
    {
        "name", "organisation", "role", "circle", "register", "lang", "rhythm_days", "origins", "private", "close",
        "paused_until", "organisation_kind", "interesting", "can_help",
    },
)  # fmt: skip
BARRED = mark("This address is on your list of whom never to contact. Nothing was changed; take it off there first.")
ADDED = "added"  # among `edited`: the owner brought this person in, no import takes them away


def accept(
    tx: Tx, ids: Sequence[str] | None, *, private: bool = False, circle: str | None = None, now: datetime
) -> int:
    """Make them active; None for all that are proposed. How many changed. Who was blocked is let in again."""
    chosen = _chosen(tx, ids, only="proposed" if ids is None else None)
    with recording(tx, "accept", _label(chosen), now) as record:
        _take_in(tx, record, chosen, private=private, circle=circle, now=now)
    return len(chosen)


def ignore(tx: Tx, ids: Sequence[str], now: datetime) -> int:
    """They stay out of sight and are not proposed again; the owner can find them."""
    chosen = _chosen(tx, ids)
    with recording(tx, "ignore", _label(chosen), now) as record:
        _leave_out(tx, record, chosen)
    return len(chosen)


def choose(tx: Tx, circles: Mapping[str, str | None], now: datetime) -> int:
    """Each into the network with this circle, or left out (None), all as one change; how many. Raises NotFound."""
    chosen = _chosen(tx, list(circles))
    said = {"accept" if circle else "ignore" for circle in circles.values()}
    with recording(tx, said.pop() if len(said) == 1 else "judge", _label(chosen), now) as record:
        for circle in dict.fromkeys(circles.values()):
            these = [row for row in chosen if circles[row["id"]] == circle]
            if circle is None:
                _leave_out(tx, record, these)
            else:
                _take_in(tx, record, these, private=False, circle=circle, now=now)
    return len(chosen)


def _take_in(
    tx: Tx, record: Recording, chosen: Sequence[Row], *, private: bool, circle: str | None, now: datetime
) -> None:
    values = {"state": "active", "private": private, "accepted_at": now, "died": False}
    _unblock(tx, record, chosen)
    _set(tx, record, chosen, **values, **({"circle": circle} if circle else {}))


def _leave_out(tx: Tx, record: Recording, chosen: Sequence[Row]) -> None:
    _unblock(tx, record, chosen)
    _set(tx, record, chosen, state="ignored")


def never(tx: Tx, ids: Sequence[str], now: datetime) -> int:
    """Never: no source brings them back, and nothing is ever proposed about them."""
    with recording(tx, "never", _label(_chosen(tx, ids)), now) as record:
        return keep_away(tx, ids, record)


def keep_away(tx: Tx, ids: Sequence[str], record: Recording) -> int:
    """The same within a change under way."""
    chosen = _chosen(tx, ids)
    block(tx, [row["id"] for row in chosen], record)
    _set(tx, record, chosen, state="never")
    return len(chosen)


def lay_to_rest(tx: Tx, contact_id: str, now: datetime) -> None:
    """Somebody who died: what was stays, and nothing ever suggests them again. Raises NotFound."""
    chosen = _chosen(tx, [contact_id])
    with recording(tx, "rest", _label(chosen), now) as record:
        block(tx, [contact_id], record)
        _set(tx, record, chosen, state="never", died=True)


def release(tx: Tx, contact_id: str, now: datetime) -> None:
    """Let somebody go: they stay in the network, but nothing reminds of them, and plans close. Raises NotFound."""
    chosen = _chosen(tx, [contact_id])
    edited = sorted({*chosen[0]["edited"], "rhythm_days"})
    here = (mine(tx, plan_entry), plan_entry.c.contact_id == contact_id, plan_entry.c.said != "declined")
    with recording(tx, "release", _label(chosen), now) as record:
        _set(tx, record, chosen, rhythm_days=0, edited=edited)
        ids = [row["id"] for row in all_rows(tx, select(plan_entry.c.id).where(*here).order_by(plan_entry.c.id))]
        record.before(plan_entry, ids, columns=["said", "said_at", "rest_until", "contact_id"])
        closed = update(plan_entry).where(*here)
        tx.connection.execute(closed.values(said="declined", said_at=now, rest_until=None))


def edit(tx: Tx, contact_id: str, now: datetime, **fields: Any) -> None:
    """Set what the owner says; detection leaves these fields alone from now on. Raises NotFound."""
    if unknown := set(fields) - FIELDS:
        raise ValueError(f"not a field of a contact: {sorted(unknown)}")
    chosen = _chosen(tx, [contact_id])
    if not fields:
        return
    edited = sorted({*chosen[0]["edited"], *fields})
    fields |= {name: list(fields[name]) for name in ("origins", "can_help") if name in fields}
    what = "later" if set(fields) == {"paused_until"} and fields["paused_until"] else "edit"
    with recording(tx, what, _label(chosen), now) as record:
        _set(tx, record, chosen, **fields, edited=edited)


def edit_many(tx: Tx, ids: Sequence[str], now: datetime, **fields: Any) -> int:
    """The same for several at once, as one change; how many. Raises NotFound."""
    if unknown := set(fields) - FIELDS:
        raise ValueError(f"not a field of a contact: {sorted(unknown)}")
    chosen = _chosen(tx, ids)
    with recording(tx, "edit", _label(chosen), now) as record:
        record.before(contact, [row["id"] for row in chosen], columns=[*fields, "edited"])
        for known, rows in groupby(sorted(chosen, key=_said), key=_said):
            values = fields | {"edited": sorted({*known, *fields})}
            for part in chunks(row["id"] for row in rows):
                tx.connection.execute(update(contact).where(mine(tx, contact), contact.c.id.in_(part)).values(**values))
    return len(chosen)


def _said(row: Row) -> list[str]:
    return sorted(row["edited"])


def add_contact(  # noqa: PLR0913 - a form, each field by name
    tx: Tx, *, name: str, address: str = "", organisation: str = "", origins: Sequence[str] = (),
    circle: str | None = None, now: datetime,
) -> str:  # fmt: skip
    """Somebody the owner knows, active at once; the new id. NotPossible if the address is the owner's or another's."""
    with recording(tx, "add", name, now) as record:
        return bring_in(
            tx, record, name=name, address=address, organisation=organisation, origins=origins, circle=circle, now=now
        )


def bring_in(  # noqa: PLR0913 - a form, each field by name
    tx: Tx, record: Recording, *, name: str, address: str = "", organisation: str = "", origins: Sequence[str] = (),
    circle: str | None = None, introducer_address_id: int | None = None, now: datetime,
) -> str:  # fmt: skip
    """The same within a change under way; ``introducer_address_id``: an address of whoever named them."""
    contact_id = tx.new_id()
    said = ["name", *(["organisation"] if organisation else []), *(["origins"] if origins else [])]
    row: dict[str, Any] = {
        "id": contact_id,
        "owner_id": tx.owner_id,
        "name": name,
        "state": "active",
        "organisation": organisation,
        "origins": list(origins),
        "circle": circle,
        "edited": [ADDED, *said],
        "introducer_address_id": introducer_address_id,
    }
    record.added(contact, [contact_id])
    tx.connection.execute(insert(contact).values(**row, proposed_at=now, accepted_at=now))
    if wanted := address.strip().lower():
        _give_address(tx, record, contact_id, wanted)
    return contact_id


def join(tx: Tx, keep_id: str, other_id: str, now: datetime) -> None:
    """Two are one: all that is the other's becomes the first one's. Raises NotFound, NotPossible."""
    if keep_id == other_id:
        raise NotPossible("These two are the same contact already. Nothing was changed.")
    keep, other = (_chosen(tx, [each])[0] for each in (keep_id, other_id))
    if "never" in (keep["state"], other["state"]):
        raise NotPossible("One of the two is never to be contacted. Nothing was changed; accept them first, then join.")
    with recording(tx, "join", keep["name"], now) as record:
        for table in (address, card, note, promise, plan_entry):
            _move(tx, record, table, keep_id, other_id)
        _move(tx, record, plan_entry, keep_id, other_id, column="introducer_id")
        _move(tx, record, introduction, keep_id, other_id)
        _move(tx, record, introduction, keep_id, other_id, column="via_id")
        _move_follow_ups(tx, record, keep_id, other_id)
        _move_tags(tx, record, keep_id, other_id)
        _move_suggestions(tx, record, keep_id, other_id)
        _set(tx, record, [keep], **merged(keep, other))
        record.before(contact, [other_id])
        tx.connection.execute(delete(contact).where(mine(tx, contact), contact.c.id == other_id))


def decline_suggestion(tx: Tx, suggestion_id: str, now: datetime) -> None:
    """They are two people: not asked again. Raises NotFound."""
    here = (mine(tx, suggestion), suggestion.c.id == suggestion_id)
    if first(tx, select(suggestion.c.id).where(*here)) is None:
        raise NotFound("There is no such suggestion.")
    with recording(tx, "decline", "", now) as record:
        record.before(suggestion, [suggestion_id], columns=["state"])
        tx.connection.execute(update(suggestion).where(*here).values(state="declined"))


def block(tx: Tx, ids: Sequence[str], record: Recording | None) -> None:
    """Put up the marks by which these people stay away."""
    hashes = sorted(marks_of(tx, ids) - tombstones(tx))
    if record is not None:
        record.added(tombstone, hashes)
    insert_new(tx, tombstone, [{"owner_id": tx.owner_id, "hash": each} for each in hashes])


def marks_of(tx: Tx, ids: Sequence[str]) -> set[str]:
    """The marks by which these people stay away, or would."""
    salt = owner(tx).salt
    return {salted(salt, key) for key in _keys(tx, ids)}


def _unblock(tx: Tx, record: Recording, chosen: Sequence[Row]) -> None:
    blocked = [row["id"] for row in chosen if row["state"] == "never"]
    if not blocked:
        return
    hashes = sorted(marks_of(tx, blocked) & tombstones(tx) - _barred(tx))
    record.before(tombstone, hashes)
    for part in chunks(hashes):
        tx.connection.execute(delete(tombstone).where(mine(tx, tombstone), tombstone.c.hash.in_(part)))


def _barred(tx: Tx) -> set[str]:
    """The marks of addresses and domains that the owner put on the list: taking somebody in does not take them off."""
    salt = owner(tx).salt
    rows = all_rows(tx, select(never_entry.c.kind, never_entry.c.value).where(mine(tx, never_entry)))
    return {salted(salt, f"@{row['value']}" if row["kind"] == "domain" else match_form(row["value"])) for row in rows}


def is_barred(tx: Tx, wanted: str) -> bool:
    """Whether the owner put this address, or its domain, on the list of whom they never want to hear of."""
    salt, barred = owner(tx).salt, _barred(tx)
    return any(salted(salt, key) in barred for key in (match_form(wanted), *domain_keys(wanted)))


def _keys(tx: Tx, ids: Sequence[str]) -> set[str]:
    """What these contacts are known by: each address, and each card without one."""
    keys: set[str] = set()
    for part in chunks(ids):
        people = all_rows(tx, select(contact).where(mine(tx, contact), contact.c.id.in_(part)))
        held = all_rows(tx, select(address).where(mine(tx, address), address.c.contact_id.in_(part)))
        cards = all_rows(tx, select(card).where(mine(tx, card), card.c.contact_id.in_(part)))
        for row in people:
            theirs = [each["address"] for each in held if each["contact_id"] == row["id"]]
            keys |= set(tombstone_keys(row["name"], row["organisation"], "", theirs))
        for row in cards:
            bare = stored_card(row, ())
            keys |= set(tombstone_keys(bare.name, bare.organisation, bare.source, _of_card(tx, row["id"])))
    return keys


def _of_card(tx: Tx, card_id: int) -> list[str]:
    joined = select(address.c.address).join(card_address, card_address.c.address_id == address.c.id)
    return [row["address"] for row in all_rows(tx, joined.where(mine(tx, address), card_address.c.card_id == card_id))]


def _chosen(tx: Tx, ids: Sequence[str] | None, only: str | None = None) -> list[Row]:
    """The rows of these contacts in the order asked; None: all of the state ``only``. Raises NotFound."""
    query = select(contact).where(mine(tx, contact))
    if ids is None:
        return list(all_rows(tx, query.where(contact.c.state == only).order_by(contact.c.id)))
    wanted = list(dict.fromkeys(ids))
    found = {row["id"]: row for part in chunks(wanted) for row in all_rows(tx, query.where(contact.c.id.in_(part)))}
    if missing := [each for each in wanted if each not in found]:
        raise NotFound(f"There is no contact {missing[0]}. Nothing was changed.")
    return [found[each] for each in wanted]


def _set(tx: Tx, record: Recording, chosen: Sequence[Row], **values: Any) -> None:
    ids = [row["id"] for row in chosen]
    record.before(contact, ids, columns=list(values))
    for part in chunks(ids):
        tx.connection.execute(update(contact).where(mine(tx, contact), contact.c.id.in_(part)).values(**values))


def _label(chosen: Sequence[Row]) -> str:
    return chosen[0]["name"] if len(chosen) == 1 else str(len(chosen))


def _give_address(tx: Tx, record: Recording, contact_id: str, wanted: str) -> None:
    if match_form(wanted) in own_match_forms(tx):
        raise NotPossible("This is one of your own addresses. Nothing was changed.")
    if is_barred(tx, wanted):
        raise NotPossible(BARRED)
    key = identity(tx.owner_id, "address", wanted)
    row = first(tx, select(address).where(mine(tx, address), address.c.id == key))
    if row is not None and row["contact_id"] is not None:
        raise NotPossible("Another contact has this address. Nothing was changed; open that contact instead.")
    if row is None:
        record.added(address, [key])
        new = {"id": key, "owner_id": tx.owner_id, "address": wanted, "match": match_form(wanted)}
        insert_new(tx, address, [new | {"contact_id": contact_id}])
        return
    record.before(address, [key], columns=["address", "match", "contact_id"])
    values = {"address": wanted, "match": match_form(wanted), "contact_id": contact_id}
    tx.connection.execute(update(address).where(mine(tx, address), address.c.id == key).values(**values))


def _move(tx: Tx, record: Recording, table: Any, keep_id: str, other_id: str, column: str = "contact_id") -> None:
    here = (mine(tx, table), table.c[column] == other_id)
    ids = [row["id"] for row in all_rows(tx, select(table.c.id).where(*here).order_by(table.c.id))]
    record.before(table, ids, columns=[column])
    tx.connection.execute(update(table).where(*here).values(**{column: keep_id}))


def _move_follow_ups(tx: Tx, record: Recording, keep_id: str, other_id: str) -> None:
    """All but those of a period that has one already; the planner takes these away, their contact being gone."""
    table = follow_up
    taken = select(table.c.cycle).where(mine(tx, table), table.c.contact_id == keep_id)
    here = (mine(tx, table), table.c.contact_id == other_id, table.c.cycle.not_in(taken))
    ids = [row["id"] for row in all_rows(tx, select(table.c.id).where(*here).order_by(table.c.id))]
    record.before(table, ids, columns=["contact_id"])
    for part in chunks(ids):
        tx.connection.execute(update(table).where(mine(tx, table), table.c.id.in_(part)).values(contact_id=keep_id))


def _move_tags(tx: Tx, record: Recording, keep_id: str, other_id: str) -> None:
    """Those that the first has too go."""
    taken = select(tag.c.key).where(mine(tx, tag), tag.c.contact_id == keep_id)
    here = (mine(tx, tag), tag.c.contact_id == other_id, tag.c.key.in_(taken))
    double = [row["id"] for row in all_rows(tx, select(tag.c.id).where(*here).order_by(tag.c.id))]
    record.before(tag, double)
    for part in chunks(double):
        tx.connection.execute(delete(tag).where(mine(tx, tag), tag.c.id.in_(part)))
    _move(tx, record, tag, keep_id, other_id)


def _move_suggestions(tx: Tx, record: Recording, keep_id: str, other_id: str) -> None:
    """The question about these two is answered; those about the other are asked about the first."""
    both = (suggestion.c.contact_a == other_id) | (suggestion.c.contact_b == other_id)
    rows = all_rows(tx, select(suggestion).where(mine(tx, suggestion), both).order_by(suggestion.c.id))
    record.before(suggestion, [row["id"] for row in rows])
    for row in rows:
        third = row["contact_b"] if row["contact_a"] == other_id else row["contact_a"]
        here = (mine(tx, suggestion), suggestion.c.id == row["id"])
        if third == keep_id:
            tx.connection.execute(update(suggestion).where(*here).values(state="joined"))
            continue
        a, b = sorted((keep_id, third))
        pair = (mine(tx, suggestion), suggestion.c.contact_a == a, suggestion.c.contact_b == b)
        if first(tx, select(suggestion.c.id).where(*pair)) is None:
            tx.connection.execute(update(suggestion).where(*here).values(contact_a=a, contact_b=b))
        else:
            tx.connection.execute(delete(suggestion).where(*here))


def merged(keep: Row, other: Row) -> dict[str, Any]:
    """What the first gains: what it lacks, and of two words the one that protects."""
    values: dict[str, Any] = {
        name: keep[name] or other[name]
        for name in (
            "organisation",
            "role",
            "circle",
            "register",
            "lang",
            "rhythm_days",
            "introducer_address_id",
            "organisation_kind",
            "interesting",
        )
    }
    values |= {name: list(dict.fromkeys([*keep[name], *other[name]])) for name in ("origins", "can_help")}
    values["edited"] = sorted({*keep["edited"], *other["edited"]})
    values["close"] = keep["close"] or other["close"]
    values["private"] = keep["private"] or other["private"]
    if "active" in (keep["state"], other["state"]):
        dates = [row["accepted_at"] for row in (keep, other) if row["accepted_at"]]
        values |= {"state": "active", "accepted_at": min(dates, default=None)}
    return values
