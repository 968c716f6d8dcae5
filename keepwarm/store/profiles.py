"""What the owner says of themselves: the profile, and the organisations where they would like to be.

Called by the command, the pages and `world`. Every change can be taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from keepwarm.contacts import organisation_key
from keepwarm.errors import NotFound, NotPossible
from keepwarm.foreign import host_of
from keepwarm.profile import CHECKS, Acquaintance, FirstTalkCard, Profile, first_talk_card, is_wanted
from keepwarm.store.changelog import recording
from keepwarm.store.database import Tx
from keepwarm.store.owners import owner
from keepwarm.store.people import ContactRow, contacts
from keepwarm.store.rows import Row, all_rows, first, mine, upsert, value
from keepwarm.store.tables import note as note_table
from keepwarm.store.tables import profile as table
from keepwarm.store.tables import target as target_table
from keepwarm.texts import Texts

TEXTS = ("role", "wishes", "education", "experience")
LISTS = ("sectors", "regions")
BY_LANGUAGE = ("spoken", "written")
FIELDS = frozenset((*TEXTS, *LISTS, *BY_LANGUAGE, "checked", "card_away"))
EMPTY: dict[str, Any] = {
    **dict.fromkeys(TEXTS, ""), "sectors": [], "regions": [], "spoken": {}, "written": {}, "checked": [],
    "card_away": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An organisation where the owner would like to be. ``link``: its site, or something to read; may be empty."""

    id: str
    name: str
    why: str
    link: str
    position: int


def profile(tx: Tx) -> Profile:
    """What the owner has said so far; empty where nothing was said."""
    row = _stored(tx)
    return Profile(
        **{name: row[name] for name in (*TEXTS, *BY_LANGUAGE)},
        sectors=tuple(row["sectors"]),
        regions=tuple(row["regions"]),
        checked=frozenset(row["checked"]) & CHECKS.keys(),
    )


def save_profile(tx: Tx, now: datetime, **fields: Any) -> bool:
    """Change these fields of `Profile`, or ``card_away``; whether anything is different now.

    ``spoken`` and ``written`` are merged by language, an empty text takes one away.
    """
    if unknown := fields.keys() - FIELDS:
        raise ValueError(f"not a field of a profile: {sorted(unknown)}")
    before = _stored(tx)
    for name in BY_LANGUAGE & fields.keys():
        merged = before[name] | fields[name]
        fields[name] = {lang: text for lang, text in merged.items() if text}
    fields |= {name: list(dict.fromkeys(fields[name])) for name in LISTS & fields.keys()}
    if "checked" in fields:
        fields["checked"] = sorted(fields["checked"])
    changed = {name: each for name, each in fields.items() if each != before[name]}
    if not changed:
        return False
    with recording(tx, "edit", "", now) as record:
        record.before(table, [tx.owner_id])
        upsert(tx, table, [{**before, **changed, "id": tx.owner_id, "owner_id": tx.owner_id}], list(changed))
    return True


def first_card(tx: Tx, now: datetime, texts: Texts) -> FirstTalkCard | None:
    """The card for a first talk while it helps; None once it was put away, or a few talks are behind the owner."""
    held = (mine(tx, note_table), note_table.c.no_talk.is_(False))
    talks = tx.connection.execute(select(func.count()).select_from(note_table).where(*held)).scalar_one()
    if _stored(tx)["card_away"] or not is_wanted(since=owner(tx).created_at, talks=talks, now=now):
        return None
    people = [_acquaintance(row) for row in contacts(tx, states=["active"], now=now)]
    return first_talk_card(profile(tx), people, texts)


# --- organisations ------------------------------------------------------------------------------------------------


def targets(tx: Tx) -> list[Target]:
    """In the owner's order."""
    query = select(target_table).where(mine(tx, target_table)).order_by(target_table.c.position, target_table.c.id)
    return [value(Target, row) for row in all_rows(tx, query)]


def targets_of(tx: Tx, organisation: str) -> list[Target]:
    """Those that are this organisation, in whatever spelling."""
    key = organisation_key(organisation)
    return [each for each in targets(tx) if key and organisation_key(each.name) == key]


def add_target(tx: Tx, now: datetime, *, name: str, why: str = "", link: str = "") -> str:
    """One more, at the end; its id. NotPossible without a name, for a link
    that is none, or if it is there in another spelling.
    """
    key = organisation_key(name)
    if not key:
        raise NotPossible("An organisation needs a name. Nothing was changed.")
    if link and not host_of(link):
        raise NotPossible("A link begins with https:// or http://. Nothing was changed.")
    known = targets(tx)
    if any(organisation_key(each.name) == key for each in known):
        raise NotPossible("This organisation is on your list already. Nothing was changed.")
    row = {"id": tx.new_id(), "name": name, "why": why, "link": link, "created_at": now, "owner_id": tx.owner_id}
    with recording(tx, "add", name, now) as record:
        record.added(target_table, [row["id"]])
        position = max((each.position for each in known), default=0) + 1
        tx.connection.execute(insert(target_table).values(**row, position=position))
    return str(row["id"])


def edit_target(tx: Tx, target_id: str, now: datetime, **fields: str | int) -> None:
    """Change ``why``, ``link`` or ``position``. Raises NotFound."""
    if unknown := fields.keys() - {"why", "link", "position"}:
        raise ValueError(f"not a field of a target: {sorted(unknown)}")
    with recording(tx, "edit", _target(tx, target_id)["name"], now) as record:
        record.before(target_table, [target_id], columns=list(fields))
        here = (mine(tx, target_table), target_table.c.id == target_id)
        tx.connection.execute(update(target_table).where(*here).values(**fields))


def remove_target(tx: Tx, target_id: str, now: datetime) -> None:
    """Take it off the list. Raises NotFound."""
    with recording(tx, "edit", _target(tx, target_id)["name"], now) as record:
        record.before(target_table, [target_id])
        tx.connection.execute(delete(target_table).where(mine(tx, target_table), target_table.c.id == target_id))


def _stored(tx: Tx) -> Row:
    return first(tx, select(table).where(mine(tx, table))) or EMPTY


def _target(tx: Tx, target_id: str) -> Row:
    row = first(tx, select(target_table).where(mine(tx, target_table), target_table.c.id == target_id))
    if row is None:
        raise NotFound("There is no such organisation on your list.")
    return row


def _acquaintance(row: ContactRow) -> Acquaintance:
    return Acquaintance(
        contact_id=row.id,
        name=row.name,
        circle=row.circle,
        close=row.close,
        private=row.private,
        sent=row.sent,
        received=row.received,
        meetings=row.meetings,
        last_at=row.last_at,
    )
