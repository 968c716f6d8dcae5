"""What was read: one page of mails, events and cards becomes rows, in one transaction with its cursor and its counts.

Called by `workers.sync` once a page. Keys are computed, so what is known is found by one look-up of ids; everything is
written by executemany. An item that another import holds too is noted as a sighting: undoing one import leaves it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeGuard

from sqlalchemy import insert, select, update

from keepwarm.contacts import match_form, tombstone_keys
from keepwarm.store.arrivals import Arrival, keep_cards, keep_events, remove_gone
from keepwarm.store.booking import give_way
from keepwarm.store.database import Tx
from keepwarm.store.evidence import gone_keys
from keepwarm.store.mails import ReadyMails, keep_mails, ready_mails
from keepwarm.store.moving.into import keep_records
from keepwarm.store.own import learn_own, own_match_forms
from keepwarm.store.owners import note_news, owner
from keepwarm.store.resources import settle_resources
from keepwarm.store.rows import all_rows, first, insert_new, mine
from keepwarm.store.streams import Lease, advance, check_fence
from keepwarm.store.tables import ERASED, address, batch, quarantine, source
from keepwarm.store.touches import rebuild_touches
from keepwarm.types import CalendarEvent, ContactCard, Item, MailMark, Message, Page, Record, StreamKind

__all__ = ["Kept", "ReadyPage", "keep_page", "keep_ready", "ready_page", "rebuild_touches"]


_NO_INPUT = int(MailMark.OURS | MailMark.DRAFT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a page brought. ``known`` includes what the adapter knew already; ids are of what was stored or changed.

    ``believed``: else so much was missing that the cursor stays here until a second look.
    """

    stored: int
    known: int
    message_ids: list[int]
    event_ids: list[int]
    believed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyPage:
    """A page made ready to be written, without the database: its mails as numbers and text, the rest as it came.

    ``read``: how many items it held. ``left_out``: reasons why mails are not among them.
    """

    page: Page
    mails: ReadyMails
    read: int
    left_out: Counter[str]


def ready_page(owner_id: str, page: Page) -> ReadyPage:
    """The first half of `keep_page`, which a process beside can do. What is ours is left out."""
    reasons: Counter[str] = Counter()
    mails, others = [], []
    for each in page.items:
        if not isinstance(each, Message):
            others.append(each)
        elif reason := _no_input(each):
            reasons[reason] += 1
        else:
            mails.append(each)
    rest = replace(page, items=tuple(others))
    return ReadyPage(page=rest, mails=ready_mails(owner_id, mails), read=len(page.items), left_out=reasons)


def keep_page(tx: Tx, lease: Lease, page: Page, now: datetime) -> Kept:
    """Keep a page and its cursor, if the lease still holds (LeaseLost). What is ours is skipped."""
    return keep_ready(tx, lease, ready_page(tx.owner_id, page), now)


def keep_ready(tx: Tx, lease: Lease, found: ReadyPage, now: datetime) -> Kept:
    """The second half: all that needs the database."""
    check_fence(tx, lease)
    page = found.page
    batch_id = lease.stream.place_ref if lease.stream.kind is StreamKind.FILES else None
    if page.own and learn_own(tx, page.own):
        rebuild_touches(tx)
        note_news(tx)
    own = own_match_forms(tx)
    to = Arrival(tx=tx, stream_id=lease.stream.id, batch_id=batch_id, own=own, now=now, erased=_erased(tx))
    reasons = Counter(each.reason for each in page.skipped) + found.left_out
    wanted = _wanted(page.items, _away(tx, page.items), reasons)
    mails = keep_mails(to, found.mails)
    events = keep_events(to, [each for each in wanted if isinstance(each, CalendarEvent)])
    cards = keep_cards(to, [each for each in wanted if isinstance(each, ContactCard)])
    records = keep_records(to, [each for each in wanted if isinstance(each, Record)])
    reasons += to.skipped
    if events.ids:
        give_way(tx, now)
    remove_gone(to, page.gone)
    believed = settle_resources(to, page, wanted) if batch_id is None else True
    _quarantine(to, page)
    stored = mails.stored + events.stored + cards.stored + records
    left_out = found.left_out.total() + len(page.items) - len(wanted) + to.skipped.total()
    known = page.known + found.read - left_out - stored
    if batch_id is not None:
        _count(to, page, stored, known, reasons)
    if stored or page.gone or page.whole or page.everything is not None:
        note_news(tx)
    if page.cursor and believed:
        advance(tx, lease, page.cursor, now)
    return Kept(stored=stored, known=known, message_ids=mails.ids, event_ids=events.ids, believed=believed)


