"""What "Accounts and health" tells beside the accounts: entries in calendars, the next look, what was set aside.

Called by `service.pages.accounts`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from integrations.base import CalendarWriter, able
from keepwarm.store import Tx, accounts, follow_ups
from keepwarm.store.accounts import Account, StreamState
from keepwarm.store.duties import Quarantined
from keepwarm.texts import Texts
from service.desk import Desk
from service.display import file_name
from workers.schedule import POLLED

STANDING = ("placed", "moved")
SHOWN = 200  # entries; at most three a week are written


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of ours. ``where``: the account whose calendar it stands in, empty for our own."""

    id: str
    at: datetime
    contact_id: str
    name: str
    where: str
    moved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """Items that could not be read, of one place for one reason, both in words."""

    place: str
    why: str
    number: int


def entries(desk: Desk) -> list[Entry]:
    """What stands in calendars by our hand, the earliest first; past ones are left where they are."""
    with desk.reading() as tx:
        names = {each.id: each.name for each in accounts.accounts(tx)}
        found = follow_ups.follow_ups(tx, states=STANDING, since=desk.now)
    return [
        Entry(
            id=each.id, at=each.at, contact_id=each.contact_id, name=each.contact_name,
            where=names.get(each.account_id, ""), moved=each.state == "moved",
        )
        for each in found[:SHOWN]
    ]  # fmt: skip


def calendars(desk: Desk, tx: Tx) -> list[str]:
    """Ids of the accounts into whose calendar we may write."""
    return [each.id for each in accounts.accounts(tx) if _writes(desk, each)]


def _writes(desk: Desk, account: Account) -> bool:
    return able(desk.runtime.load(account.provider), CalendarWriter, account.settings)


def next_look(desk: Desk, each: StreamState) -> str:
    """When we look again, in words; empty where only the owner can help."""
    _, zone = desk.texts, desk.owner.zone
    if each.revoked_at is not None:
        return ""
    if each.retry_at is not None and each.retry_at > desk.now:
        return _("tries again {moment}", moment=_.moment(each.retry_at, zone))
    if each.stale_since is not None or each.compared_at is None:
        return _("looks as soon as it can")
    at = each.compared_at + timedelta(seconds=POLLED.get(each.provider, 0))
    return _("looks again at {time}", time=_.time(max(at, desk.now), zone))


def aside(texts: Texts, rows: Sequence[Quarantined]) -> list[Aside]:
    """What was set aside, gathered; the most first."""
    counted = Counter((_place(texts, each.place), texts(each.reason) if each.reason else "") for each in rows)
    return [Aside(place=place, why=why, number=number) for (place, why), number in counted.most_common(SHOWN)]


def _place(texts: Texts, place: str) -> str:
    if place == "stream":
        return texts("a mailbox, calendar or address book")
    return texts("something that was to go out") if place == "outbox" else file_name(place)
