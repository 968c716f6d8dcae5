"""Briefs and notes: once each, at their hour, and never for a talk that is not."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from keepwarm.errors import LeaseLost
from keepwarm.store import accounts, contacts, duties, outbox, talks, views
from keepwarm.store.outbox import Intent, OutboxRow
from keepwarm.types import Gone, Reply
from tests import make
from tests.rings.points import watched
from tests.workers.conftest import NOOR, NOW, Crash, House
from workers import deliver, prepare, tasks
from workers.prepare.talks import talk_key

START = NOW + timedelta(days=3)  # Thursday 10:00 in Amsterdam
EVE = datetime(2026, 11, 25, 15, tzinfo=UTC)  # Wednesday 16:00 in Amsterdam
LEASED = "after commit workers.deliver.deliver"
DECIDED = "before commit workers.deliver._carry_out"
SENDING = "after commit workers.deliver._carry_out"
CALLED = "after call fake.send"
SETTLED = "after commit workers.deliver._call"
PREPARED = ["after commit workers.prepare.prepare_owner", "before commit workers.nextsteps.prepare"]


def talks_sent(house: House) -> list[str]:
    return [subject for subject in house.mails() if "talk" in subject]


def test_the_list_goes_out_the_day_before_and_a_note_an_hour_before(house: House) -> None:
    house.knows(NOOR)
    house.talk(START)
    house.at(EVE - timedelta(minutes=1)).drain()
    assert talks_sent(house) == []
    house.at(EVE).drain()
    assert talks_sent(house) == ["Prepared: your talk on Thursday 26 November, 10:00"]
    house.at(START - timedelta(hours=1)).drain()
    assert talks_sent(house)[1:] == ["Soon: your talk at 10:00"]
    house.at(START + timedelta(hours=1)).drain()
    assert len(talks_sent(house)) == 2


def test_every_mail_goes_to_the_owner_alone(house: House) -> None:
    house.knows(NOOR, "Ann Example <ann@example.com>", days_ago=200)
    house.talk(START)
    for moment in (NOW + timedelta(days=1), EVE, START - timedelta(hours=1)):
        house.at(moment).drain()
    sent = [mail for copies in house.world.mails.values() for mail in copies]
    assert len(sent) == 3  # digest, brief, note
    assert {mail.to.address for mail in sent} == {make.OWNER}
    assert {name for mail in sent for name, _ in mail.headers} == {"List-Unsubscribe"}  # no Cc, no Bcc


def test_booked_late_means_at_once(house: House) -> None:
    house.knows(NOOR)
    house.at(START - timedelta(minutes=50))
    house.reads(make.event([NOOR], start=START))
    house.drain()
    assert talks_sent(house) == ["Prepared: your talk on Thursday 26 November, 10:00"]


def test_repeated_and_reordered_wake_ups_send_once(house: House) -> None:
    house.knows(NOOR)
    house.talk(START)
    house.at(EVE)
    prepare.prepare_owner(house.runtime, house.owner_id)
    row = house.rows("brief")[0]
    outcomes = [deliver.deliver(house.runtime, row.id) for _ in range(3)]
    prepare.prepare_owner(house.runtime, house.owner_id)
    house.drain()
    assert outcomes == ["sent", "held", "held"]
    assert len(talks_sent(house)) == 1


@pytest.mark.parametrize(("kind", "minutes"), [("brief", 29), ("note", 4), ("brief", -1), ("note", -1)])
def test_late_is_never_sent(house: House, kind: str, minutes: int) -> None:
    house.knows(NOOR)
    house.talk(START)
    prepare.prepare_owner(house.runtime, house.owner_id)
    house.at(START - timedelta(minutes=minutes)).drain()
    assert [row.state for row in house.rows(kind)] == ["skipped"]


@pytest.mark.parametrize("point", [LEASED, DECIDED, SENDING])
def test_a_worker_that_slept_past_the_deadline_sends_nothing(house: House, point: str) -> None:
    """A laptop that is closed in the middle of the work, and opened again after the talk."""
    house.knows(NOOR)
    house.talk(START)
    house.at(EVE)
    prepare.prepare_owner(house.runtime, house.owner_id)
    row = house.rows("brief")[0]

    def sleep(name: str) -> None:
        if name == point:
            house.at(START + timedelta(hours=1))

    assert deliver.deliver(watched(house.runtime, sleep), row.id) == "skipped"
    assert house.mails() == []
    assert [each.state for each in house.rows("brief")] == ["skipped"]


def moved(house: House) -> None:
    house.reads(make.event([NOOR], start=START + timedelta(days=7)))


def cancelled(house: House) -> None:
    house.reads(make.event([NOOR], start=START, cancelled=True))


def declined(house: House) -> None:
    house.reads(make.event([NOOR, (make.OWNER, Reply.DECLINED)], start=START))


def they_declined(house: House) -> None:
    house.reads(make.event([(NOOR, Reply.DECLINED)], start=START))


def vanished(house: House) -> None:
    with house.store.reading(house.owner_id) as tx:
        event = views.upcoming(tx, now=house.moment, days=30, stored=True).talks[0].event
    house.world.add(Gone(kind="event", ref=f"{event.uid}|{event.occurrence}"))
    house.stream()


def private(house: House) -> None:
    with house.store.transaction(house.owner_id) as tx:
        found = contacts.contacts(tx, states=["active"], now=house.moment)
        contacts.edit(tx, found[0].id, house.moment, private=True)


def ignored(house: House) -> None:
    with house.store.transaction(house.owner_id) as tx:
        found = contacts.contacts(tx, states=["active"], now=house.moment)
        contacts.ignore(tx, [found[0].id], house.moment)


def unwanted(house: House) -> None:
    with house.store.transaction(house.owner_id) as tx:
        event = views.upcoming(tx, now=house.moment, days=30, stored=True).talks[0].event
        talks.settle(tx, event.id, house.moment, no_brief=True)


CHANGES = [moved, cancelled, declined, they_declined, private, ignored, unwanted]


@pytest.mark.parametrize("change", [*CHANGES, vanished], ids=lambda each: each.__name__)
def test_a_talk_that_is_no_more_is_withdrawn(house: House, change: Callable[[House], None]) -> None:
    house.knows(NOOR)
    house.talk(START)
    prepare.prepare_owner(house.runtime, house.owner_id)
    change(house)
    house.drain()
    house.at(EVE).drain()
    house.at(START - timedelta(minutes=30)).drain()
    assert talks_sent(house) == []
    assert {row.state for row in house.rows() if row.run_at < START and row.kind in {"brief", "note"}} == {"skipped"}
    assert all(row.reason for row in house.rows() if row.state == "skipped")


@pytest.mark.parametrize("change", CHANGES, ids=lambda each: each.__name__)
def test_the_world_is_read_again_right_before_sending(house: House, change: Callable[[House], None]) -> None:
    house.knows(NOOR)
    house.talk(START)
    house.at(EVE)
    prepare.prepare_owner(house.runtime, house.owner_id)
    row = house.rows("brief")[0]
    change(house)
    assert deliver.deliver(house.runtime, row.id) == "skipped"
    assert house.mails() == []


def test_a_moved_talk_gets_one_list_at_its_new_hour(house: House) -> None:
    house.knows(NOOR)
    house.talk(START)
    house.at(EVE).drain()
    moved(house)
    house.drain()
    house.at(EVE + timedelta(days=7)).drain()
    assert talks_sent(house) == [
        "Prepared: your talk on Thursday 26 November, 10:00",
        "Prepared: your talk on Thursday 3 December, 10:00",
    ]


def test_nothing_goes_out_while_everything_is_stopped(house: House) -> None:
    house.knows(NOOR)
    house.talk(START)
    prepare.prepare_owner(house.runtime, house.owner_id)
    with house.store.transaction(house.owner_id) as tx:
        accounts.update_owner(tx, held=True)
    house.at(EVE)
    for _ in range(20):
        house.later(minutes=15).drain()
    assert house.mails() == []
    with house.store.transaction(house.owner_id) as tx:
        accounts.update_owner(tx, held=False)
    house.later(minutes=15).drain()
    assert len(talks_sent(house)) == 1


def test_at_most_twenty_mails_an_hour(house: House) -> None:
    house.knows(NOOR)
    house.talk(START)
    with house.store.transaction(house.owner_id) as tx:
        event = views.upcoming(tx, now=NOW, days=30, stored=True).talks[0].event
        for number in range(25):
            key = f"{talk_key('brief', event.id, START)}:asked:{number}"
            intent = Intent(key=key, kind="brief", subject_ref=event.id, payload={"asked": True}, run_at=NOW)
            outbox.put(tx, intent, NOW)
    house.drain()
    assert house.states("brief").count("sent") == 20
    house.later(minutes=61).drain()
    assert house.states("brief").count("sent") == 25


# --- unknown outcomes and crashes


def test_a_lost_answer_is_settled_by_looking_for_the_mail(house: House) -> None:
    house.knows(NOOR)
    house.talk(START)
    house.world.lose_answer = False
    house.at(EVE)
    prepare.prepare_owner(house.runtime, house.owner_id)
    house.world.lose_answer = True
    brief = house.rows("brief")[0]
    assert deliver.deliver(house.runtime, brief.id) == "unknown"
    house.drain()
    assert house.rows("brief")[0].state == "sending"
    house.later(seconds=121).drain()
    assert house.rows("brief")[0].state == "sent"
    assert len(talks_sent(house)) == 1


def cut_off(house: House, point: str = CALLED) -> OutboxRow:
    """A mail at which the worker died there: after its call, unless told otherwise."""
    house.knows(NOOR)
    house.talk(START)
    house.at(EVE)
    prepare.prepare_owner(house.runtime, house.owner_id)
    (row,) = house.rows("brief")
    with pytest.raises(Crash):
        deliver.deliver(house.crash_at(point).runtime, row.id)
    return row


def uncertain(house: House) -> OutboxRow:
    """A mail before whose call the worker died, and that the provider does not know."""
    row = cut_off(house, SENDING)
    assert deliver.deliver(house.later(seconds=121).runtime, row.id) == "unknown"
    return row


@pytest.mark.parametrize("minutes", [6, 31])
def test_a_mail_that_is_found_late_was_sent(house: House, minutes: int) -> None:
    """RELIABILITY.md B6: a provider's search may take its time."""
    row = uncertain(house)
    house.later(minutes=minutes).drain()
    assert house.states("brief") == ["unknown"]
    house.world.mails[house.runtime.message_id(row.key)] = []
    house.later(minutes=minutes).drain()
    assert [(each.state, each.reason) for each in house.rows("brief")] == [("sent", "")]


