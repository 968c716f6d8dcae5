"""How mails become rows. Called by `items` for one page; `removal` and `heirs` know here what copies of a mail share.

In two steps, so that a process beside can do the first: `ready_mails` knows no database and turns mails into plain
numbers and text; `keep_mails` writes what is new. These rows come by the hundred thousand, hence tuples, no objects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, select, update

from keepwarm.contacts import match_form
from keepwarm.store.arrivals import Arrival, Stored, note_sightings, see
from keepwarm.store.database import Tx
from keepwarm.store.rows import Row, all_rows, among, insert_tuples, many, mine, upsert
from keepwarm.store.tables import address, identity, message, microseconds, participant, sighting, touch
from keepwarm.store.touches import TOUCH_COLUMNS, MailFacts, mail_touch_rows
from keepwarm.types import MailMark, Message

SENT, SENT_TOO = int(MailMark.SENT), int(MailMark.SENT_TOO)
FILED = {"sent": True}  # the image of a mail's copy that lay in a Sent folder: all in which copies differ

MESSAGE_COLUMNS = ("id", "owner_id", "ref", "at", "marks", "recipients", "stream_id", "batch_id")
PEOPLE_COLUMNS = ("owner_id", "item_id", "address_id", "roles", "at", "name", "reply", "resource")
ADDRESS_COLUMNS = ("id", "owner_id", "address", "match")


@dataclass(slots=True, kw_only=True)
class ReadyMails:
    """The mails of one page by key. Not frozen: it is filled mail by mail.

    ``refs`` and ``facts``: of each mail. ``roles`` and ``names``: of each mail, by key of the address. ``addresses``:
    address and match form by key. ``filed``: the mails of which a copy lay in a Sent folder.
    """

    refs: dict[int, str] = field(default_factory=dict)
    facts: dict[int, MailFacts] = field(default_factory=dict)
    roles: dict[int, dict[int, int]] = field(default_factory=dict)
    names: dict[int, dict[int, str]] = field(default_factory=dict)
    addresses: dict[int, tuple[str, str]] = field(default_factory=dict)
    filed: set[int] = field(default_factory=set)


def ready_mails(owner_id: str, mails: Sequence[Message]) -> ReadyMails:
    """The mails made ready to be written. Of two copies the first stands; one from a Sent folder says so for all."""
    found = ReadyMails()
    keys: dict[str, int] = {}
    for each in mails:
        key = identity(owner_id, "message", each.ref)
        marks = int(each.marks)
        if marks & SENT:
            found.filed.add(key)
        if key not in found.refs:
            at = None if each.at is None else microseconds(each.at)
            found.refs[key], found.facts[key] = each.ref, (at, marks, each.recipients)
            _read_people(found, key, each, owner_id, keys)
    return found


def _read_people(found: ReadyMails, key: int, mail: Message, owner_id: str, keys: dict[str, int]) -> None:
    roles: dict[int, int] = {}
    names: dict[int, str] = {}
    for each in mail.participants:
        text = each.address.address
        whom = keys.get(text)
        if whom is None:
            whom = keys[text] = identity(owner_id, "address", text)
            found.addresses[whom] = (text, match_form(text))
        if whom in roles:
            roles[whom] |= each.role.bit
            names[whom] = names[whom] or each.address.name
        else:
            roles[whom], names[whom] = each.role.bit, each.address.name
    found.roles[key], found.names[key] = roles, names


def keep_mails(to: Arrival, found: ReadyMails) -> Stored:
    """Store the mails that are new, in the order of their keys: rows that lie together are written together."""
    known = _known(to, found)
    _see_mails(to, list(known.values()), found.filed)
    new = sorted(found.refs.keys() - known.keys())
    _keep_addresses(to, found, new)
    insert_tuples(to.tx, message, MESSAGE_COLUMNS, _message_rows(to, found, new))
    insert_tuples(to.tx, participant, PEOPLE_COLUMNS, _people_rows(to, found, new))
    insert_tuples(to.tx, touch, TOUCH_COLUMNS, sorted(_touch_rows(to, found, new)))
    return Stored(stored=len(new), ids=new)


def _known(to: Arrival, found: ReadyMails) -> dict[int, Row]:
    query = select(message.c.id, message.c.batch_id, message.c.stream_id, message.c.marks)
    here = (mine(to.tx, message), among(to.tx, message.c.id, found.refs))
    return {row["id"]: row for row in all_rows(to.tx, query.where(*here))}


def _keep_addresses(to: Arrival, found: ReadyMails, new: Sequence[int]) -> None:
    """Ordered by key: two writers never lock crosswise."""
    wanted = {whom for key in new for whom in found.roles[key]}
    rows = ((whom, to.owner_id, *found.addresses[whom]) for whom in sorted(wanted))
    insert_tuples(to.tx, address, ADDRESS_COLUMNS, rows)


def _message_rows(to: Arrival, found: ReadyMails, new: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    for key in new:
        at, marks, recipients = found.facts[key]
        marks |= SENT if key in found.filed else 0
        yield key, to.owner_id, found.refs[key], at, marks, recipients, to.stream_id, to.batch_id


def _people_rows(to: Arrival, found: ReadyMails, new: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    owner_id, erased = to.owner_id, to.erased
    for key in new:
        at, names = found.facts[key][0], found.names[key]
        for whom, roles in found.roles[key].items():
            yield owner_id, key, whom, roles, at, "" if whom in erased else names[whom], "none", False


def _touch_rows(to: Arrival, found: ReadyMails, new: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    own = {whom for whom, (_, form) in found.addresses.items() if form in to.own}
    for key in new:
        yield from mail_touch_rows(to.owner_id, key, found.facts[key], found.roles[key], own)


# --- copies of one mail ---------------------------------------------------------------------------------------------


def _see_mails(to: Arrival, rows: Sequence[Row], filed: Set[int]) -> None:
    """Note that this source holds these stored mails too; ``filed``: those whose copy here lay in a Sent folder."""
    see(to, message, "m", rows)
    before = {row["id"]: int(row["marks"]) for row in rows}
    after: dict[int, int] = {}
    aside: dict[int, str] = {}
    for row in rows:
        key, marks, sent = row["id"], before[row["id"]], SENT if row["id"] in filed else 0
        if row["batch_id"] == to.batch_id:
            after[key] = marks | sent
        elif to.batch_id is None:  # the account's copy is the stored one from here on; that of the import stands aside
            after[key] = marks & ~SENT | sent | (SENT_TOO if marks & SENT else 0)
            aside |= {key: row["batch_id"]} if marks & SENT else {}
        elif sent:
            after[key] = marks | SENT_TOO
            aside[key] = to.batch_id
    upsert(to.tx, sighting, [each | {"image": FILED} for each in note_sightings(to, "m", aside)], ["image"])
    mark_mails(to.tx, before, after)


def mark_mails(tx: Tx, before: Mapping[int, int], after: Mapping[int, int]) -> None:
    """Write the marks of mails that changed, by the id of the mail."""
    rows = [{"key": key, "marks_now": marks} for key, marks in after.items() if before[key] != marks]
    here = update(message).where(mine(tx, message), message.c.id == bindparam("key"))
    many(tx, here.values(marks=bindparam("marks_now")), rows)
