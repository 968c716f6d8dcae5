"""The people who use this installation. Called through `keepwarm.store.accounts`."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import fields as fields_of
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import insert, select, update

from keepwarm.errors import NotFound, NotPossible
from keepwarm.pace import Pace
from keepwarm.store.database import Tx
from keepwarm.store.rows import Row, all_rows, first, value
from keepwarm.store.tables import owner as owner_table
from keepwarm.zones import local

PACE_FIELDS = frozenset(each.name for each in fields_of(Pace)) - {"zone", "country", "region"}
PACE_TIMES = frozenset({"quiet_from", "quiet_to", "digest_time", "brief_time"})
FIELDS = frozenset(
    {"lang", "zone", "country", "region", "settings", "name", "held", "email", "password_hash", "operator"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """``operator``: they run this installation, and nobody else sees its pages about that."""

    id: str
    email: str
    name: str
    lang: str
    zone: str
    country: str
    region: str
    settings: dict[str, Any]
    held: bool
    created_at: datetime
    has_password: bool
    salt: str
    operator: bool

    @property
    def is_sample(self) -> bool:
        """Whether nobody is behind it: the invented network of somebody who looks around (`keepwarm.store.samples`)."""
        return "sample_of" in self.settings

    @property
    def stopped(self) -> frozenset[str]:
        """The kinds of mail they do not want."""
        return frozenset(self.settings.get("stopped", ()))

    @property
    def held_until(self) -> date | None:
        """The day on which everything begins again by itself, by their own clock."""
        told = self.settings.get("held_until")
        return date.fromisoformat(told) if told else None

    def is_held(self, now: datetime) -> bool:
        """Whether nothing may go out: they stopped everything, or paused it until a day that is still ahead."""
        until = self.held_until
        return self.held or (until is not None and local(now, self.zone).date() < until)


def create_owner(
    tx: Tx, *, email: str, now: datetime, lang: str = "en", zone: str = "UTC", country: str = "NL"
) -> Owner:
    """A new owner; the first of all is the operator. NotPossible if the e-mail is taken, in whatever case."""
    if owner_by_email(tx, email, samples=True) is not None:
        raise NotPossible("There is an owner with this e-mail address already. Nothing was changed; sign in instead.")
    row = {"id": tx.new_id(), "email": _plain(email), "lang": lang, "zone": zone, "country": country}
    made = {"salt": tx.new_id()[:32], "created_at": now, "operator": not owners(tx)}
    tx.connection.execute(insert(owner_table).values(**row, **made))
    found = owner_by_email(tx, email, samples=True)
    if found is None:
        raise NotFound("The owner could not be read back.")
    return found


def owners(tx: Tx) -> list[Owner]:
    """All owners, oldest first; samples are none."""
    rows = all_rows(tx, select(owner_table).order_by(owner_table.c.created_at, owner_table.c.id))
    return [found for row in rows if not (found := _owner(row)).is_sample]


def owner(tx: Tx) -> Owner:
    """The owner of this transaction. Raises NotFound."""
    row = first(tx, select(owner_table).where(owner_table.c.id == tx.owner_id))
    if row is None:
        raise NotFound("There is no such owner.")
    return _owner(row)


def owner_by_email(tx: Tx, email: str, *, samples: bool = False) -> Owner | None:
    """Whose address it is; a sample is nobody unless ``samples``."""
    row = first(tx, select(owner_table).where(owner_table.c.email == _plain(email)))
    found = _owner(row) if row else None
    return found if found and (samples or not found.is_sample) else None


def update_owner(tx: Tx, **fields: Any) -> None:
    """Change fields of this owner; ``settings`` are merged, None takes one away. Raises NotPossible."""
    if unknown := set(fields) - FIELDS:
        raise ValueError(f"not a field of an owner: {sorted(unknown)}")
    if "settings" in fields:
        merged = owner(tx).settings | fields["settings"]
        fields["settings"] = {name: each for name, each in merged.items() if each is not None}
    if "email" in fields:
        fields["email"] = _plain(fields["email"])
        must_be_free(tx, fields["email"])
    if fields:
        tx.connection.execute(update(owner_table).where(owner_table.c.id == tx.owner_id).values(**fields))


def must_be_free(tx: Tx, email: str) -> None:
    """Raises NotPossible if another owner signs in with this address."""
    other = owner_by_email(tx, _plain(email), samples=True)
    if other is not None and other.id != tx.owner_id:
        raise NotPossible("Another owner has this e-mail address. Nothing was changed.")


def operator(tx: Tx) -> Owner | None:
    """Who runs this installation; None before anybody uses it."""
    return next((each for each in owners(tx) if each.operator), None)


def password_hash(tx: Tx, email: str) -> tuple[str, str | None] | None:
    """The owner id and password hash of this e-mail, for sign-in."""
    columns = (owner_table.c.id, owner_table.c.password_hash)
    row = first(tx, select(*columns).where(owner_table.c.email == _plain(email)))
    return (row["id"], row["password_hash"]) if row else None


def only_owner(tx: Tx) -> Owner | None:
    """The owner of an installation that has exactly one."""
    found = owners(tx)
    return found[0] if len(found) == 1 else None


def pace_of(whose: Owner) -> Pace:
    """When this owner wants to be addressed: the defaults, changed by their settings (by field name of `Pace`)."""
    said = {name: _pace_value(name, each) for name, each in whose.settings.items() if name in PACE_FIELDS}
    return Pace(**{"zone": whose.zone, "country": whose.country, "region": whose.region, **said})


def _pace_value(name: str, each: Any) -> Any:
    """From JSON: times are "HH:MM", the weekend a list of weekdays."""
    if name == "weekend":
        return frozenset(each)
    return time.fromisoformat(each) if isinstance(each, str) and name in PACE_TIMES else each


def _plain(email: str) -> str:
    return email.strip().lower()


def _owner(row: Row) -> Owner:
    return value(Owner, row, has_password=row["password_hash"] is not None)


def note_news(tx: Tx) -> None:
    """Evidence or the owner's word changed: the next look for people is not to be skipped."""
    tx.connection.execute(update(owner_table).where(owner_table.c.id == tx.owner_id).values(detected_at=None))