def _erased(tx: Tx) -> frozenset[int]:
    here = (mine(tx, address), address.c.match == ERASED)
    return frozenset(row["id"] for row in all_rows(tx, select(address.c.id).where(*here)))


def _away(tx: Tx, items: Sequence[Item]) -> frozenset[str]:
    """The marks among these cards and people of those who stay away (RELIABILITY.md H7)."""
    cards = [each for each in items if isinstance(each, ContactCard)]
    people = [one for each in items if _is_person(each) for one in each.values["addresses"]]
    return gone_keys(tx, owner(tx).salt, people, cards) if cards or people else frozenset()


def _is_person(item: Item) -> TypeGuard[Record]:
    return isinstance(item, Record) and item.section == "people"


def _wanted(items: Sequence[Item], away: frozenset[str], reasons: Counter[str]) -> list[Item]:
    """The items to store; what is left out is added to ``reasons``."""
    wanted = []
    for each in items:
        if reason := _left_out(each, away):
            reasons[reason] += 1
        else:
            wanted.append(each)
    return wanted


def _no_input(mail: Message) -> str:
    """Why a mail is not stored; empty for nearly all."""
    if mail.marks & _NO_INPUT:
        return "ours" if MailMark.OURS in mail.marks else "draft"
    return ""


def _left_out(item: Item, away: frozenset[str]) -> str:
    if away and _stays_away(item, away):
        return "stays_away"
    return "ours" if isinstance(item, CalendarEvent) and item.ours else ""


def _stays_away(item: Item, away: frozenset[str]) -> bool:
    """Whether it is a card or a person under one of these marks; who comes along as never to be contacted is kept."""
    if isinstance(item, ContactCard):
        return bool(away.intersection(tombstone_keys(item.name, item.organisation, item.source, item.addresses)))
    if not _is_person(item) or item.values["state"] == "never":
        return False
    return any(match_form(each) in away for each in item.values["addresses"])


def _quarantine(to: Arrival, page: Page) -> None:
    place = page.source.path if page.source else to.stream_id
    rows = [
        {
            "id": to.tx.new_id(),
            "owner_id": to.tx.owner_id,
            "place": place,
            "position": each.position,
            "digest": each.digest,
            "reason": each.reason,
            "at": to.now,
            "batch_id": to.batch_id or "",
            "stream_id": to.stream_id,
        }
        for each in page.broken
    ]
    insert_new(to.tx, quarantine, rows)


def _count(to: Arrival, page: Page, stored: int, known: int, reasons: Counter[str]) -> None:
    """Add the page to the counts of its source and the progress of its batch."""
    progress: dict[str, Any] = {"read_bytes": page.read_bytes, "total_bytes": page.total_bytes}
    if page.total_bytes:
        here = update(batch).where(mine(to.tx, batch), batch.c.id == to.batch_id)
        to.tx.connection.execute(here.values(**progress))
    if page.source is None:
        return
    row = _source_row(to, page)
    if page.source_anew:
        row = {**row, "stored": 0, "known": 0, "skipped": 0, "quarantined": 0, "reasons": {}}
    values = {
        "stored": row["stored"] + stored,
        "known": row["known"] + known,
        "skipped": row["skipped"] + reasons.total(),
        "quarantined": row["quarantined"] + len(page.broken),
        "reasons": dict(Counter(row["reasons"]) + reasons),
        "done": row["done"] or page.source_done,
        "kind": page.source.kind,
        "fingerprint": page.source.fingerprint or row["fingerprint"],
        "size": page.source.size or row["size"],
    }
    to.tx.connection.execute(update(source).where(mine(to.tx, source), source.c.id == row["id"]).values(**values))


def _source_row(to: Arrival, page: Page) -> Any:
    info = page.source
    if info is None or to.batch_id is None:
        raise ValueError("only an import's page with a source is counted")
    query = select(source).where(mine(to.tx, source), source.c.batch_id == to.batch_id)
    if row := first(to.tx, query.where(source.c.path == info.path)):
        return row
    last = first(to.tx, query.order_by(source.c.position.desc()).limit(1))
    row_id = to.tx.new_id()
    position = last["position"] + 1 if last else 0
    values: dict[str, Any] = {
        "id": row_id,
        "owner_id": to.tx.owner_id,
        "batch_id": to.batch_id,
        "position": position,
        "reasons": {},
    }
    to.tx.connection.execute(insert(source).values(**values, path=info.path, kind=info.kind))
    return first(to.tx, select(source).where(mine(to.tx, source), source.c.id == row_id))