@pytest.mark.parametrize("away", [False, True])
def test_an_uncertain_mail_is_looked_for_twice_more(house: House, away: bool) -> None:
    row, looks = uncertain(house), list[datetime]()
    begun = house.moment
    house.world.before_call = lambda verb: looks.extend([house.moment] if verb == "find" else [])
    house.world.throttle = timedelta(seconds=1) if away else None
    for _ in range(100):
        deliver.deliver(house.later(minutes=2).runtime, row.id)
    assert looks == [begun + each for each in deliver.LOOKS]
    assert [(each.state, each.settled_at) for each in house.rows("brief")] == [("unknown", begun)]


def test_who_knows_that_it_was_sent_is_not_gainsaid_by_who_looks_for_it(house: House) -> None:
    row = uncertain(house)

    def sent(verb: str) -> None:
        if verb == "find":
            with house.store.transaction(house.owner_id) as tx:
                assert outbox.sent_after_all(tx, row, "ref", house.moment)

    house.world.before_call = sent
    with pytest.raises(LeaseLost):
        deliver.deliver(house.later(minutes=10).runtime, row.id)
    assert house.states("brief") == ["sent"]


@pytest.mark.parametrize("point", [*PREPARED, LEASED, DECIDED, SETTLED])
def test_dying_between_steps_sends_once(house: House, point: str) -> None:
    house.knows(NOOR)
    house.talk(START)
    house.at(EVE)
    with pytest.raises(Crash):
        tasks.drain(house.crash_at(point).runtime)
    house.later(seconds=121).drain()
    house.later(seconds=121).drain()
    assert len(talks_sent(house)) == 1
    assert house.rows("brief")[0].state == "sent"


