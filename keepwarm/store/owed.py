"""What the owner owes whom, read from talks, promises and introductions. Called by `digesting` and `workers`."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import select

from keepwarm import owed as rules
from keepwarm.owed import Owed
from keepwarm.store.database import Tx
from keepwarm.store.held import LOOK_BACK, HeldTalk, held_talks
from keepwarm.store.introductions import introductions
from keepwarm.store.planning import happened
from keepwarm.store.rows import all_rows, mine
from keepwarm.store.tables import note
from keepwarm.store.world import World, address_of, meet, reachable
from keepwarm.zones import to_utc

BY = time(17)  # ours: a promise for a day is due at the end of it
STEPS = {"thank": "introduction", "word": "word"}


def owed(tx: Tx, at_now: World) -> list[Owed]:
    """All that is owed at ``now`` to people in the network, the soonest due first; nobody private or paused."""
    if "owed" not in at_now.reckoned:
        found = [*_thanks(tx, at_now), *_promises(at_now), *_introductions(tx, at_now)]
        here = [each for each in found if reachable(at_now, at_now.people[each.contact_id])]
        at_now.reckoned["owed"] = sorted(here, key=lambda each: (each.due_at, each.key))
    return list(at_now.reckoned["owed"])


def _thanks(tx: Tx, at_now: World) -> list[Owed]:
    """For every talk that gave something: whoever took part and has not heard from the owner since."""
    held = held_talks(tx, at_now)
    meet(at_now, (who for each in held for who in each.contacts))
    talks = [(each, who) for each in held for who in each.contacts if who in at_now.people]
    went_on = happened(tx, at_now, sorted({who for _, who in talks}), at_now.now - LOOK_BACK)
    helpful = _helpful(tx)
    found = []
    for each, who in talks:
        row, ended = at_now.people[who], each.event.end_at
        written = [at for at in went_on[who].sent if at > ended]
        spoken = [at for at in went_on[who].talks if at > ended]
        said = at_now.plan[who].said if who in at_now.plan else ""
        heard_of = each.event.first_seen_at < ended  # else it came in with an old calendar: no news
        if written or spoken or said in {"thanked", "kept_up"} or not (heard_of and _gave(each, who, at_now, helpful)):
            continue
        found.append(
            Owed(
                kind="thanks",
                contact_id=who,
                name=row.name,
                address=address_of(row),
                ref=each.event.id,
                since=ended,
                due_at=rules.thanks_due(ended, row.circle),
            )
        )
    return found


def _gave(each: HeldTalk, who: str, at_now: World, helpful: set[int]) -> bool:
    """Whether thanks are in place: a first talk, one about a goal or a plan, or one that gave tips.

    Two who meet each week owe each other no notes.
    """
    if each.event.recurring:
        return False
    choice = at_now.choices.get(int(each.event.id))
    settled = choice is not None and choice.type is not None and choice.type != "keep_up"
    first = at_now.people[who].meetings <= 1
    return settled or first or who in at_now.plan or int(each.event.id) in helpful


def _helpful(tx: Tx) -> set[int]:
    """Events about which a tip was noted."""
    query = select(note.c.event_id).where(mine(tx, note), note.c.event_id.is_not(None), note.c.tips != "")
    return {row["event_id"] for row in all_rows(tx, query)}


def _promises(at_now: World) -> list[Owed]:
    found = []
    meet(at_now, at_now.promises)
    for contact_id, promised in at_now.promises.items():
        row = at_now.people.get(contact_id)
        found += [
            Owed(
                kind="promise",
                contact_id=contact_id,
                name=row.name,
                address=address_of(row),
                about=each.text,
                ref=each.id,
                since=each.made_at,
                due_at=_due(each.due_on, each.made_at, at_now),
            )
            for each in promised
            if row is not None and each.mine
        ]
    return found


def _due(due_on: date | None, made_at: datetime, at_now: World) -> datetime:
    return to_utc(due_on, BY, at_now.owner.zone) if due_on else made_at + rules.PROMISE


def _introductions(tx: Tx, at_now: World) -> list[Owed]:
    return [
        Owed(
            kind=STEPS[each.standing.step],
            contact_id=each.via.id,
            name=each.via.name,
            address=address_of(each.via),
            about=each.whom.name,
            ref=each.id,
            since=each.standing.due_at or at_now.now,
            due_at=each.standing.due_at or at_now.now,
        )
        for each in introductions(tx, at_now)
        if each.standing.step in STEPS
    ]
