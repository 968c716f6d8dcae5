"""The owner's own addresses: given, inferred from what was read, or named by a provider.

Called through `keepwarm.store.accounts`, and by `items` and `touches` for the forms that mean the owner.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from sqlalchemy import Select, delete, func, select

from keepwarm.contacts import aliases, infer_own, match_form, namesakes
from keepwarm.store.database import Tx
from keepwarm.store.rows import all_rows, insert_new, mine, upsert, value
from keepwarm.store.tables import address, message, own_address, participant, plays
from keepwarm.types import MailMark, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAddress:
    address: str
    origin: str  # given, inferred, provider
    own: bool  # false: the owner said it is not theirs


def own_addresses(tx: Tx) -> list[OwnAddress]:
    """All that were given or inferred, also those the owner denied; in alphabetical order."""
    rows = all_rows(tx, select(own_address).where(mine(tx, own_address)).order_by(own_address.c.address))
    return [value(OwnAddress, row) for row in rows]


def own_match_forms(tx: Tx) -> frozenset[str]:
    """The match forms (`keepwarm.contacts.match_form`) of the addresses that are the owner's."""
    return frozenset(match_form(each.address) for each in own_addresses(tx) if each.own)


def record_own(tx: Tx, address_: str, *, own: bool, origin: str) -> bool:
    """Write the owner's word down; whether that changed who counts as the owner."""
    before = own_match_forms(tx)
    row = {"owner_id": tx.owner_id, "address": address_.strip().lower(), "origin": origin, "own": own}
    upsert(tx, own_address, [row], ["origin", "own"])
    return own_match_forms(tx) != before


def learn_own(tx: Tx, addresses: Iterable[str]) -> bool:
    """Note what a provider says is theirs; whether that changed who counts as the owner. Their own word stands."""
    before = own_match_forms(tx)
    said = {each.address for each in own_addresses(tx) if each.origin != "inferred"}
    for each in dict.fromkeys(addresses):
        if each not in said:
            record_own(tx, each, own=True, origin="provider")
    return own_match_forms(tx) != before


def store_inferred(tx: Tx) -> frozenset[str]:
    """Infer the owner's addresses from all mail; those that were gained or lost by it. What the owner said stays."""
    said = own_addresses(tx)
    given = frozenset(each.address for each in said if each.own and each.origin != "inferred")
    before = frozenset(each.address for each in said if each.own and each.origin == "inferred")
    authors, sent_authors = _authors(tx)
    found = _inferred(tx, given, authors, sent_authors)
    new = found - {each.address for each in said}
    lost = before - found - sent_authors.keys() if found else frozenset()
    rows = [{"owner_id": tx.owner_id, "address": each, "origin": "inferred", "own": True} for each in sorted(new)]
    insert_new(tx, own_address, rows)
    if lost:
        here = (mine(tx, own_address), own_address.c.origin == "inferred", own_address.c.address.in_(sorted(lost)))
        tx.connection.execute(delete(own_address).where(*here))
    return frozenset(new | lost)


def _inferred(
    tx: Tx, given: frozenset[str], authors: Mapping[str, int], sent_authors: Mapping[str, int]
) -> frozenset[str]:
    names = author_names(tx)
    found = infer_own(given, sent_authors, authors, _recipients(tx), names, _groups(tx))
    own = given | found
    candidates = namesakes(own, authors, names)
    if not candidates:
        return found
    return found | aliases(candidates, authors, _addressed(tx, candidates, {match_form(each) for each in own}))


def _groups(tx: Tx) -> frozenset[str]:
    return frozenset(row["address"] for row in all_rows(tx, _mail(Role.LIST).where(mine(tx, participant))))


def _addressed(tx: Tx, writers: Set[str], own: Set[str]) -> dict[str, int]:
    """How many mails of each writer name one of these match forms."""
    reader, whose = participant.alias(), address.alias()
    query = (
        select(address.c.address, func.count(participant.c.item_id.distinct()).label("n"))
        .select_from(participant.join(address, address.c.id == participant.c.address_id))
        .join(reader, (reader.c.item_id == participant.c.item_id) & plays(reader, *_READERS))
        .join(whose, whose.c.id == reader.c.address_id)
        .where(mine(tx, participant), mine(tx, reader), plays(participant, Role.FROM))
        .where(address.c.address.in_(sorted(writers)), whose.c.match.in_(sorted(own)))
        .group_by(address.c.address)
    )
    return {row["address"]: row["n"] for row in all_rows(tx, query)}


_READERS = (Role.TO, Role.CC, Role.BCC)


def _authors(tx: Tx) -> tuple[Counter[str], Counter[str]]:
    """How many mails each address wrote: over all mail, and over that of Sent folders."""
    sent = message.c.marks.op("&")(int(MailMark.SENT | MailMark.SENT_TOO)) != 0
    query = _mail(Role.FROM).add_columns(func.count().filter(sent).label("sent"))
    rows = all_rows(tx, query.join(message, message.c.id == participant.c.item_id).where(mine(tx, participant)))
    return (
        Counter({row["address"]: row["n"] for row in rows}),
        Counter({row["address"]: row["sent"] for row in rows if row["sent"]}),
    )


def author_names(tx: Tx) -> dict[str, str]:
    """The most frequent display name under which each address writes."""
    query = _mail(Role.FROM).add_columns(participant.c.name).group_by(participant.c.name)
    rows = all_rows(tx, query.where(mine(tx, participant), participant.c.name != ""))
    return {row["address"]: row["name"] for row in sorted(rows, key=lambda row: (row["n"], row["name"]))}


def _recipients(tx: Tx) -> Counter[str]:
    rows = all_rows(tx, _mail(*_READERS).where(mine(tx, participant)))
    return Counter({row["address"]: row["n"] for row in rows})


def _mail(*roles: Role) -> Select[tuple[str, int]]:
    return (
        select(address.c.address, func.count().label("n"))
        .select_from(participant.join(address, address.c.id == participant.c.address_id))
        .where(plays(participant, *roles))
        .group_by(address.c.address)
    )
