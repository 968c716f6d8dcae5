"""An owner's three days: files are read, people accepted, a talk comes near, one person calls; and what they want.

Called by the tests of this ring. What is wanted stands here in plain words, made without the engine.
Monday 09:00 UTC: an upload is read, and a mailbox where there is one. Tuesday 15:00: digest, question list, two
follow-ups, an alarm. Wednesday 08:00: the short note; Bo was in touch, so Bo's follow-up goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from keepwarm.store import accounts, contacts, outbox, views
from keepwarm.store.outbox import Intent
from keepwarm.types import StreamKind
from tests.rings.crash import rows
from tests.rings.crash.checker import History, Wanted, WantedMail, complaints, read_journal, read_local
from tests.rings.crash.receiver import exchange
from tests.rings.crash.stage import LEASE, Stage
from tests.service.cli import made

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 24, 15, tzinfo=UTC)  # 16:00 in Amsterdam
WEDNESDAY = datetime(2026, 11, 25, 8, tzinfo=UTC)
TALK = datetime(2026, 11, 25, 9, tzinfo=UTC)
NOOR = ("Noor Jansen", "noor@lantern.example")
ANN = ("Ann Example", "ann@example.com")
BO = ("Bo Example", "bo@example.net")
DEE = "Dee Pages <dee@example.com>"
MINUTE = timedelta(minutes=1)
AROUND_THE_CALL = (
    "after commit workers.deliver._carry_out", "before call receiver.send", "after call receiver.send",
    "before commit workers.deliver._call",
)  # fmt: skip

MAILS = (
    WantedMail(
        kind="digest", subject="Your people this week", not_before=TUESDAY, not_after=TUESDAY + timedelta(hours=6)
    ),
    WantedMail(kind="brief", subject="Prepared: your talk", not_before=TUESDAY, not_after=TALK - timedelta(minutes=30)),
    WantedMail(kind="note", subject="Soon: your talk", not_before=WEDNESDAY, not_after=TALK - timedelta(minutes=5)),
    WantedMail(
        kind="alarm", subject="Keepwarm needs a look", not_before=TUESDAY, not_after=TUESDAY + timedelta(hours=6)
    ),
)


def follow_up(person: tuple[str, str]) -> str:
    return f"Get in touch with {person[0]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An owner of the story. ``connected``: has an account at the receiver; else our own mailbox and calendar."""

    id: str
    address: str
    connected: bool

    def wanted(self) -> Wanted:
        both = (follow_up(ANN), follow_up(BO))
        made_ever = both if self.connected else both[:1]
        return Wanted(address=self.address, mails=MAILS, made=made_ever, standing=both[:1])

    def history(self, stage: Stage) -> History:
        """An alarm lands in our own mailbox, whatever is connected: the other side may be what is broken."""
        here = read_local(stage.runtime.home / "owners" / self.id)
        there = read_journal(stage.received / f"{self.id}.journal")
        return here + there


def begin(stage: Stage, number: int, *, connected: bool) -> Person:
    """A new owner whose upload waits to be read."""
    address = f"owner{number}@example.org"
    with stage.store.system() as tx:
        owner_id = accounts.create_owner(tx, email=address, now=MONDAY, zone="Europe/Amsterdam").id
    folder = stage.runtime.owner_home(owner_id) / "uploads" / "first"
    _files(folder, address)
    with stage.store.transaction(owner_id) as tx:
        accounts.update_owner(tx, settings={"digest_time": "16:00"})
        accounts.set_own_address(tx, address, own=True)
        accounts.create_batch(tx, label="files", paths=[str(folder)], uploaded=True, now=MONDAY)
        if connected:
            there = accounts.ensure_account(
                tx, provider="receiver", settings={"folder": str(stage.received)}, now=MONDAY
            )
            accounts.create_stream(tx, account_id=there.id, kind=StreamKind.MAIL, now=MONDAY)
    for days in (30, 40):
        exchange(stage.received, owner_id, DEE, MONDAY - timedelta(days=days))
    return Person(id=owner_id, address=address, connected=connected)


def _files(folder: Path, me: str) -> None:
    """A mailbox with mails each way with three people, and a calendar with a talk with one of them."""
    folder.mkdir(parents=True)
    owner = ("Owner", me)
    mails = []
    for person, days in ((NOOR, 20), (ANN, 200), (BO, 210)):
        for turn in range(2):
            at = MONDAY - timedelta(days=days + turn)
            mails += [made.mail(owner, person, at), made.mail(person, owner, at + timedelta(hours=1))]
    (folder / "all.mbox").write_text("".join(mails))
    made.calendar(folder / "talk.ics", TALK, person=NOOR, me=owner)