@pytest.mark.parametrize(("point", "mails", "state"), [(SENDING, 0, "unknown"), (CALLED, 1, "sent")])
def test_dying_around_the_call_never_sends_twice(house: House, point: str, mails: int, state: str) -> None:
    house.knows(NOOR)
    house.talk(START)
    house.at(EVE)
    prepare.prepare_owner(house.runtime, house.owner_id)
    row = house.rows("brief")[0]
    with pytest.raises(Crash):
        deliver.deliver(house.crash_at(point).runtime, row.id)
    assert house.rows("brief")[0].state == "sending"
    for _ in range(3):
        house.later(seconds=121).drain()
    assert len(talks_sent(house)) == mails
    assert house.rows("brief")[0].state == state


@pytest.mark.parametrize("point", [SENDING, "after call local.send"])
def test_dying_around_the_call_loses_nothing_in_our_own_mailbox(plain_house: House, point: str) -> None:
    plain_house.knows(NOOR)
    plain_house.talk(START)
    plain_house.at(EVE)
    prepare.prepare_owner(plain_house.runtime, plain_house.owner_id)
    with pytest.raises(Crash):
        deliver.deliver(plain_house.crash_at(point).runtime, plain_house.rows("brief")[0].id)
    for _ in range(3):
        plain_house.later(seconds=121).drain()
    assert plain_house.rows("brief")[0].state == "sent"
    assert len(plain_house.runtime.open_local(plain_house.owner_id).list_mails()) == 1


