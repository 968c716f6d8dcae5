"""Rounds: the owner says once what changed, and everybody who helped is told, a few a week (METHOD.md section 7).

Called by the command and the pages. A text is prepared for each; the owner sends it. Who was written to since the round
began counts as told, so nobody gets two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from keepwarm.errors import NotFound, NotPossible
from keepwarm.messages import Help
from keepwarm.plan import Happened
from keepwarm.store.changelog import Recording, recording
from keepwarm.store.database import Tx
from keepwarm.store.people import ContactRow, must_exist
from keepwarm.store.planning import happened
from keepwarm.store.plans import plans
from keepwarm.store.rows import Row, all_rows, changed, first, mine
from keepwarm.store.tables import introduction, note, promise
from keepwarm.store.tables import news_round as table
from keepwarm.store.tables import plan as plan_table
from keepwarm.store.world import World, meet
from keepwarm.zones import local

KINDS = ("progress", "closing")
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Somebody of a round. ``told_at``: when the owner wrote to them since it began, None if not yet."""

    contact: ContactRow
    help: Help
    told_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """``news``: what the owner said, by language. ``turn``: whom to write to now; ``waiting``: in the weeks after."""

    id: str
    kind: str
    news: Mapping[str, str]
    begun_at: datetime
    told: tuple[Told, ...]
    turn: tuple[Told, ...]
    waiting: tuple[Told, ...]


def begin(tx: Tx, now: datetime, kind: str, news: Mapping[str, str]) -> str:
    """Start a round; its id. A closing round lets all plans rest. NotPossible while another one goes on."""
    if kind not in KINDS:
        raise ValueError(f"not a kind of round: {kind}")
    if not any(text.strip() for text in news.values()):
        raise NotPossible("Say in a line what changed. Nothing was started.")
    if _open(tx) is not None:
        raise NotPossible("A round is going on already. End it first; nothing was changed.")
    row: dict[str, Any] = {"id": tx.new_id(), "owner_id": tx.owner_id, "kind": kind, "news": dict(news)}
    with recording(tx, "round", "", now) as record:
        record.added(table, [row["id"]])
        tx.connection.execute(insert(table).values(**row, begun_at=now, left_out=[]))
        if kind == "closing":
            _rest(tx, record)
    return str(row["id"])


def end(tx: Tx, now: datetime) -> None:
    """The round is over, whoever was not told stays as they are. Raises NotFound."""
    row = _needed(tx)
    with recording(tx, "round", "", now) as record:
        record.before(table, [row["id"]], columns=["ended_at"])
        tx.connection.execute(update(table).where(mine(tx, table), table.c.id == row["id"]).values(ended_at=now))


def leave_out(tx: Tx, now: datetime, contact_id: str) -> None:
    """Not this one. Raises NotFound, also for nobody of the owner's."""
    row = _needed(tx)
    must_exist(tx, contact_id)
    with recording(tx, "round", "", now) as record:
        record.before(table, [row["id"]], columns=["left_out"])
        here = (mine(tx, table), table.c.id == row["id"])
        changed(tx, update(table).where(*here).values(left_out=list(dict.fromkeys((*row["left_out"], contact_id)))))


def current(tx: Tx, at_now: World) -> Round | None:
    """The round that goes on, with whose turn it is: as many a week as the owner's pace allows."""
    row = _open(tx)
    if row is None:
        return None
    helped = {key: each for key, each in helpers(tx, at_now, row["begun_at"]).items() if key not in row["left_out"]}
    went_on = happened(tx, at_now, sorted(helped), row["begun_at"])
    everybody = [
        Told(contact=at_now.people[key], help=each, told_at=_since(went_on[key], row["begun_at"], at_now.now))
        for key, each in helped.items()
    ]
    everybody.sort(key=lambda each: (_WEIGHT[each.help.kind], each.contact.name.casefold(), each.contact.id))
    told = [each for each in everybody if each.told_at]
    left = [each for each in everybody if not each.told_at]
    room = max(0, at_now.pace.weekly_people - sum(at_now.now - each.told_at < WEEK for each in told if each.told_at))
    return Round(
        id=row["id"],
        kind=row["kind"],
        news=row["news"],
        begun_at=row["begun_at"],
        told=tuple(told),
        turn=tuple(left[:room]),
        waiting=tuple(left[room:]),
    )


_WEIGHT = {"introduced": 0, "kept": 1, "tips": 2, "talk": 3}


def helpers(tx: Tx, at_now: World, until: datetime) -> dict[str, Help]:
    """Who helped before ``until`` and how, by contact: the greatest help counts, of equal ones the latest."""
    found: dict[str, Help] = {}

    def count(contact_id: str, kind: str, at: datetime, whom: str = "") -> None:
        row, held = at_now.people.get(contact_id), found.get(contact_id)
        if row is None or row.private or at > until:
            return
        if held is None or _WEIGHT[kind] <= _WEIGHT[held.kind]:
            found[contact_id] = Help(kind=kind, on=local(at, at_now.owner.zone).date(), whom=whom)

    noted = all_rows(tx, select(note).where(mine(tx, note), note.c.no_talk.is_(False)).order_by(note.c.at))
    meet(at_now, (row["contact_id"] for row in noted))
    for row in noted:
        count(row["contact_id"], "tips" if row["tips"] else "talk", row["at"])
    kept = (mine(tx, promise), promise.c.mine.is_(False), promise.c.done_at.is_not(None))
    for row in all_rows(tx, select(promise).where(*kept).order_by(promise.c.done_at)):
        count(row["contact_id"], "kept", row["done_at"])
    made = (mine(tx, introduction), introduction.c.said == "introduced")
    for row in all_rows(tx, select(introduction).where(*made).order_by(introduction.c.said_at)):
        whom = at_now.people.get(row["contact_id"])
        count(row["via_id"], "introduced", row["said_at"], whom.name if whom else "")
    return found


def _since(went_on: Happened, begun_at: datetime, now: datetime) -> datetime | None:
    """When they were told: the first mail or talk since the round began."""
    return min((at for at in (*went_on.sent, *went_on.talks) if begun_at < at <= now), default=None)


def _rest(tx: Tx, record: Recording) -> None:
    awake = [each.id for each in plans(tx) if not each.resting]
    record.before(plan_table, awake, columns=["resting"])
    for each in awake:
        tx.connection.execute(
            update(plan_table).where(mine(tx, plan_table), plan_table.c.id == each).values(resting=True)
        )


def _open(tx: Tx) -> Row | None:
    return first(tx, select(table).where(mine(tx, table), table.c.ended_at.is_(None)))


def _needed(tx: Tx) -> Row:
    row = _open(tx)
    if row is None:
        raise NotFound("There is no round going on.")
    return row
