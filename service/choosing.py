"""Finding somebody of the network by a few letters, where a page asks for a person. Called by `service.pages`.

A list of everybody to choose from is no help with a thousand people, so a page has a field and shows what fits: as one
types where scripts run, on a page of its own where they do not.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from werkzeug.datastructures import MultiDict

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who is there, by a form that looks for them too. ``search``: what was typed to find another.

    ``choosing``: it was sent to find, add or take away somebody, or by Enter with a name typed: nothing is kept yet.
    """

    whom: tuple[str, ...]
    search: str
    choosing: bool


def asked(form: MultiDict[str, str]) -> Asked:
    """What such a form (``who`` in choose.html) was sent for; ``do`` is ``find``, else whatever keeps it."""
    named = (*form.getlist("contact"), form.get("add", ""))
    whom = tuple(dict.fromkeys(each for each in named if each and each != form.get("drop")))
    if "add" in form or "drop" in form:
        return Asked(whom=whom, search="", choosing=True)
    search, do = form.get("q", "").strip()[:100], form.get("do", "")
    return Asked(whom=whom, search=search, choosing=do == "find" or (bool(search) and not do))


def around(tx: Tx, whom: Sequence[str], search: str, now: datetime, *, most: int) -> dict[str, Any]:
    """What such a page shows: who was chosen, whether that is as many as may be, who fits what was typed."""
    ids = list(dict.fromkeys(each for each in whom if each))[:most]
    rows = contacts.contact_rows(tx, ids, now)
    chosen = [rows[each] for each in ids if each in rows and rows[each].state == "active"]
    search = search.strip()[:100]
    return {
        "chosen": chosen, "full": len(chosen) >= most, "search": search,
        "found": find(tx, search, now, without=ids),
    }  # fmt: skip
