"""The facts of a digest. Called through `views`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from keepwarm.contacts import Familiar
from keepwarm.digests import DigestFacts, DigestPerson, DigestStep, DigestTalk, NewPerson, Occasion, Promised
from keepwarm.owed import pressing
from keepwarm.plan import STEPS
from keepwarm.questions import REGISTERS, load_lists
from keepwarm.store.ahead import TalkRow, met_soon, talks_until
from keepwarm.store.database import Tx
from keepwarm.store.likely import known_like
from keepwarm.store.lookalikes import doubt_of
from keepwarm.store.occasions import birthdays, closest, new_roles
from keepwarm.store.outbox import rows as outbox_rows
from keepwarm.store.owed import owed
from keepwarm.store.people import ContactRow, contacts
from keepwarm.store.planning import planned
from keepwarm.store.plans import plans
from keepwarm.store.reconnecting import to_suggest
from keepwarm.store.watched import watched
from keepwarm.store.world import World, address_of, evidence_of, fresh, meet_spoken_of, reachable
from keepwarm.zones import local

DIGEST_WEEKS = 8  # how far back suggestions are looked up
WEEK = 7  # days
OCCASIONS_OF = 5  # people; ours: with hundreds of them somebody has a birthday every day
ACTS = frozenset({"approach", "second_word"})  # steps of the plan that are the owner's to take


def digest_facts(tx: Tx, at_now: World) -> DigestFacts:
    """What a digest can speak of."""
    now = at_now.now
    meet_spoken_of(at_now)
    proposed = contacts(tx, states=["proposed"], now=now, limit=5)
    known = known_like(tx, proposed)
    occasions = _occasions(tx, at_now)
    named = closest((at_now.people[each.contact_id] for each in occasions), OCCASIONS_OF)
    return DigestFacts(
        now=now,
        owner_name=at_now.owner.name,
        lang=at_now.owner.lang,
        zone=at_now.owner.zone,
        goal=at_now.goal,
        people=tuple(_digest_person(at_now, each) for each in to_suggest(tx, at_now, met_soon(tx, at_now))),
        new_people=tuple(_new_person(at_now, each, known) for each in proposed),
        talks=tuple(_digest_talk(at_now, each) for each in talks_until(tx, at_now, now + timedelta(days=WEEK))),
        owed=tuple(pressing(owed(tx, at_now), now)),
        steps=tuple(_steps(tx, at_now)),
        occasions=tuple(each for each in occasions if each.contact_id in named),
        occasions_in_all=len(occasions),
        watched=watched(tx, at_now),
        recently=_recently(tx, now),
        count=at_now.pace.weekly_people,
    )


def _digest_person(at_now: World, row: ContactRow) -> DigestPerson:
    said, entry = at_now.notes.get(row.id), at_now.plan.get(row.id)
    return DigestPerson(
        contact_id=row.id,
        name=row.name,
        address=address_of(row),
        organisation=row.organisation,
        circle=row.circle,
        goal=row.goal or "",
        freshness=fresh(at_now, row),
        last_note=said.said if said else "",
        last_note_on=local(said.at, at_now.owner.zone).date() if said else None,
        promises=tuple(
            Promised(mine=each.mine, text=each.text, due_on=each.due_on) for each in at_now.promises.get(row.id, ())
        ),
        channel=entry.channel if entry else "",
        sent=row.sent,
        received=row.received,
        meetings=row.meetings,
    )


def _steps(tx: Tx, at_now: World) -> list[DigestStep]:
    """What is the owner's to do in the plans that do not rest, in the order of each plan; once a person."""
    found: dict[str, DigestStep] = {}
    for plan in plans(tx):
        for each in () if plan.resting else planned(tx, at_now, plan):
            row, stands = each.contact, each.standing
            late = stands.due_at is None or stands.due_at <= at_now.now
            if row is None or stands.step not in ACTS or not late or not reachable(at_now, row):
                continue
            found.setdefault(
                row.id,
                DigestStep(
                    contact_id=row.id,
                    name=row.name,
                    address=address_of(row),
                    organisation=row.organisation,
                    step=at_now.texts(STEPS[stands.step]),
                    why=stands.why,
                ),
            )
    return list(found.values())


def _occasions(tx: Tx, at_now: World) -> list[Occasion]:
    """Birthdays of the week ahead, and new work seen in the last one; the pages show that longer."""
    news = [each for each in new_roles(tx, at_now) if each.after and at_now.now - each.seen_at < timedelta(days=WEEK)]
    return [
        *(_occasion(each.contact, on=each.on) for each in birthdays(tx, at_now, WEEK)),
        *(_occasion(each.contact, before=each.before, after=each.after) for each in news),
    ]


def _occasion(row: ContactRow, **what: Any) -> Occasion:
    return Occasion(contact_id=row.id, name=row.name, address=address_of(row), **what)


def _new_person(at_now: World, row: ContactRow, known: Familiar) -> NewPerson:
    return NewPerson(
        contact_id=row.id,
        name=row.name,
        address=address_of(row),
        organisation=row.organisation,
        evidence=evidence_of(at_now, row),
        doubt=doubt_of(row, known, at_now.texts),
    )


def _digest_talk(at_now: World, row: TalkRow) -> DigestTalk:
    lists = load_lists(at_now.owner.lang if at_now.owner.lang in REGISTERS else "en")
    return DigestTalk(
        event_id=row.event.id,
        title=row.event.title,
        start_at=row.event.start_at,
        zone=at_now.owner.zone,
        names=tuple(_named(at_now.people[each]) for each in row.contacts),
        type_label=lists[row.type].title,
        contact_id=row.contacts[0],
    )


def _named(row: ContactRow) -> str:
    return f"{row.name} ({address_of(row)})" if address_of(row) not in ("", row.name) else row.name


def _recently(tx: Tx, now: datetime) -> dict[str, int]:
    """Weeks since somebody was last suggested, from the digests that went out (``people`` in their payload)."""
    found: dict[str, int] = {}
    for row in outbox_rows(tx, states=["sent", "sending", "unknown"], kinds=["digest"]):
        weeks = (now - row.run_at).days // 7
        if 0 <= weeks <= DIGEST_WEEKS:
            for each in row.payload.get("people", ()):
                found[each] = min(weeks, found.get(each, weeks))
    return found
