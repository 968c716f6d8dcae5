"""Finding somebody of the network by a few letters, where a page asks for a person. Called by `service.pages`.

A list of everybody to choose from is no help with a thousand people, so a page has a field and shows what fits: as one
types where scripts run, on a page of its own where they do not.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from keepwarm.store import Tx, contacts
from keepwarm.store.contacts import ContactRow

AT_MOST = 12  # ours: whoever needs more types another letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """``more``: there are others that fit."""

    people: tuple[ContactRow, ...]
    more: bool


def find(tx: Tx, search: str, now: datetime, *, without: Collection[str] = ()) -> Choice:
    """People of the network that fit what was typed, by name; nobody for nothing. Private people are left aside."""
    if not search.strip():
        return Choice(people=(), more=False)
    rows = contacts.contacts(tx, states=["active"], now=now, search=search, limit=AT_MOST + len(without) + 1)
    fitting = [row for row in rows if not row.private and row.id not in without]
    return Choice(people=tuple(fitting[:AT_MOST]), more=len(rows) > AT_MOST + len(without))
