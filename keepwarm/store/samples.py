"""The sample network of somebody who looks around first: an owner of its own, which nobody can sign in to.

Nothing of it is mixed with what is theirs: leaving takes every row away again. Called by `service.sampling` in a system
transaction. People and what went on are those of `keepwarm.sample`, and become rows by the ways real data takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import delete

from keepwarm.sample import Network, Note, Person, Planned, items, network
from keepwarm.store import accounts, contacts, duties, follow_ups, introductions, notes, plans, profiles, talks
from keepwarm.store.accounts import Owner
from keepwarm.store.agenda import event
from keepwarm.store.database import Tx
from keepwarm.store.items import keep_page
from keepwarm.store.outlook import upcoming
from keepwarm.store.tables import identity, instance, metadata
from keepwarm.store.tables import owner as owner_table
from keepwarm.types import Address, Page, SourceInfo
from keepwarm.zones import local

BEGAN = 100  # days that its owner has been at it; ours: longer than any rhythm of a goal
AHEAD = 60  # days of follow-ups that stand in its calendar, as the page of what is coming shows them
SHOWN, SAMPLE_OF = "sample", "sample_of"  # in the settings of whoever looks at it, and in its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """A sample being made: its owner's transaction, the moment, the people's ids by name."""

    tx: Tx
    now: datetime
    owner: Owner
    sample: Network
    ids: Mapping[str, str]

    def ago(self, days: int) -> datetime:
        return self.now - timedelta(days=days)

    def day(self, days: int) -> date:
        return local(self.now + timedelta(days=days), self.owner.zone).date()

    def event_id(self, uid: str) -> str:
        return str(identity(self.tx.owner_id, "event", uid, ""))


def begin(tx: Tx, whose: Owner, now: datetime) -> Owner:
    """Make the sample for this owner, in their language and zone, and show it to them; one made before goes first."""
    end(tx, whose)
    sample = network(whose.lang)
    email = _email(whose)
    place = {"lang": whose.lang, "zone": whose.zone, "country": whose.country}
    made = accounts.create_owner(tx, email=email, now=now - timedelta(days=BEGAN), **place)
    mine = replace(tx, owner_id=made.id)
    accounts.update_owner(mine, name=sample.me.name, settings={SAMPLE_OF: whose.id})
    accounts.set_own_address(mine, email, own=True)
    accounts.update_owner(replace(tx, owner_id=whose.id), settings={SHOWN: made.id})
    _keep(mine, accounts.owner(mine), sample, now)
    to = Making(tx=mine, now=now, owner=accounts.owner(mine), sample=sample, ids=_ids(mine, sample, now))
    _people(to)
    _me(to)
    _plan(to)
    _talks(to)
    _follow_ups(to)
    return to.owner


def end(tx: Tx, whose: Owner) -> str:
    """Take the sample of this owner away, every row; the id it had, empty if there was none."""
    found = accounts.owner_by_email(tx, _email(whose), samples=True)
    if SHOWN in whose.settings:
        accounts.update_owner(replace(tx, owner_id=whose.id), settings={SHOWN: None})
    if found is None or found.settings.get(SAMPLE_OF) != whose.id:
        return ""
    _remove(tx, found.id)
    return found.id


def _email(whose: Owner) -> str:
    """An address that nobody has, one for each owner who looks around."""
    return f"alex.{whose.id[-12:]}@example.org"


def _remove(tx: Tx, sample_id: str) -> None:
    for table in metadata.sorted_tables:
        if "owner_id" in table.columns:
            tx.connection.execute(delete(table).where(table.c.owner_id == sample_id))
    tx.connection.execute(delete(instance).where(instance.c.name == f"{duties.PREPARED}{sample_id}"))
    tx.connection.execute(delete(owner_table).where(owner_table.c.id == sample_id))


# --- what it is made of -------------------------------------------------------------------------------------------


def _keep(tx: Tx, owner: Owner, sample: Network, now: datetime) -> None:
    """The mails, events and cards, as one import that is done."""
    then = owner.created_at
    found = items(sample, Address(address=owner.email, name=owner.name), now, accounts.pace_of(owner))
    batch = accounts.create_batch(tx, label="sample.zip", paths=["sample.zip"], uploaded=False, now=then)
    lease = accounts.lease_stream(tx, batch.stream_id, then)
    if lease is None:
        raise RuntimeError("a stream that was made just now is held by somebody else")
    source = SourceInfo(path="sample.zip", kind="mbox", fingerprint="sample", size=len(found))
    keep_page(tx, lease, Page(items=tuple(found), source=source, source_done=True, cursor="end", last=True), then)
    accounts.finish_stream(tx, lease, then)
    accounts.finish_batch(tx, batch.id, then)
    contacts.detect(tx, now)


def _ids(tx: Tx, sample: Network, now: datetime) -> dict[str, str]:
    """Everybody by name; of two who share one, the first. Whoever no mail shows is added by hand."""
    rows = contacts.contacts(tx, states=None, now=now)
    by_address = {address: row.id for row in rows for address in row.addresses}
    found: dict[str, str] = {}
    for each in sample.people:
        known = by_address.get(each.at) or contacts.add_contact(tx, name=each.name, address=each.at, now=now)
        found.setdefault(each.name, known)
    return found


def _people(to: Making) -> None:
    for number, each in enumerate(to.sample.people):
        then = to.ago(max(2, BEGAN - 5 - 2 * number))
        if each.state == "ignored":
            contacts.ignore(to.tx, [to.ids[each.name]], then)
        elif each.state != "proposed":
            private = each.state == "private"
            contacts.accept(to.tx, [to.ids[each.name]], private=private, circle=each.circle, now=then)
            _describe(to, each, then)


def _describe(to: Making, each: Person, then: datetime) -> None:
    told = {
        "organisation": each.organisation, "role": each.role, "organisation_kind": each.kind, "close": each.close,
        "interesting": each.interesting, "can_help": each.help, "origins": each.origins,
    }  # fmt: skip
    contacts.edit(to.tx, to.ids[each.name], then, **{name: value for name, value in told.items() if value})


def _me(to: Making) -> None:
    me, then = to.sample.me, to.ago(BEGAN - 1)
    names = ("role", "wishes", "education", "experience", "sectors", "regions", "checked")
    told = {name: getattr(me, name) for name in names}
    profiles.save_profile(to.tx, then, **told, spoken={to.sample.lang: me.spoken}, written={to.sample.lang: me.written})
    for each in to.sample.targets:
        profiles.add_target(to.tx, then, name=each.name, why=each.why)


def _plan(to: Making) -> None:
    me = to.sample.me
    plan_id = plans.add_plan(to.tx, to.ago(BEGAN - 2), goal=me.goal, words=me.words)
    for each in to.sample.plan:
        _entry(to, plan_id, each)
    for asked in to.sample.introductions:
        via, whom = to.ids[asked.via], to.ids[asked.whom]
        made = introductions.ask(to.tx, to.ago(asked.days), via_id=via, contact_id=whom)
        introductions.say(to.tx, made, to.ago(asked.days - 3), asked.said)


def _entry(to: Making, plan_id: str, each: Planned) -> None:
    told = {"find_out": each.find_out, "sector": each.sector, "role": each.role, "organisation": each.organisation}
    told |= {"introducer_id": to.ids[each.via]} if each.via else {}
    who = to.ids[each.who] if each.who else None
    given = {name: value for name, value in told.items() if value}
    made = plans.add_entry(to.tx, plan_id, to.ago(each.days), contact_id=who, **given)
    if each.said:
        plans.say_state(to.tx, made, to.ago(each.days - 1), each.said, to.day(45))


def _talks(to: Making) -> None:
    """Those held, with what was said, oldest first; and what was settled about those ahead."""
    for each in sorted(to.sample.notes, key=lambda note: -note.days):
        _note(to, each)
    for number, talk in enumerate(to.sample.ahead):
        told = {"reading": talk.reading, "questions": [talk.ask] if talk.ask else []}
        if given := {name: value for name, value in told.items() if value}:
            talks.settle(to.tx, to.event_id(f"sample-talk-{number}"), to.now, **given)


def _note(to: Making, each: Note) -> None:
    at = {person.name: person.at for person in to.sample.people}[each.who]
    mine: list[tuple[bool, str, date | None]] = [(True, each.mine, to.day(each.mine_in))] if each.mine else []
    theirs: list[tuple[bool, str, date | None]] = [(False, each.theirs, None)] if each.theirs else []
    event_id = to.event_id(f"sample-met-{each.days}-{at}")
    then = event(to.tx, event_id).start_at
    notes.add_note(
        to.tx, to.ids[each.who], then, said=each.said, tips=each.tips, finding=each.finding, promises=[*mine, *theirs],
        event_id=event_id, at=then,
    )  # fmt: skip


def _follow_ups(to: Making) -> None:
    """As the planner has them, standing in a calendar that nobody has."""
    for each in upcoming(to.tx, now=to.now, days=AHEAD, stored=False).follow_ups:
        wall = local(each.at, to.owner.zone).replace(tzinfo=None).isoformat()
        follow_ups.place(
            to.tx, id=each.id, contact_id=each.contact_id, cycle=each.id, at=each.at, wall=wall, zone=to.owner.zone,
            reason={}, now=to.now,
        )  # fmt: skip
        follow_ups.change(to.tx, each.id, state="placed")