def test_what_the_dead_left_is_done_at_once_and_not_a_sweep_later(plain_house: House) -> None:
    """R1: a lease and a minute. The row is freed and asked for again in the same breath (`workers.tasks.deliver`)."""
    plain_house.knows(NOOR)
    plain_house.talk(START)
    plain_house.at(EVE)
    prepare.prepare_owner(plain_house.runtime, plain_house.owner_id)
    row = plain_house.rows("brief")[0]
    with pytest.raises(Crash):
        deliver.deliver(plain_house.crash_at(SENDING).runtime, row.id)
    plain_house.later(seconds=121)
    assert [deliver.deliver(plain_house.runtime, row.id) for _ in range(2)] == ["again", "sent"]


def test_a_key_is_not_sent_after_its_deadline_in_our_own_mailbox(plain_house: House) -> None:
    plain_house.knows(NOOR)
    plain_house.talk(START)
    plain_house.at(EVE)
    prepare.prepare_owner(plain_house.runtime, plain_house.owner_id)
    with pytest.raises(Crash):
        deliver.deliver(plain_house.crash_at(SENDING).runtime, plain_house.rows("brief")[0].id)
    plain_house.at(START).drain()
    assert plain_house.rows("brief")[0].state == "skipped"
    assert plain_house.runtime.open_local(plain_house.owner_id).list_mails() == []


def test_who_slept_before_the_call_says_in_the_end_that_it_was_sent(house: House) -> None:
    """Another had to call it uncertain meanwhile; the owner is not asked about what is known."""
    house.knows(NOOR)
    house.talk(START)
    house.at(EVE)
    prepare.prepare_owner(house.runtime, house.owner_id)
    row = house.rows("brief")[0]
    others: list[str] = []

    def sleep(name: str) -> None:
        if name == SENDING and not others:
            house.later(seconds=121)
            others.append(deliver.deliver(house.runtime, row.id))

    with pytest.raises(LeaseLost):
        deliver.deliver(watched(house.runtime, sleep), row.id)
    assert others == ["unknown"]
    assert len(talks_sent(house)) == 1
    assert house.rows("brief")[0].state == "sent"


def test_a_mail_whose_looking_up_kills_the_worker_is_shown_in_the_end(house: House) -> None:
    """A poison row takes five processes with it, not one every two minutes for ever."""
    house.knows(NOOR)
    house.talk(START)
    house.at(EVE)
    prepare.prepare_owner(house.runtime, house.owner_id)
    row = house.rows("brief")[0]
    with pytest.raises(Crash):
        deliver.deliver(house.crash_at(SENDING).runtime, row.id)
    deaths = 0
    for _ in range(10):
        house.later(seconds=121)
        with contextlib.suppress(Crash):
            deliver.deliver(house.crash_at("before call fake.find").runtime, row.id)
            break
        deaths += 1
    assert deaths == 4  # and the one before
    assert [each.state for each in house.rows("brief")] == ["unknown"]
    with house.store.reading(house.owner_id) as tx:
        assert [each.position for each in duties.quarantined(tx)] == [row.id]


def test_a_provider_that_cannot_tell_yet_is_asked_until_it_can(house: House) -> None:
    cut_off(house)
    house.world.throttle = timedelta(seconds=30)
    for _ in range(20):
        house.later(minutes=16).drain()
    assert house.rows("brief")[0].state == "sending"
    house.world.throttle = None
    house.later(minutes=16).drain()
    assert house.rows("brief")[0].state == "sent"


@pytest.mark.parametrize(("trouble", "most"), [("throttle", 100), ("revoked", 27)])
def test_a_provider_that_cannot_tell_for_a_day_leaves_it_to_the_owner(house: House, trouble: str, most: int) -> None:
    """Else it would hang in silence, count for the ceiling of every hour, and a dead password be tried for ever."""
    row = cut_off(house)
    looks = list[str]()
    house.world.before_call = lambda verb: looks.extend([verb] if verb == "find" else [])
    setattr(house.world, trouble, timedelta(seconds=30) if trouble == "throttle" else True)
    for _ in range(120):
        deliver.deliver(house.later(minutes=16).runtime, row.id)
    assert house.states("brief") == ["unknown"]
    assert len(looks) <= most
    with house.store.reading(house.owner_id) as tx:
        assert outbox.sent_counts(tx, house.moment).last_hour == 0
