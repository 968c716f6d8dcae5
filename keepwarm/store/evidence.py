"""What detection needs to know: the evidence of every address, every card and every contact.

Called by `detecting`. Each kind of fact is one query over all addresses of the owner.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import case, func, select

from keepwarm.contacts import AddressFacts, CardFacts, KnownContact, domain_keys, match_form, tombstone_keys
from keepwarm.store.database import Tx
from keepwarm.store.rows import Row, all_rows, mine, once_through, value
from keepwarm.store.tables import (
    ERASED,
    EVENT_ROLES,
    address,
    card,
    card_address,
    contact,
    message,
    participant,
    plays,
    tombstone,
    touch,
)
from keepwarm.types import ContactCard, MailMark, Role

AUTO = int(MailMark.AUTO | MailMark.BOUNCE)
BULK = int(MailMark.BULK)
LIST = int(MailMark.LIST)

_WHOSE = once_through(participant.c.address_id)
_ADDRESS = _WHOSE.label("address_id")


def address_facts(tx: Tx, now: datetime, own: frozenset[str]) -> list[AddressFacts]:
    """The evidence of every address that is not the owner's and not an erased person's."""
    rows = all_rows(tx, select(address).where(mine(tx, address), address.c.match != ERASED).order_by(address.c.id))
    names, touches, authored, marked = _names(tx), _touches(tx, now), _authored(tx), _marked(tx)
    others = {row["id"]: row["address"] for row in rows if row["match"] not in own}
    brought = {key: others.get(author, "") for key, author in _first_author(tx).items() if key != author}
    return [
        AddressFacts(
            address=row["address"],
            contact_id=row["contact_id"],
            names=tuple(names.get(row["id"], ())),
            brought_by=brought.get(row["id"], ""),
            **touches.get(row["id"], {}),
            **authored.get(row["id"], {}),
            **marked.get(row["id"], {}),
        )
        for row in rows
        if row["id"] in others
    ]


def card_facts(tx: Tx) -> list[CardFacts]:
    """Every card."""
    query = (
        select(card_address.c.card_id, address.c.address)
        .join(address, address.c.id == card_address.c.address_id)
        .where(mine(tx, card_address))
        .order_by(address.c.address)
    )
    found: dict[int, list[str]] = {}
    for row in all_rows(tx, query):
        found.setdefault(row["card_id"], []).append(row["address"])
    rows = all_rows(tx, select(card).where(mine(tx, card)).order_by(card.c.id))
    return [
        CardFacts(card_id=row["id"], contact_id=row["contact_id"], card=stored_card(row, found.get(row["id"], ())))
        for row in rows
    ]


def stored_card(row: Row, addresses: Sequence[str]) -> ContactCard:
    return value(ContactCard, row, addresses=tuple(addresses), origins=tuple(row["origins"]))


def known_contacts(tx: Tx) -> list[KnownContact]:
    """Every contact, in every state, with its addresses."""
    query = select(address.c.contact_id, address.c.address).where(mine(tx, address), address.c.contact_id.is_not(None))
    found: dict[str, list[str]] = {}
    for row in all_rows(tx, query.order_by(address.c.address)):
        found.setdefault(row["contact_id"], []).append(row["address"])
    return [
        value(
            KnownContact,
            row,
            contact_id=row["id"],
            addresses=tuple(found.get(row["id"], ())),
            origins=tuple(row["origins"]),
            edited=tuple(row["edited"]),
        )
        for row in all_rows(tx, select(contact).where(mine(tx, contact)).order_by(contact.c.id))
    ]


def gone_keys(tx: Tx, salt: str, addresses: Sequence[str], cards: Sequence[ContactCard]) -> frozenset[str]:
    """Which of these addresses and cards bear the mark of somebody who stays away, as `tombstone_keys`."""
    hashes = tombstones(tx)
    if not hashes:
        return frozenset()
    keys = {match_form(each) for each in addresses}
    for each in cards:
        keys |= set(tombstone_keys(each.name, each.organisation, each.source, each.addresses))
    named = [*addresses, *(address for each in cards for address in each.addresses)]
    domains = {key for each in named for key in domain_keys(each)}
    closed = {key for key in domains if salted(salt, key) in hashes}
    barred = {match_form(each) for each in named if closed.intersection(domain_keys(each))}
    return frozenset(key for key in keys if salted(salt, key) in hashes) | barred


def tombstones(tx: Tx) -> frozenset[str]:
    return frozenset(row["hash"] for row in all_rows(tx, select(tombstone.c.hash).where(mine(tx, tombstone))))


def salted(salt: str, key: str) -> str:
    return sha256(f"{salt}\x1f{key}".encode("utf-8", "surrogatepass")).hexdigest()


def _names(tx: Tx) -> dict[int, list[tuple[str, int]]]:
    times = func.count().label("n")
    query = (
        select(_ADDRESS, participant.c.name, times)
        .where(mine(tx, participant), participant.c.name != "")
        .group_by(_WHOSE, participant.c.name)
        .order_by(_WHOSE, times.desc(), participant.c.name)
    )
    found: dict[int, list[tuple[str, int]]] = {}
    for row in all_rows(tx, query):
        found.setdefault(row["address_id"], []).append((row["name"], row["n"]))
    return found


def _touches(tx: Tx, now: datetime) -> dict[int, Row]:
    query = (
        select(
            touch.c.address_id,
            *(func.count(case((touch.c.kind == kind, 1))).label(name) for kind, name in _KINDS),
            func.min(touch.c.at).label("first_at"),
            func.max(touch.c.at).label("last_at"),
        )
        .where(mine(tx, touch), touch.c.at <= now)
        .group_by(touch.c.address_id)
    )
    return _by_address(all_rows(tx, query))


_KINDS = (("s", "sent"), ("r", "received"), ("m", "meetings"))


def _authored(tx: Tx) -> dict[int, Row]:
    """Mails written, and those that a machine made, or distributed without being a mailing list."""
    marks = message.c.marks
    bulk = (marks.op("&")(BULK) != 0) & (marks.op("&")(LIST) == 0)
    query = (
        select(
            _ADDRESS,
            func.count().label("authored"),
            func.count(case((marks.op("&")(AUTO) != 0, 1))).label("authored_auto"),
            func.count(case((bulk, 1))).label("authored_bulk"),
        )
        .join(message, message.c.id == participant.c.item_id)
        .where(mine(tx, participant), plays(participant, Role.FROM))
        .group_by(_WHOSE)
    )
    return _by_address(all_rows(tx, query))


def _marked(tx: Tx) -> dict[int, Row]:
    """Addresses that headers call a mailing list, or a calendar a room or group."""
    group, room = plays(participant, Role.LIST), participant.c.resource.is_(True)
    query = select(
        _ADDRESS,
        func.max(case((group, 1), else_=0)).label("group"),
        func.max(case((room, 1), else_=0)).label("resource"),
    ).where(mine(tx, participant), group | room)
    rows = all_rows(tx, query.group_by(_WHOSE))
    return {row["address_id"]: {"group": bool(row["group"]), "resource": bool(row["resource"])} for row in rows}


def _first_author(tx: Tx) -> dict[int, int]:
    """Address id → address id of the author of the first dated mail it appears in."""
    mails = (mine(tx, participant), ~plays(participant, *EVENT_ROLES), participant.c.at.is_not(None))
    then = select(_ADDRESS, func.min(participant.c.at).label("at")).where(*mails).group_by(_WHOSE).subquery()
    there = (participant.c.address_id == then.c.address_id) & (participant.c.at == then.c.at)
    first_mail = select(then.c.address_id, func.min(participant.c.item_id).label("item_id")).join(participant, there)
    mail = first_mail.where(*mails).group_by(then.c.address_id).subquery()
    author = participant.alias()
    wrote_it = (author.c.item_id == mail.c.item_id) & plays(author, Role.FROM)
    query = (
        select(mail.c.address_id, func.min(author.c.address_id).label("author"))
        .join(author, wrote_it)
        .where(mine(tx, author))
        .group_by(mail.c.address_id)
    )
    return {row["address_id"]: row["author"] for row in all_rows(tx, query)}


def _by_address(rows: Sequence[Row]) -> dict[int, Row]:
    return {row["address_id"]: {name: row[name] for name in row if name != "address_id"} for row in rows}
