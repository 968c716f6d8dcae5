"""The connected accounts. Called through `keepwarm.store.accounts`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, insert, select, update

from keepwarm.errors import NotFound
from keepwarm.store import holders
from keepwarm.store.database import Tx
from keepwarm.store.grants import forget_grant
from keepwarm.store.rows import all_rows, changed, mine, value
from keepwarm.store.streams import create_stream
from keepwarm.store.tables import account as table
from keepwarm.store.tables import event, outbox, stream, subscription
from keepwarm.store.touches import drop_touches
from keepwarm.types import Place

ONE_EACH = frozenset({"files", "local"})  # providers of which an owner has one account at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    id: str
    provider: str
    name: str
    settings: dict[str, Any]
    connected_at: datetime
    revoked_at: datetime | None = None  # something could not go out because access was withdrawn
    read_back_at: datetime | None = None  # when to look again for what the owner did with our entries; None: now


def accounts(tx: Tx) -> list[Account]:
    """The connected accounts, oldest first."""
    query = select(table).where(mine(tx, table), table.c.disconnected_at.is_(None))
    return [value(Account, row) for row in all_rows(tx, query.order_by(table.c.connected_at, table.c.id))]


def ensure_account(
    tx: Tx, *, provider: str, name: str = "", settings: Mapping[str, Any] | None = None, by: str = "", now: datetime
) -> Account:
    """The account of this provider and name, made if it is not there; for "files" and "local" there is one of each.

    ``by``: the setting that tells accounts apart where names change hands; the name is then brought up to date.
    """
    told = dict(settings or {})
    for each in accounts(tx):
        same = each.settings.get(by) == told[by] if by else provider in ONE_EACH or each.name == name
        if each.provider == provider and same:
            return _named(tx, each, name) if by else each
    row = {"id": tx.new_id(), "provider": provider, "name": name, "settings": told, "connected_at": now}
    tx.connection.execute(insert(table).values(**row, owner_id=tx.owner_id))
    return value(Account, row | {"revoked_at": None, "read_back_at": None})


def _named(tx: Tx, found: Account, name: str) -> Account:
    tx.connection.execute(update(table).where(mine(tx, table), table.c.id == found.id).values(name=name))
    return replace(found, name=name)


def set_account(tx: Tx, account_id: str, **settings: Any) -> None:
    """Change settings of an account, such as ``drafts``: the owner allows texts among their drafts. Raises NotFound."""
    found = next((each for each in accounts(tx) if each.id == account_id), None)
    if found is None:
        raise NotFound("There is no such account.")
    here = (mine(tx, table), table.c.id == account_id)
    tx.connection.execute(update(table).where(*here).values(settings=found.settings | settings))


def account(tx: Tx, account_id: str) -> Account:
    """One connected account. Raises NotFound."""
    found = next((each for each in accounts(tx) if each.id == account_id), None)
    if found is None:
        raise NotFound("There is no such account.")
    return found


def set_places(tx: Tx, account_id: str, places: Sequence[Place], now: datetime) -> None:
    """Read exactly these folders, calendars and address books of an account: streams come and go, cursors stay."""
    here = (mine(tx, stream), stream.c.account_id == account_id)
    held = {(row["kind"], row["place_ref"]): row["id"] for row in all_rows(tx, select(stream).where(*here))}
    wanted = {(str(each.kind), each.ref) for each in places}
    for kind_and_ref in sorted(wanted - held.keys()):
        kind, ref = kind_and_ref
        create_stream(
            tx, account_id=account_id, kind=next(p.kind for p in places if str(p.kind) == kind), place_ref=ref, now=now
        )
    _drop_streams(tx, [held[each] for each in held.keys() - wanted], now)


def held_by_another(tx: Tx, held: Account, identity: str) -> bool:
    """Whether another account, whoever's, is the same one at its provider, by the setting ``identity``.

    For a system transaction. A provider that has one grant for each person takes it from both.
    """
    told = held.settings.get(identity)
    others = (table.c.provider == held.provider, table.c.id != held.id, table.c.disconnected_at.is_(None))
    rows = all_rows(tx, select(table.c.settings).where(*others)) if told else []
    return any(row["settings"].get(identity) == told for row in rows)


def disconnect(tx: Tx, account_id: str, now: datetime) -> None:
    """Forget the password and read no more. What was read stays; talks ahead that stood there are no longer relied on.

    What still waits to go out by this account goes out by our own mailbox and calendar. Raises NotFound.
    """
    account(tx, account_id)
    here = (mine(tx, table), table.c.id == account_id)
    tx.connection.execute(update(table).where(*here).values(disconnected_at=now))
    forget_grant(tx, account_id)
    held = all_rows(tx, select(stream.c.id).where(mine(tx, stream), stream.c.account_id == account_id))
    _drop_streams(tx, [row["id"] for row in held], now)
    waiting = (mine(tx, outbox), outbox.c.account_id == account_id, outbox.c.state == "due")
    changed(tx, update(outbox).where(*waiting).values(account_id=None))


def _drop_streams(tx: Tx, ids: Sequence[str], now: datetime) -> None:
    """End these streams; events ahead that only they hold are marked gone."""
    holders.forget(tx, ids)
    for each in ids:
        theirs = select(event.c.id).where(mine(tx, event), event.c.stream_id == each)
        holders.lost(tx, each, [row["id"] for row in all_rows(tx, theirs)])
    ahead = and_(mine(tx, event), event.c.stream_id.in_(ids), event.c.start_at > now, event.c.gone_at.is_(None))
    gone = [row["id"] for row in all_rows(tx, select(event.c.id).where(ahead))]
    tx.connection.execute(update(event).where(ahead).values(gone_at=now, generation=event.c.generation + 1))
    drop_touches(tx, gone, since=now)
    tx.connection.execute(delete(subscription).where(mine(tx, subscription), subscription.c.stream_id.in_(ids)))
    tx.connection.execute(delete(stream).where(mine(tx, stream), stream.c.id.in_(ids)))
