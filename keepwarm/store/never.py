"""Whom the owner never wants to hear of: people, addresses and whole domains. Called by the page Never.

A mark (`tables.tombstone`) keeps each away from whatever comes in; people who are here already get the state ``never``,
so that no proposal, mail, follow-up or draft speaks of them. Every change can be taken back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from keepwarm.contacts import is_free_mail, match_form
from keepwarm.errors import NotFound, NotPossible
from keepwarm.store.changelog import recording
from keepwarm.store.database import Tx
from keepwarm.store.evidence import salted, tombstones
from keepwarm.store.judging import keep_away, marks_of
from keepwarm.store.own import own_match_forms
from keepwarm.store.owners import owner
from keepwarm.store.people import ContactRow, contacts
from keepwarm.store.rows import Row, all_rows, first, insert_new, mine, value
from keepwarm.store.tables import address, contact, never_entry, tombstone
from keepwarm.texts import mark

DOMAIN = re.compile(r"(?=.{3,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
ADDRESS = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}")

NEITHER = mark("This is neither an address like name@example.org nor a domain like example.org. Nothing was changed.")
THERE = mark("This is on the list already. Nothing was changed.")
OWN = mark("This is one of your own addresses. Nothing was changed.")
FREE = mark(
    "Anybody can have an address at this domain, so it would keep away half the people you know. Nothing was changed;"
    " add the address itself."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """``kind``: address or domain; ``value`` in lower case."""

    id: str
    kind: str
    value: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverList:
    """``people`` by name, ``entries`` in alphabetical order; ``marks``: of people of whom nothing else is left."""

    people: list[ContactRow]
    entries: list[Entry]
    marks: int


def never_list(tx: Tx, now: datetime) -> NeverList:
    people = [each for each in contacts(tx, states=["never"], now=now) if not each.died]
    rows = all_rows(tx, select(never_entry).where(mine(tx, never_entry)).order_by(never_entry.c.value))
    entries = [value(Entry, row) for row in rows]
    told = marks_of(tx, [row["id"] for row in _never(tx)]) | {_mark(tx, each.kind, each.value) for each in entries}
    return NeverList(people=people, entries=entries, marks=len(tombstones(tx) - told))


def bar(tx: Tx, told: str, now: datetime) -> int:
    """Add an address or a domain; how many people that makes strangers. Raises NotPossible, saying what to do."""
    kind, wanted = _read(told)
    if kind == "address" and match_form(wanted) in own_match_forms(tx):
        raise NotPossible(OWN)
    if kind == "domain" and is_free_mail(wanted):
        raise NotPossible(FREE)
    here = (mine(tx, never_entry), never_entry.c.value == wanted)
    if first(tx, select(never_entry.c.id).where(*here)) is not None:
        raise NotPossible(THERE)
    people = _people_at(tx, kind, wanted)
    row = {"id": tx.new_id(), "owner_id": tx.owner_id, "kind": kind, "value": wanted, "created_at": now}
    new = {_mark(tx, kind, wanted)} - tombstones(tx)
    with recording(tx, "never", wanted, now) as record:
        record.added(never_entry, [row["id"]])
        tx.connection.execute(insert(never_entry).values(**row))
        record.added(tombstone, sorted(new))
        insert_new(tx, tombstone, [{"owner_id": tx.owner_id, "hash": each} for each in new])
        keep_away(tx, people, record)
    return len(people)


def unbar(tx: Tx, entry_id: str, now: datetime) -> Entry:
    """Take an address or a domain off. People who were kept away by it stay so, one by one. Raises NotFound."""
    row = first(tx, select(never_entry).where(mine(tx, never_entry), never_entry.c.id == entry_id))
    if row is None:
        raise NotFound("There is no such entry on the list.")
    gone = _mark(tx, row["kind"], row["value"])
    with recording(tx, "let_in", row["value"], now) as record:
        record.before(never_entry, [entry_id])
        tx.connection.execute(delete(never_entry).where(mine(tx, never_entry), never_entry.c.id == entry_id))
        if gone not in marks_of(tx, [each["id"] for each in _never(tx)]):
            record.before(tombstone, [gone])
            tx.connection.execute(delete(tombstone).where(mine(tx, tombstone), tombstone.c.hash == gone))
    return value(Entry, row)


def _read(told: str) -> tuple[str, str]:
    """(kind, value) of what was typed: also ``@example.org``, ``*@example.org`` and the address of a site."""
    text = told.strip().lower().removeprefix("mailto:")
    local, at, domain = text.rpartition("@")
    if at and local not in {"", "*"}:
        if ADDRESS.fullmatch(local) and DOMAIN.fullmatch(_ascii(domain)):
            return "address", f"{local}@{_ascii(domain)}"
        raise NotPossible(NEITHER)
    if not at:
        domain = re.sub(r"^https?://(www\.)?", "", domain).partition("/")[0]
    domain = _ascii(domain.removeprefix("*.").strip("."))
    if not DOMAIN.fullmatch(domain):
        raise NotPossible(NEITHER)
    return "domain", domain


def _ascii(domain: str) -> str:
    """A domain as mail programs write it: letters beyond ASCII in their own form stay."""
    try:
        return domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _mark(tx: Tx, kind: str, wanted: str) -> str:
    return salted(owner(tx).salt, f"@{wanted}" if kind == "domain" else match_form(wanted))


def _never(tx: Tx) -> Sequence[Row]:
    return all_rows(tx, select(contact.c.id).where(mine(tx, contact), contact.c.state == "never"))


def _people_at(tx: Tx, kind: str, wanted: str) -> list[str]:
    """Contacts who have this address, or one at this domain, and are not kept away yet."""
    which = address.c.match == match_form(wanted)
    if kind == "domain":
        ends = (address.c.match.endswith(f"{sign}{wanted}", autoescape=True) for sign in "@.")
        which = next(ends) | next(ends)
    joined = select(contact.c.id).join(address, address.c.contact_id == contact.c.id)
    here = (mine(tx, contact), mine(tx, address), contact.c.state != "never", which)
    return [row["id"] for row in all_rows(tx, joined.where(*here).distinct().order_by(contact.c.id))]
