"""Detection carried out: who is proposed, attached, suggested. Called through `contacts` after every sync."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from keepwarm.contacts import Attach, Decisions, Likely, NewContact
from keepwarm.contacts import detect as decide
from keepwarm.store.anew import Former, let_go
from keepwarm.store.database import Tx
from keepwarm.store.evidence import address_facts, card_facts, gone_keys, known_contacts
from keepwarm.store.own import own_match_forms, store_inferred
from keepwarm.store.owners import owner
from keepwarm.store.rows import all_rows, first, many, mine
from keepwarm.store.tables import address, card, contact, identity, suggestion, touch
from keepwarm.store.tables import owner as owner_table
from keepwarm.store.tallying import tally_anew
from keepwarm.store.touches import rebuild_touches


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """How many were proposed, how many gained something, how many pairs are new to be asked about."""

    proposed: int
    attached: int
    likely: int


def has_news(tx: Tx, now: datetime) -> bool:
    """Whether looking again can find anything: evidence changed, or a meeting has taken place since."""
    last = tx.connection.execute(select(owner_table.c.detected_at).where(owner_table.c.id == tx.owner_id)).scalar()
    if last is None or last > now:
        return True
    met = (mine(tx, touch), touch.c.kind == "m", touch.c.at > last, touch.c.at <= now)
    return first(tx, select(touch.c.item_id).where(*met).limit(1)) is not None


def detect(tx: Tx, now: datetime, former: Former | None = None) -> Detected:
    """Look at all evidence and carry out what it says. A second run with nothing new changes nothing.

    Where it turns out that the owner is somebody else too, or is not, every proposal is judged anew.
    """
    if store_inferred(tx):
        rebuild_touches(tx)
        former = former or let_go(tx, None)
    decisions = _decide(tx, now)
    ids = _propose(tx, decisions.new, former or Former(), now)
    attached = _attach(tx, decisions.attach)
    here = update(owner_table).where(owner_table.c.id == tx.owner_id)
    tx.connection.execute(here.values(detected_at=now))
    tally_anew(tx, now)
    return Detected(proposed=len(ids), attached=attached, likely=_suggest(tx, decisions.likely, ids))


def _decide(tx: Tx, now: datetime) -> Decisions:
    own = own_match_forms(tx)
    facts, cards, known = address_facts(tx, now, own), card_facts(tx), known_contacts(tx)
    gone = gone_keys(tx, owner(tx).salt, [each.address for each in facts], [each.card for each in cards])
    return decide(facts, cards, known, gone, own)


def _propose(tx: Tx, new: Sequence[NewContact], former: Former, now: datetime) -> list[str]:
    """Store the proposals; their ids in the same order."""
    taken: set[str] = set()
    rows, addresses, cards = [], [], []
    for each in new:
        keys = [identity(tx.owner_id, "address", found) for found in each.addresses]
        contact_id = _former_id(former, keys, each.card_ids, taken) or tx.new_id()
        taken.add(contact_id)
        rows.append(_contact_row(tx, contact_id, each, former.proposed_at.get(contact_id, now)))
        addresses += [{"key": key, "whose": contact_id} for key in keys]
        cards += [{"key": key, "whose": contact_id} for key in each.card_ids]
    many(tx, insert(contact), rows)
    belong(tx, addresses, cards)
    return [row["id"] for row in rows]


def belong(tx: Tx, addresses: Sequence[Mapping[str, Any]], cards: Sequence[Mapping[str, Any]]) -> None:
    """Note whose these addresses and cards are: {"key": row id, "whose": contact id}."""
    for table, rows in ((address, addresses), (card, cards)):
        here = update(table).where(mine(tx, table), table.c.id == bindparam("key"))
        many(tx, here.values(contact_id=bindparam("whose")), rows)


def _former_id(former: Former, addresses: Sequence[int], cards: Sequence[int], taken: set[str]) -> str:
    found = [former.by_address.get(each) for each in addresses] + [former.by_card.get(each) for each in cards]
    return next((each for each in found if each and each not in taken), "")


def _contact_row(tx: Tx, contact_id: str, each: NewContact, proposed_at: datetime) -> dict[str, Any]:
    return {
        "id": contact_id,
        "owner_id": tx.owner_id,
        "name": each.name,
        "state": "proposed",
        "organisation": each.organisation,
        "role": each.role,
        "origins": list(each.origins),
        "edited": [],
        "introducer_address_id": identity(tx.owner_id, "address", each.brought_by) if each.brought_by else None,
        "proposed_at": proposed_at,
    }


def _attach(tx: Tx, decisions: Sequence[Attach]) -> int:
    addresses = [
        {"key": identity(tx.owner_id, "address", found), "whose": each.contact_id}
        for each in decisions
        for found in each.addresses
    ]
    cards = [{"key": key, "whose": each.contact_id} for each in decisions for key in each.card_ids]
    belong(tx, addresses, cards)
    for each in decisions:
        _fill(tx, each)
    return len(decisions)


def _fill(tx: Tx, each: Attach) -> None:
    here = (mine(tx, contact), contact.c.id == each.contact_id)
    values: dict[str, Any] = {name: new for name in ("name", "organisation", "role") if (new := getattr(each, name))}
    if each.origins:
        origins = tx.connection.execute(select(contact.c.origins).where(*here)).scalar_one()
        values["origins"] = list(dict.fromkeys([*origins, *each.origins]))
    if values:
        tx.connection.execute(update(contact).where(*here).values(**values))


def _suggest(tx: Tx, likely: Sequence[Likely], new_ids: Sequence[str]) -> int:
    """Note the pairs not asked about before."""
    query = select(suggestion.c.contact_a, suggestion.c.contact_b).where(mine(tx, suggestion))
    known = {frozenset((row["contact_a"], row["contact_b"])) for row in all_rows(tx, query)}
    rows = []
    for each in likely:
        a, b = sorted(_whom(ref, new_ids) for ref in (each.a, each.b))
        if a == b or frozenset((a, b)) in known:
            continue
        known.add(frozenset((a, b)))
        reason = {"key": each.reason_key, "values": dict(each.values)}
        rows.append({"id": tx.new_id(), "owner_id": tx.owner_id, "contact_a": a, "contact_b": b, "reason": reason})
    many(tx, insert(suggestion), rows)
    return len(rows)


def _whom(ref: str, new_ids: Sequence[str]) -> str:
    kind, _, index = ref.partition(":")
    return new_ids[int(index)] if kind == "new" and index else ref
