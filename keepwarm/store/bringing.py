"""Several people at once whom the owner thought of: those known already are taken in, the others are new.

Called by the pages of the first steps. All of it is one change, taken back as one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, cast, select, update

from keepwarm.contacts import match_form
from keepwarm.store.changelog import Recording, recording
from keepwarm.store.database import Tx
from keepwarm.store.judging import bring_in
from keepwarm.store.own import own_match_forms
from keepwarm.store.rows import Row, all_rows, first, mine
from keepwarm.store.tables import address, contact, listing

SEEN = ("proposed", "active", "ignored")  # whom a name can mean; who is never to come up is not among them


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """Somebody by name. ``origin``: how they know each other, a key of METHOD.md section 2."""

    name: str
    origin: str
    circle: str
    about: str = ""
    address: str = ""


def bring(tx: Tx, people: Sequence[Brought], now: datetime) -> int:
    """Everybody into the network; how many of them were not there yet. Somebody who is gets one more origin."""
    label = people[0].name if len(people) == 1 else str(len(people))
    with recording(tx, "add", label, now) as record:
        return sum(_bring(tx, record, each, now) for each in people)


def there(tx: Tx, origin: str, most: int) -> list[str]:
    """Names of active people who came that way, at most so many; in order."""
    joined = contact.join(listing, listing.c.contact_id == contact.c.id)
    here = (mine(tx, contact), contact.c.state == "active")
    came_so = cast(contact.c.origins, Text).contains(f'"{origin}"', autoescape=True)
    query = select(contact.c.name).select_from(joined).where(*here, came_so).order_by(listing.c.sorting, contact.c.id)
    return [row["name"] for row in all_rows(tx, query.limit(most))]


def _bring(tx: Tx, record: Recording, each: Brought, now: datetime) -> bool:
    known = _known(tx, each)
    if known is not None:
        _take_in(tx, record, known, each, now)
        return bool(known["state"] != "active")
    held = match_form(each.address) in own_match_forms(tx) if each.address else True
    bring_in(
        tx, record, name=each.name, address="" if held else each.address, organisation=each.about,
        origins=(each.origin,), circle=each.circle, now=now,
    )  # fmt: skip
    return True


def _take_in(tx: Tx, record: Recording, known: Row, each: Brought, now: datetime) -> None:
    values = {
        "origins": list(dict.fromkeys([*known["origins"], each.origin])),
        "edited": sorted({*known["edited"], "origins"}),
        "circle": known["circle"] or each.circle,
        "state": "active",
        "accepted_at": known["accepted_at"] if known["state"] == "active" else now,
    }
    record.before(contact, [known["id"]], columns=list(values))
    here = (mine(tx, contact), contact.c.id == known["id"])
    tx.connection.execute(update(contact).where(*here).values(**values))


def _known(tx: Tx, each: Brought) -> Row | None:
    """Whoever has this address, or is the only one of this name."""
    here = (mine(tx, contact), contact.c.state.in_(SEEN))
    if each.address:
        joined = select(contact).join(address, address.c.contact_id == contact.c.id)
        return first(tx, joined.where(*here, mine(tx, address), address.c.match == match_form(each.address)))
    rows = all_rows(tx, select(contact.c.id, contact.c.name).where(*here))
    alike = [row["id"] for row in rows if row["name"].casefold() == each.name.casefold()]
    return first(tx, select(contact).where(*here, contact.c.id == alike[0])) if len(alike) == 1 else None
