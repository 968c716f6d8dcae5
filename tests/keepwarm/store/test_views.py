"""What lies ahead: talks with the moments of their mails, follow-ups, the situation of a talk, the digest's facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from keepwarm.errors import NotFound
from keepwarm.store import Store, accounts, contacts, follow_ups, notes, plans, talks, views
from keepwarm.talks import NotATalk
from keepwarm.types import Reply
from tests import make

ANN = "Ann Example <ann@example.com>"
TALK_AT = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)  # Thursday 10:00 in Amsterdam


@pytest.fixture
def me(store: Store, now: datetime) -> str:
    owner_id = make.owner(store)
    with store.transaction(owner_id) as tx:
        accounts.update_owner(tx, zone="Europe/Amsterdam", name="Owner")
    make.imported(store, owner_id, *make.both_ways(ANN, at=now - timedelta(days=200)))
    with store.transaction(owner_id) as tx:
        contacts.detect(tx, now)
        contacts.accept(tx, None, circle="warm", now=now)
    return owner_id


def ann_of(store: Store, me: str, now: datetime) -> contacts.ContactRow:
    with store.reading(me) as tx:
        return contacts.contacts(tx, states=["active"], now=now)[0]


def ahead(store: Store, me: str, now: datetime, *, stored: bool = False, days: int = 60) -> views.Upcoming:
    with store.reading(me) as tx:
        return views.upcoming(tx, now=now, days=days, stored=stored)


def test_a_talk_has_its_two_moments_and_its_people(store: Store, me: str, now: datetime) -> None:
    make.imported(store, me, make.event([ANN], start=TALK_AT, title="Coffee"), path="cal.ics")
    [talk] = ahead(store, me, now).talks
    assert talk.event.title == "Coffee"
    assert talk.contacts == [ann_of(store, me, now).id]
    assert talk.brief_at == datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
    assert talk.note_at == TALK_AT - timedelta(hours=1)
    assert talk.type == "tips_and_names"
    assert talk.type_reason


def test_seen_from_before_the_import_a_talk_was_known_long_ago(store: Store, me: str, now: datetime) -> None:
    make.imported(store, me, make.event([ANN], start=TALK_AT), path="cal.ics", now=now + timedelta(days=30))
    [talk] = ahead(store, me, now).talks
    assert talk.brief_at == datetime(2026, 11, 25, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "change",
    [
        {"cancelled": True},
        {"all_day": True},
        {"people": [(ANN, Reply.DECLINED)]},
        {"people": [ANN, *(f"p{n}@example.net" for n in range(8))]},
        {"recurring": True, "people": [ANN, "b@example.net"]},
        {"people": ["stranger@example.net"]},
    ],
    ids="-".join,
)
def test_what_is_no_talk(store: Store, me: str, now: datetime, change: dict[str, object]) -> None:
    fields = {"people": [ANN], "start": TALK_AT} | change
    make.imported(store, me, make.event(**fields), path="cal.ics")  # type: ignore[arg-type]
    assert ahead(store, me, now).talks == []
    with store.reading(me) as tx:
        [found] = views.events_between(tx, TALK_AT, TALK_AT + timedelta(hours=1))
        assert isinstance(views.talk(tx, found.id, now), NotATalk)


def test_a_private_person_gets_no_talk_and_no_follow_up(store: Store, me: str, now: datetime) -> None:
    make.imported(store, me, make.event([ANN], start=TALK_AT), path="cal.ics")
    with store.transaction(me) as tx:
        contacts.edit(tx, contacts.contacts(tx, states=None, now=now)[0].id, now, private=True)
    assert ahead(store, me, now) == views.Upcoming(talks=[], follow_ups=[])


def test_a_guessed_zone_means_no_mail(store: Store, me: str, now: datetime) -> None:
    make.imported(store, me, make.event([ANN], start=TALK_AT, zone_guessed=True), path="cal.ics")
    [talk] = ahead(store, me, now).talks
    assert (talk.brief_at, talk.note_at) == (None, None)


def test_the_owners_choice_of_type_wins(store: Store, me: str, now: datetime) -> None:
    make.imported(store, me, make.event([ANN], start=TALK_AT), path="cal.ics")
    [talk] = ahead(store, me, now).talks
    with store.transaction(me) as tx:
        talks.settle(tx, talk.event.id, now, type="why_not")
        talks.settle(tx, talk.event.id, now, no_brief=True)
    [talk] = ahead(store, me, now).talks
    assert (talk.type, talk.type_reason, talk.brief_at) == ("why_not", "", None)
    with store.reading(me) as tx:
        assert views.situation(tx, talk.contacts[0], now, event_id=talk.event.id).type == "why_not"


def test_a_follow_up_is_foreseen_and_then_stored(store: Store, me: str, now: datetime) -> None:
    [foreseen] = ahead(store, me, now).follow_ups
    assert (foreseen.contact_name, foreseen.state) == ("Ann Example", "planned")
    assert foreseen.reason
    with store.transaction(me) as tx:
        [due] = views.due_people(tx, now)
        follow_ups.place(
            tx,
            id=foreseen.id,
            contact_id=due.contact_id,
            cycle=due.cycle,
            at=foreseen.at,
            wall="",
            zone="UTC",
            reason={},
            now=now,
        )
        follow_ups.change(tx, foreseen.id, state="placed")
    assert ahead(store, me, now, stored=True).follow_ups == [replace(foreseen, state="placed")]
    assert ahead(store, me, now).follow_ups == [replace(foreseen, state="placed")]


def test_a_noted_talk_starts_a_new_period(store: Store, me: str, now: datetime) -> None:
    ann = ann_of(store, me, now)
    with store.transaction(me) as tx:
        [before] = views.due_people(tx, now)
        notes.add_note(tx, ann.id, now - timedelta(days=1), said="We spoke about bees.")
        assert views.due_people(tx, now) == []  # not within the weeks that are planned
        after = views.due_about(tx, ann.id, "", now)
    assert after
    assert before.due_at < now < after.due_at
    assert before.cycle != after.cycle


def test_the_situation_tells_notes_promises_and_plan(store: Store, me: str, now: datetime) -> None:
    ann = ann_of(store, me, now)
    with store.transaction(me) as tx:
        plans.set_goal(tx, ann.id, now, goal="learn_field", find_out="a day at work", sector="bees")
        notes.add_note(
            tx,
            ann.id,
            now,
            said="We spoke about bees.",
            promises=[(True, "send a book", None), (False, "a name", None)],
        )
        [kept, _] = notes.promises(tx, ann.id)
        notes.keep_promise(tx, kept.id, now)
        found = views.situation(tx, ann.id, now)
    assert (found.type, found.goal, found.find_out, found.sector) == ("keep_up", "learn_field", "a day at work", "bees")
    assert found.last is not None
    assert found.last.text == "We spoke about bees."
    assert (found.promises_mine, found.promises_theirs) == ((), ("a name",))


def test_digest_facts_tell_of_people_new_ones_and_talks(store: Store, me: str, now: datetime) -> None:
    new = make.both_ways("Ben Sample <ben@example.net>")
    with store.reading(me) as tx:
        before = views.digest_facts(tx, views.world(tx, now))
    assert [(each.name, each.freshness.state) for each in before.people] == [("Ann Example", "asleep")]
    make.imported(store, me, *new, make.event([ANN], start=TALK_AT, title="Coffee"), path="more.mbox")
    with store.transaction(me) as tx:
        contacts.detect(tx, now)
        facts = views.digest_facts(tx, views.world(tx, now))
    assert facts.people == ()  # there is a talk ahead, so nothing to suggest
    assert [each.name for each in facts.new_people] == ["Ben Sample"]
    assert facts.new_people[0].evidence
    assert [(each.title, each.names) for each in facts.talks] == [("Coffee", ("Ann Example (ann@example.com)",))]


def test_busy_and_away_leave_out_what_is_free_declined_or_gone(store: Store, me: str, now: datetime) -> None:
    events = [
        make.event([], uid="1", start=now, title="Work"),
        make.event([], uid="2", start=now, busy=False),
        make.event([], uid="3", start=now, cancelled=True),
        make.event([(make.OWNER, Reply.DECLINED)], uid="4", start=now, organiser="boss@example.net"),
        make.event([], uid="5", start=now + timedelta(days=1), minutes=1440, all_day=True, title="Vakantie"),
        make.event([], uid="6", start=now + timedelta(days=9)),
    ]
    make.imported(store, me, *events, path="cal.ics")
    holiday = (now + timedelta(days=1), now + timedelta(days=2))
    with store.reading(me) as tx:
        assert views.busy(tx, now, now + timedelta(days=7)) == [(now, now + timedelta(hours=1)), holiday]
        assert views.away(tx, now, now + timedelta(days=7)) == [holiday]


def test_events_of_another_are_not_found(store: Store, me: str, now: datetime) -> None:
    make.imported(store, me, make.event([ANN], start=TALK_AT), path="cal.ics")
    [talk] = ahead(store, me, now).talks
    other = make.owner(store, "other@example.com")
    for event_id in (talk.event.id, "nonsense", "٣", "9" * 30, "-1"):
        with pytest.raises(NotFound), store.reading(other) as tx:
            views.event(tx, event_id)


def test_pace_follows_the_owners_settings(store: Store, me: str) -> None:
    with store.transaction(me) as tx:
        accounts.update_owner(tx, settings={"brief_time": "17:30", "weekly_follow_ups": 2, "weekend": [4, 5], "x": 1})
        pace = accounts.pace_of(accounts.owner(tx))
    assert (pace.brief_time.isoformat(), pace.weekly_follow_ups, pace.weekend) == ("17:30:00", 2, {4, 5})
    assert (pace.zone, pace.country) == ("Europe/Amsterdam", "NL")


def test_health_counts(store: Store, me: str, now: datetime) -> None:
    with store.reading(me) as tx:
        found = views.health(tx, now)
    assert (found.people, found.mails, found.events, found.quarantined) == ({"active": 1}, 2, 0, 0)