def accept(stage: Stage, people: list[Person]) -> None:
    """Everybody found is accepted; it is complete and each once, and the upload is gone."""
    for person in people:
        with stage.store.transaction(person.id) as tx:
            found = contacts.contacts(tx, states=["proposed"], now=MONDAY)
            health = views.health(tx, MONDAY)
            contacts.accept(tx, [each.id for each in found], private=False, now=MONDAY)
        names = sorted(each.name for each in found)
        expected = sorted(each[0] for each in (NOOR, ANN, BO)) + (["Dee Pages"] if person.connected else [])
        assert names == sorted(expected), names
        assert (health.mails, health.events) == (12 + 4 * person.connected, 1)
        assert not list((stage.runtime.home / "owners" / person.id / "uploads").glob("*"))


def bo_calls(stage: Stage, people: list[Person]) -> None:
    """An hour before the end of the story Bo writes, and the owner answers."""
    at = WEDNESDAY - timedelta(hours=14)
    for person in people:
        if person.connected:
            exchange(stage.received, person.id, f"{BO[0]} <{BO[1]}>", at)
            with stage.store.transaction(person.id) as tx:
                (stream,) = (each for each in accounts.streams(tx) if each.stream.kind is StreamKind.MAIL)
                accounts.mark_stale(tx, stream.stream.id, stage.now())
        else:
            folder = stage.runtime.owner_home(person.id) / "uploads" / "second"
            folder.mkdir(parents=True)
            me = ("Owner", person.address)
            (folder / "new.mbox").write_text(made.mail(me, BO, at) + made.mail(BO, me, at + timedelta(hours=1)))
            with stage.store.transaction(person.id) as tx:
                accounts.create_batch(tx, label="more", paths=[str(folder)], uploaded=True, now=stage.now())


def alarm(stage: Stage, people: list[Person]) -> None:
    """One alarm for each owner, as `workers.upkeep` would put it."""
    for person in people:
        intent = Intent(key=f"alarm:{person.id}", kind="alarm", payload={"lines": ["A line."]}, run_at=stage.now())
        with stage.store.transaction(person.id) as tx:
            outbox.put(tx, intent, stage.now())


def tell(stage: Stage, people: list[Person]) -> None:
    """The three days, each until nothing is held by the dead."""
    stage.at(MONDAY)
    until_settled(stage)
    accept(stage, people)
    stage.at(TUESDAY)
    alarm(stage, people)
    until_settled(stage, at_least=2)
    stage.at(WEDNESDAY)
    bo_calls(stage, people)
    until_settled(stage, at_least=2)


def until_settled(stage: Stage, *, at_least: int = 1, at_most: int = 20) -> None:
    """Sweeps until everybody is looked after, and nothing is held or waits to be read.

    Each minute, but for the one in which all leases still run.
    """
    begun = stage.now()
    for number in range(1, at_most + 1):
        stage.sweep()
        settled = rows.everybody_prepared(stage.store, since=begun) and not rows.held(stage.store, stage.now())
        if number >= at_least and settled:
            return
        stage.later(LEASE if number == 1 else MINUTE)
    raise AssertionError(f"something is held for ever: {rows.states(stage.store)}; {stage.log_end()}")


def told_as_uncertain(stage: Stage, person: Person) -> list[str]:
    """Kinds of mail that the page shows with a button, since nobody knows."""
    with stage.store.reading(person.id) as tx:
        return [row.kind for row in outbox.rows(tx, states=["unknown"], limit=1000)]


def may_be_uncertain(stage: Stage, person: Person) -> list[str]:
    """Kinds of mail whose worker ended after the note that it is being sent."""
    ended = {
        each.row for each in stage.arms.ended() if each.owner == person.id and each.point.startswith(AROUND_THE_CALL)
    }
    with stage.store.reading(person.id) as tx:
        return [row.kind for row in outbox.rows(tx, limit=1000) if row.id in ended]


def recoveries(stage: Stage, person: Person) -> list[timedelta]:
    """For each row of the outbox that a worker died on: how long from its last death to its outcome, by this clock."""
    died = {each.row: datetime.fromisoformat(each.at) for each in stage.arms.ended() if each.owner == person.id}
    with stage.store.reading(person.id) as tx:
        done = {row.id: row.settled_at for row in outbox.rows(tx, limit=1000)}
    return [at - died[row] for row, at in done.items() if row in died and at is not None]


def wrong(stage: Stage, person: Person, uncertain: list[str] | None = None) -> list[str]:
    """What the checker says about this owner; ``uncertain``: else what the arms' notes give."""
    may = may_be_uncertain(stage, person) if uncertain is None else uncertain
    told = told_as_uncertain(stage, person)
    return list(complaints(person.history(stage), person.wanted(), told=told, uncertain=may))
