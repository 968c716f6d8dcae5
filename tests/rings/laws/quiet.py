"""The laws of the end: faults stop, every mail and event is settled, all is as the provider has it, nothing moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from keepwarm.followups import uid_of
from keepwarm.store import accounts, follow_ups, outbox, views
from keepwarm.store.contacts import ContactRow
from keepwarm.store.follow_ups import FollowUp
from keepwarm.store.outbox import OutboxRow
from keepwarm.store.tables import quarantine
from keepwarm.types import CalendarEvent, Role
from tests.rings.laws.calls import DEADLINES
from tests.rings.laws.house import House, Violation, drain
from tests.rings.laws.rows import SHOWN, contact_rows
from tests.rings.laws.truth import NAMES, Known, Truth, comes

Knows = Callable[[], Known]

SOON = timedelta(weeks=4)  # with a talk this near, nobody needs a reminder
SET_ASIDE = timedelta(days=30)  # PRODUCT.md section 4: as long as people who were refused
LATELY = timedelta(days=1)  # how long after its hour an entry still counts as looked at
STOOD = {"placed", "moved"}
ROUNDS = 40  # of a quarter of an hour: longer than any lease, pause or refusal


def settle(house: House, truth: Truth, knows: Knows) -> None:
    """Let everybody go on, take every fault away, poll, and work until there is nothing left to do."""
    for each in house.stalled:
        each.go_on()
    house.stalled.clear()
    for town in house.towns.values():
        town.revoked, town.throttle, town.lose_answer, town.hiccups = False, None, False, 0
    with house.store.transaction(house.owner_id) as tx:
        accounts.update_owner(tx, held=False)
    truth.holds.append(False)
    house.moment += timedelta(minutes=5)
    poll(house)
    for _ in range(ROUNDS):
        house.works(drain, knows())
        if not _waiting(house):
            return
        house.moment += timedelta(minutes=16)
    raise Violation(f"it does not become quiet: {_waiting(house)}")


def poll(house: House) -> None:
    with house.store.transaction(house.owner_id) as tx:
        for each in house.streams.values():
            accounts.mark_stale(tx, each, house.moment)


def _waiting(house: House) -> list[str]:
    """What has still to be done, other than at its own later hour."""
    with house.store.reading(house.owner_id) as tx:
        left = [f"stream {each.stream.kind}" for each in accounts.streams(tx) if each.stale_since is not None]
    return left + [f"{each.kind} {each.state}" for each in _rows(house) if _is_busy(each, house)]


def _is_busy(row: OutboxRow, house: House) -> bool:
    soon = row.run_at <= house.moment or bool(row.reason and row.run_at <= house.moment + timedelta(hours=2))
    return row.state == "sending" or (row.state == "due" and soon)


def judge(house: House, truth: Truth, knows: Knows) -> None:
    """Every law of the end; the house is quiet."""
    before = _everything(house)
    for _ in range(2):
        poll(house)
        house.works(drain, knows())
    if _everything(house) != before:
        raise Violation("something moves though nothing happened")
    _same_as_provider(house, truth)
    people = {each.name: each for each in contact_rows(house)}
    _people(house, truth, people)
    _calendar(house, truth, people)
    _talks(house, truth)


def _everything(house: House) -> Any:
    with house.store.reading(house.owner_id) as tx:
        kept = (outbox.rows(tx, limit=10_000), follow_ups.follow_ups(tx))
    calls = [len(town.journal) for town in house.towns.values()]
    return (*kept, calls, dict(house.post.events), contact_rows(house))


def _rows(house: House) -> list[OutboxRow]:
    with house.store.reading(house.owner_id) as tx:
        return outbox.rows(tx, limit=10_000)


def _same_as_provider(house: House, truth: Truth) -> None:
    """Every cursor stands at the end; `rows` has judged that what lies before it is stored as it is."""
    with house.store.reading(house.owner_id) as tx:
        cursors = {each.stream.id: each.stream.cursor for each in accounts.streams(tx)}
        aside = tx.connection.execute(select(func.count()).select_from(quarantine)).scalar_one()
        failed = len([each for each in outbox.rows(tx, limit=10_000) if each.state == "failed"])
    for name, town in house.towns.items():
        if cursors[house.streams[name]] != f"{town.epoch}:{len(town.log)}":
            raise Violation("news was not read to its end")
    lately = sum(each > house.moment - SET_ASIDE for each in truth.broken)  # what is older may have been tidied away
    if not lately <= aside <= len(truth.broken) + failed + len(house.streams):
        raise Violation("a broken item was not set aside once")


def story(house: House) -> str:
    """What stands in the house at the end of a life that broke a law: for whoever looks for the cause."""
    with house.store.reading(house.owner_id) as tx:
        standing, people = follow_ups.follow_ups(tx), contact_rows(house)
    lines = [f"now {house.moment}"]
    lines += [f"{each.name}: {each.state} private={each.private} last {each.last_at}" for each in people]
    lines += [f"{each.id} {each.contact_name}: {each.state} {each.at} cycle {each.cycle}" for each in standing]
    lines += [f"{each.key} {each.state} {each.run_at} {each.reason}" for each in _rows(house)]
    lines += [f"in the calendar: {uid} {each.title} {each.start_at}" for uid, each in house.post.events.items()]
    return "\n".join(lines)


# --- people


def _people(house: House, truth: Truth, people: dict[str, ContactRow]) -> None:
    for name, address in NAMES.items():
        found, word = people.get(name), truth.word(address)
        if word == "erased":
            continue
        if found is None:
            if word != "never" and _both_ways(house, truth, address):
                raise Violation("somebody in touch with the owner is not among the people")
            continue
        _word_kept(found, word)
        if found.state in SHOWN:
            _counted(house, truth, found, address)


def _both_ways(house: House, truth: Truth, address: str) -> bool:
    return bool(truth.mails_with(address, Role.TO) and truth.mails_with(address, Role.FROM))


def _word_kept(found: ContactRow, word: str) -> None:
    state = {"": "proposed", "private": "active"}.get(word, word)
    if (found.state, found.private) != (state, word == "private"):
        raise Violation(f"the owner said {word or 'nothing'}, and it stands as {found.state}")


def _counted(house: House, truth: Truth, found: ContactRow, address: str) -> None:
    past = [at for at in truth.meetings_with(address) if at <= house.moment]
    sent = [at for at in truth.mails_with(address, Role.TO) if at <= house.moment]
    received = [at for at in truth.mails_with(address, Role.FROM) if at <= house.moment]
    if (found.sent, found.received) != (len(sent), len(received)):
        raise Violation("interactions are not counted once each")
    if not len(past) <= found.meetings <= truth.maybe_met(address, house.moment):
        raise Violation("meetings are not counted once each")


# --- the calendar


def _calendar(house: House, truth: Truth, people: dict[str, ContactRow]) -> None:
    """What stands there is what we say stands there, one a person, and only of those to be contacted."""
    with house.store.reading(house.owner_id) as tx:
        ours = {uid_of(each.id): each for each in follow_ups.follow_ups(tx)}
    events = house.post.events
    for uid, found in events.items():
        row = ours.get(uid)
        if row is None or row.state in {"removed", "deleted"}:
            raise Violation("an entry stands in the calendar that nobody wants there")
        name = next(each for each in NAMES if each in found.title)
        if truth.word(NAMES[name]) != "active" and row.state != "done":
            raise Violation("an entry stands in the calendar about somebody who is not to be contacted")
    for uid, row in ours.items():
        _stands_as_said(house, uid, row)
    for name, address in NAMES.items():
        ahead = [each for each in events.values() if name in each.title and each.start_at > house.moment]
        if len(ahead) > 1:
            raise Violation("two entries for one person")
        if truth.word(address) == "active" and name in people:
            _followed_up(house, truth, people[name], address)


def _stands_as_said(house: House, uid: str, row: FollowUp) -> None:
    if row.state not in {"placed", "moved"} or row.at < house.moment - LATELY:
        return
    found = house.post.events.get(uid)
    if found is None or found.start_at != row.at:
        raise Violation("an entry does not stand in the calendar as we say it does")


def _followed_up(house: House, truth: Truth, person: ContactRow, address: str) -> None:
    """Who is late, has no talk ahead, and was not taken care of, has an entry: nobody is forgotten silently."""
    rhythm = truth.rhythms.get(address)
    if rhythm is None:
        return
    last = max([*truth.touched(address, house.moment), *([person.last_at] if person.last_at else [])], default=None)
    since = last or person.accepted_at or person.proposed_at
    soon = [each for each in truth.talks() if house.moment < each.start_at < house.moment + SOON + timedelta(hours=1)]
    if since + timedelta(days=rhythm) > house.moment or any(comes(each, address) for each in soon):
        return
    if any(person.name in each.title for each in house.post.events.values()):
        return
    with house.store.reading(house.owner_id) as tx:
        found = follow_ups.follow_ups(tx, contact_id=person.id)
        failed = [each for each in outbox.rows(tx, limit=10_000) if each.state == "failed"]
    cared = [
        each for each in found if each.state in {"deleted", "done"} or (each.state in STOOD and each.at <= house.moment)
    ]
    if not failed and not any(each.created_at >= since for each in cared):
        raise Violation("somebody is late, and nothing was planned")


# --- talks


def _talks(house: House, truth: Truth) -> None:
    """No silent stop: for a talk so near, the question list went out, or it stands there why not."""
    for each in truth.talks():
        near = house.moment < each.start_at - DEADLINES["brief"] and each.start_at - house.moment <= timedelta(hours=1)
        if near and any(comes(each, address) and truth.word(address) == "active" for address in NAMES.values()):
            _briefed(house, each)


def _briefed(house: House, talk: CalendarEvent) -> None:
    rows = [each for each in _rows(house) if each.kind == "brief" and talk.start_at.isoformat() in each.key]
    with house.store.reading(house.owner_id) as tx:
        ids = {each.id for each in views.events_between(tx, talk.start_at, talk.end_at) if each.uid == talk.uid}
    if not any(each.subject_ref in ids and each.state in {"sent", "unknown", "failed"} for each in rows):
        raise Violation("no question list for a talk that is near, and nothing said about it")
