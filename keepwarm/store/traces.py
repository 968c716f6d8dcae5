"""Where somebody is told of outside their own rows: in events and in the outbox. Called by `erasure` and `holdings`.

Events in which they took part, or that name them; intents that are about them, about a talk with them, or that hold
their id. The mails in our own mailbox are found by `workers.erasing`, with what stands here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from keepwarm.mentions import Named
from keepwarm.store.database import Tx
from keepwarm.store.joins import sides
from keepwarm.store.own import own_match_forms
from keepwarm.store.people import must_exist
from keepwarm.store.rows import Row, all_rows, chunks, mine
from keepwarm.store.tables import (
    EVENT_ROLES,
    address,
    card,
    change,
    contact,
    event,
    follow_up,
    outbox,
    participant,
    plays,
    sighting,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """``ids``: of the contact and their follow-ups. ``addresses``: keys of theirs. ``intents``: rows of the outbox.

    ``events``: in which they took part.
    """

    named: Named
    ids: tuple[str, ...]
    addresses: tuple[int, ...]
    events: tuple[int, ...]
    intents: tuple[Row, ...]


def traces(tx: Tx, contact_id: str) -> Traces:
    """What tells of a contact. Raises NotFound."""
    must_exist(tx, contact_id)
    held = all_rows(tx, select(address.c.id, address.c.address).where(*_theirs(tx, address, contact_id)))
    addresses = [row["id"] for row in held]
    named = Named(names=_names(tx, contact_id, addresses), addresses=frozenset(row["address"] for row in held))
    events = _events(tx, addresses)
    follow_ups = all_rows(tx, select(follow_up.c.id).where(*_theirs(tx, follow_up, contact_id)))
    ids = (contact_id, *(row["id"] for row in follow_ups))
    return Traces(
        named=named,
        ids=ids,
        addresses=tuple(addresses),
        events=tuple(events),
        intents=tuple(_intents(tx, ids, {str(each) for each in events})),
    )


def kinds_sent(tx: Tx) -> dict[str, str]:
    """Of what kind each mail was that left, by its reference at whoever sent it."""
    query = select(outbox.c.remote_ref, outbox.c.kind).where(mine(tx, outbox), outbox.c.remote_ref != "")
    return {row["remote_ref"]: row["kind"] for row in all_rows(tx, query)}


def blank_events(tx: Tx, found: Traces) -> None:
    """Take title and place of what tells of them away, also from what imports hold of changed events."""
    took_part, telling = set(found.events), _telling(tx, found)
    for part in chunks(telling):
        here = (mine(tx, event), event.c.id.in_(part))
        tx.connection.execute(update(event).where(*here).values(title="", location=""))
    query = select(sighting).where(mine(tx, sighting), sighting.c.kind == "e", sighting.c.image.is_not(None))
    for row in all_rows(tx, query):
        told = (row["image"] or {}).get("row")
        if told and (row["item_id"] in telling or _tells(found.named, told, row["item_id"] in took_part)):
            image = row["image"] | {"row": told | {"title": "", "location": ""}}
            seen = (mine(tx, sighting), sighting.c.item_id == row["item_id"], sighting.c.batch_id == row["batch_id"])
            tx.connection.execute(update(sighting).where(*seen).values(image=image))


def joined_to(rows: Sequence[Row], contact_id: str) -> dict[str, str]:
    """Those who were joined to this contact, or to one of them, and are: name by id."""
    found: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: -row["id"]):
        kept, other = sides(row["before"]) if row["what"] == "join" and row["undone_at"] is None else ("", None)
        if other is not None and kept in (contact_id, *found):
            found[str(other[1])] = str(other[2]["name"])
    return found


def _theirs(tx: Tx, table: Any, contact_id: str) -> tuple[Any, Any]:
    return mine(tx, table), table.c.contact_id == contact_id


def _names(tx: Tx, contact_id: str, addresses: Sequence[int]) -> frozenset[str]:
    """Every name that they have or had: as the owner knows them, on cards, in mails and events, before changes."""
    found = {row["name"] for row in all_rows(tx, select(card.c.name).where(*_theirs(tx, card, contact_id)))}
    found.add(must_exist(tx, contact_id)["name"])
    for part in chunks(addresses):
        here = (mine(tx, participant), participant.c.address_id.in_(part))
        found |= {row["name"] for row in all_rows(tx, select(participant.c.name).where(*here).distinct())}
    changes = all_rows(tx, select(change).where(mine(tx, change)))
    found |= {image[2].get("name", "") for row in changes for image in row["before"] if _is(image, contact_id)}
    return frozenset((found | set(joined_to(changes, contact_id).values())) - {""})


def _is(image: Sequence[Any], contact_id: str) -> bool:
    return bool(image[0] == contact.name and image[1] == contact_id and image[2])


def _events(tx: Tx, addresses: Sequence[int]) -> list[int]:
    found: set[int] = set()
    for part in chunks(addresses):
        took_part = (mine(tx, participant), participant.c.address_id.in_(part), plays(participant, *EVENT_ROLES))
        found |= {row["item_id"] for row in all_rows(tx, select(participant.c.item_id).where(*took_part))}
    return sorted(found)


def _telling(tx: Tx, found: Traces) -> set[int]:
    """Events whose title or place tells of them: it names them, or they were the only guest."""
    took_part = set(found.events)
    alone = took_part - _with_others(tx, found.events, found.addresses)
    columns = (event.c.id, event.c.title, event.c.location)
    rows = all_rows(tx, select(*columns).where(mine(tx, event), (event.c.title != "") | (event.c.location != "")))
    return {row["id"] for row in rows if row["id"] in alone or _tells(found.named, row, row["id"] in took_part)}


def _tells(named: Named, row: Row, took_part: bool) -> bool:
    texts = (row["title"], row["location"])
    return named.hinted_in(*texts) if took_part else named.named_in_full_in(*texts)


def _with_others(tx: Tx, events: Sequence[int], addresses: Sequence[int]) -> set[int]:
    """Those of these events in which somebody else than they and the owner took part."""
    own, found = own_match_forms(tx), set()
    for part in chunks(events):
        query = select(participant.c.item_id, address.c.match).join(address, address.c.id == participant.c.address_id)
        here = (mine(tx, participant), participant.c.item_id.in_(part), participant.c.address_id.not_in(addresses))
        rows = all_rows(tx, query.where(*here, participant.c.resource.is_(False)))
        found |= {row["item_id"] for row in rows if row["match"] not in own}
    return found


def _intents(tx: Tx, ids: Collection[str], events: Collection[str]) -> list[Row]:
    rows = all_rows(tx, select(outbox).where(mine(tx, outbox)).order_by(outbox.c.run_at.desc(), outbox.c.id))
    about = {*ids, *events}
    return [row for row in rows if row["subject_ref"] in about or _holds(row["payload"], ids, events)]


def _holds(payload: dict[str, Any], ids: Collection[str], events: Collection[str]) -> bool:
    """Whether a payload speaks of them: their id in it, or a talk with them."""
    talks = payload.get("talks") or ()
    return any(mentions(each, ids) for each in payload.values()) or any(each in events for each in talks)


def mentions(held: Any, ids: Collection[str]) -> bool:
    """Whether one of these ids stands in a value of a payload, or in a part of it (``thanks:<talk>:<contact>``)."""
    if isinstance(held, str):
        return any(each in ids for each in held.split(":"))
    return isinstance(held, list) and any(mentions(each, ids) for each in held)
