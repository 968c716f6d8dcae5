"""Free words of the owner's on people: put on, taken off, renamed; each is one change. Called by the pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update

from keepwarm.contacts import folded
from keepwarm.errors import NotFound, NotPossible
from keepwarm.foreign import one_line
from keepwarm.store.changelog import recording
from keepwarm.store.database import Tx
from keepwarm.store.rows import Row, all_rows, chunks, many, mine
from keepwarm.store.tables import contact
from keepwarm.store.tables import tag as table

LONGEST = 60  # characters of a tag; ours
KEY = 120  # characters of what it is compared by: folding may make more of them
PER_PERSON = 30  # ours: more is a text, and belongs in a note


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """``key``: what its spellings share. ``people``: how many bear it."""

    key: str
    word: str
    people: int


def tag_key(word: str) -> str:
    """What two spellings of one tag share; empty for a word without anything to see."""
    plain = " ".join(one_line(word, LONGEST).split())
    return (" ".join(folded(plain).split()) or plain)[:KEY]


def tags(tx: Tx) -> list[Tag]:
    """All that are in use, in order of their key."""
    query = (
        select(table.c.key, func.min(table.c.word).label("word"), func.count().label("people"))
        .where(mine(tx, table))
        .group_by(table.c.key)
    )
    rows = sorted(all_rows(tx, query), key=lambda row: str(row["key"]))
    return [Tag(key=row["key"], word=row["word"], people=row["people"]) for row in rows]


def tags_of(tx: Tx, ids: Iterable[str]) -> dict[str, list[Tag]]:
    """The tags of these contacts, in order of their key; ``people`` is not counted."""
    found: dict[str, list[Tag]] = defaultdict(list)
    for row in _of(tx, ids):
        found[row["contact_id"]].append(Tag(key=row["key"], word=row["word"], people=0))
    return found


def add_tag(tx: Tx, ids: Sequence[str], word: str, now: datetime) -> int:
    """Put a tag on these contacts; how many did not have it. Raises NotFound, NotPossible (too many on one person)."""
    return add_tags(tx, ids, [word], now)


def add_tags(tx: Tx, ids: Sequence[str], words: Sequence[str], now: datetime) -> int:
    """Put each of these words on each of these contacts, as one change; how many that gave. Raises as `add_tag`."""
    spelled: dict[str, str] = {}
    for word in words:
        spelled.setdefault(*_spelled(tx, word))
    held = defaultdict(set)
    for row in _of(tx, ids):
        held[row["contact_id"]].add(row["key"])
    _must_exist(tx, ids)
    wanted = [(each, key) for each in dict.fromkeys(ids) for key in spelled if key not in held[each]]
    if any(len(held[each] | spelled.keys()) > PER_PERSON for each, _ in wanted):
        raise NotPossible("Somebody has thirty tags already, the most there can be. Nothing was changed.")
    rows = [{"id": tx.new_id(), "owner_id": tx.owner_id, "contact_id": each, "key": key} for each, key in wanted]
    label = ", ".join(dict.fromkeys(spelled[key] for _, key in wanted))
    with recording(tx, "tag", label, now) as record:
        record.added(table, [row["id"] for row in rows])
        many(tx, insert(table), [row | {"word": spelled[row["key"]]} for row in rows])
    return len(rows)


def remove_tag(tx: Tx, ids: Sequence[str] | None, key: str, now: datetime) -> int:
    """Take a tag off these contacts (None: off everybody); how many had it."""
    rows = _with(tx, key) if ids is None else [row for row in _of(tx, ids) if row["key"] == key]
    gone = [row["id"] for row in rows]
    with recording(tx, "tag", rows[0]["word"] if rows else "", now) as record:
        record.before(table, gone)
        _delete(tx, gone)
    return len(gone)


def rename_tag(tx: Tx, key: str, word: str, now: datetime) -> int:
    """Call a tag otherwise wherever it is; with the name of another one the two become one. Raises NotFound."""
    rows, new = _with(tx, key), _key_of(word)
    if not rows:
        raise NotFound("There is no such tag.")
    others = _with(tx, new) if new != key else []
    taken = {row["contact_id"] for row in others}
    spelled = others[0]["word"] if others else one_line(word, LONGEST)
    double = [row["id"] for row in rows if row["contact_id"] in taken]
    moved = [row["id"] for row in rows if row["contact_id"] not in taken]
    with recording(tx, "tag", spelled, now) as record:
        record.before(table, double)
        _delete(tx, double)
        record.before(table, moved, columns=["word", "key", "contact_id"])
        for part in chunks(moved):
            here = (mine(tx, table), table.c.id.in_(part))
            tx.connection.execute(update(table).where(*here).values(word=spelled, key=new))
    return len(rows)


def _key_of(word: str) -> str:
    key = tag_key(word)
    if not key:
        raise NotPossible("A tag needs a word. Nothing was changed.")
    return key


def _spelled(tx: Tx, word: str) -> tuple[str, str]:
    """The key of a tag, and how it is written: as it is on others already, else as given. Raises NotPossible."""
    key = _key_of(word)
    return key, next((row["word"] for row in _with(tx, key)), one_line(word, LONGEST))


def _of(tx: Tx, ids: Iterable[str]) -> list[Row]:
    found: list[Row] = []
    for part in chunks(dict.fromkeys(ids)):
        found += all_rows(tx, select(table).where(mine(tx, table), table.c.contact_id.in_(part)))
    return sorted(found, key=lambda row: (row["contact_id"], row["key"]))


def _with(tx: Tx, key: str) -> Sequence[Row]:
    return all_rows(tx, select(table).where(mine(tx, table), table.c.key == key).order_by(table.c.contact_id))


def _delete(tx: Tx, ids: Sequence[str]) -> None:
    for part in chunks(ids):
        tx.connection.execute(delete(table).where(mine(tx, table), table.c.id.in_(part)))


def _must_exist(tx: Tx, ids: Sequence[str]) -> None:
    wanted = set(ids)
    for part in chunks(sorted(wanted)):
        rows = all_rows(tx, select(contact.c.id).where(mine(tx, contact), contact.c.id.in_(part)))
        if len(rows) < len(part):
            raise NotFound("There is no such contact.")
