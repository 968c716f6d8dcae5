"""Two people side by side, and what they would be as one. Called by the page of likely pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from keepwarm.store.database import Tx
from keepwarm.store.judging import merged
from keepwarm.store.people import ContactRow, must_exist
from keepwarm.store.rows import all_rows, mine
from keepwarm.store.tables import note, plan_entry, promise, tag

KINDS = {"notes": note, "promises": promise, "plan": plan_entry, "tags": tag}


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    """What the joined person would be. ``counts``: by kind, what each of the two has: the kept, the other."""

    name: str
    addresses: list[str]
    profiles: list[str]
    organisation: str
    role: str
    circle: str
    origins: list[str]
    state: str
    private: bool
    counts: dict[str, tuple[int, int]]


def both(tx: Tx, keep: ContactRow, other: ContactRow) -> Both:
    """As `judging.join` would make them, ``keep`` being the one whose name stays."""
    first, second = must_exist(tx, keep.id), must_exist(tx, other.id)
    values = merged(first, second)
    return Both(
        name=keep.name,
        addresses=list(dict.fromkeys([*keep.addresses, *other.addresses])),
        profiles=list(dict.fromkeys([*keep.profiles, *other.profiles])),
        organisation=values["organisation"],
        role=values["role"],
        circle=values["circle"] or _warmer(keep.circle, other.circle),
        origins=values["origins"],
        state=str(values.get("state", first["state"])),
        private=values["private"],
        counts=_counts(tx, keep.id, other.id),
    )


def weight(row: ContactRow) -> tuple[bool, int, int]:
    """The one with more of it is proposed to be kept: in the network, then more said, then more contact."""
    return (row.state == "active", len(row.organisation) > 0, row.sent + row.received + row.meetings)


def _warmer(a: str, b: str) -> str:
    order: Sequence[str] = ("warm", "lukewarm", "cold")
    return min((a, b), key=order.index)


def _counts(tx: Tx, keep_id: str, other_id: str) -> dict[str, tuple[int, int]]:
    found = {}
    for name, table in KINDS.items():
        query = select(table.c.contact_id, func.count().label("n")).where(
            mine(tx, table), table.c.contact_id.in_((keep_id, other_id))
        )
        rows = {row["contact_id"]: row["n"] for row in all_rows(tx, query.group_by(table.c.contact_id))}
        found[name] = (rows.get(keep_id, 0), rows.get(other_id, 0))
    return found
