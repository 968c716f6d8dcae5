"""The mails that ask and remind: booked, how did it go, what is due today, all is well. Few, and each once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from keepwarm.mails import STOPPABLE
from keepwarm.store import accounts, introductions, notes, plans, talks
from tests import make
from tests.workers.conftest import NOOR, NOW, House

ANN = "Ann Example <ann@example.com>"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OLD = make.event([ANN], start=NOW - 40 * DAY, uid="old@x.org")


def settled(house: House) -> str:
    """Somebody known, and a calendar that was first read a month ago; their id."""
    [contact_id] = house.knows(NOOR)
    make.imported(house.store, house.owner_id, OLD, path="calendar.ics", now=NOW - 30 * DAY)
    return contact_id


def books(house: House, start: datetime, *, uid: str = "new@x.org", **fields: object) -> None:
    house.reads(make.event([NOOR], start=start, uid=uid, **fields))  # type: ignore[arg-type]  # any field of an event


def talk_id(house: House, kind: str) -> str:
    [row] = house.rows(kind)
    return row.subject_ref or row.payload["talks"][0]


# --- booked ----------------------------------------------------------------------------------------------------


def test_a_talk_that_is_booked_is_asked_about_once(house: House) -> None:
    settled(house)
    books(house, NOW + 9 * DAY)
    house.drain()
    assert house.mails() == []  # it settles first
    for _ in range(3):
        house.later(minutes=11).drain()
    assert house.mails() == ["Talk booked: Wednesday 2 December, 10:00"]
    books(house, NOW + 10 * DAY)  # moved: it is asked about no second time
    house.later(days=1).drain()
    assert len(house.rows("booked")) == 1


def test_several_booked_together_are_one_mail(quick_house: House) -> None:
    settled(quick_house)
    for number in range(3):
        books(quick_house, NOW + (9 + number) * DAY, uid=f"{number}@x.org")
    quick_house.later(minutes=11).drain()
    assert quick_house.mails() == ["3 talks booked"]


@pytest.mark.parametrize("why", ["first read", "many at once", "soon", "series", "settled", "stopped", "night"])
def test_nothing_is_asked_about_a_talk(why: str, quick_house: House) -> None:
    """What was in a calendar when it was first read was not booked just now, nor are twenty talks at once."""
    house = quick_house
    if why == "first read":
        house.knows(NOOR)
    else:
        settled(house)
    start = NOW + (1 if why == "soon" else 9) * DAY
    for number in range(20 if why == "many at once" else 1):
        books(house, start + number * HOUR * 3, uid=f"{number}@x.org", recurring=why == "series")
    with house.store.transaction(house.owner_id) as tx:
        if why == "settled":
            from keepwarm.store import views

            found = views.upcoming(tx, now=NOW, days=30, stored=True).talks[0]
            talks.settle(tx, found.event.id, NOW, type="orientation")
        if why == "stopped":
            accounts.update_owner(tx, settings={"stopped": ["booked"]})
    house.later(**({"hours": 14} if why == "night" else {"minutes": 11})).drain()
    assert house.rows("booked") == []


def test_a_talk_that_was_cancelled_meanwhile_is_not_asked_about(quick_house: House) -> None:
    settled(quick_house)
    books(quick_house, NOW + 9 * DAY)
    quick_house.later(minutes=11)
    from workers import prepare

    prepare.prepare_owner(quick_house.runtime, quick_house.owner_id)
    books(quick_house, NOW + 9 * DAY, cancelled=True)
    quick_house.drain()
    assert quick_house.mails() == []


# --- how did it go ---------------------------------------------------------------------------------------------


def test_half_an_hour_after_a_talk_it_is_asked_how_it_went(house: House) -> None:
    house.knows(NOOR)
    house.talk(NOW + HOUR)
    house.at(NOW + 2 * HOUR + timedelta(minutes=29)).drain()
    assert house.rows("after")[0].state == "due"
    house.later(minutes=1).drain()
    house.later(hours=30).drain()
    asked = [each for each in house.mails() if each.startswith("How did it go?")]
    assert asked == ["How did it go? Your talk of Monday 23 November, 11:00"]
    [mail] = [copy for copies in house.world.mails.values() for copy in copies if copy.subject == asked[0]]
    assert "Thank you" in mail.text
    assert "/reply/" in mail.text


def test_an_evening_talk_is_asked_about_next_morning(quick_house: House) -> None:
    quick_house.knows(NOOR)
    quick_house.talk(datetime(2026, 11, 26, 18, 30, tzinfo=UTC))  # Thursday, ends 20:30 in Amsterdam
    quick_house.at(datetime(2026, 11, 26, 20, tzinfo=UTC)).drain()
    assert quick_house.states("after") == ["due"]
    quick_house.at(datetime(2026, 11, 27, 7, tzinfo=UTC)).drain()
    assert quick_house.states("after") == ["sent"]


@pytest.mark.parametrize("why", ["noted", "moved", "cancelled", "read later", "series", "guessed", "stopped"])
def test_a_talk_is_not_asked_about(why: str, quick_house: House) -> None:
    house = quick_house
    [who] = house.knows(NOOR)
    fields = {"recurring": why == "series", "zone_guessed": why == "guessed"}
    if why == "read later":
        house.at(NOW + 3 * HOUR).reads(make.event([NOOR], start=NOW + HOUR))
    else:
        house.talk(NOW + HOUR, **fields)
    house.at(NOW + timedelta(hours=2, minutes=10)).drain()
    with house.store.transaction(house.owner_id) as tx:
        if why == "noted":
            notes.add_note(tx, who, house.moment, said="Good.", event_id=talk_id(house, "after"))
        if why == "stopped":
            accounts.update_owner(tx, settings={"stopped": ["after"]})
    if why in {"moved", "cancelled"}:
        start = NOW + (26 if why == "moved" else 1) * HOUR
        house.reads(make.event([NOOR], start=start, cancelled=why == "cancelled"))
    house.at(NOW + 4 * HOUR).drain()
    assert not [each for each in house.mails() if each.startswith("How did it go?")]


# --- what is due today -----------------------------------------------------------------------------------------

WEDNESDAY = datetime(2026, 11, 25, 7, 30, tzinfo=UTC)  # 08:30 in Amsterdam; the digest comes on Tuesday


def nudged(house: House) -> list[str]:
    return [copy.text for copies in house.world.mails.values() for copy in copies if "is due" in copy.subject]


def owes_thanks(house: House) -> str:
    """A first talk on Tuesday at ten with somebody lukewarm; their id."""
    [who] = house.knows(NOOR)
    house.talk(NOW + DAY)
    return who


def test_thanks_are_named_the_morning_after_and_once(house: House) -> None:
    owes_thanks(house)
    house.at(WEDNESDAY - timedelta(minutes=1)).drain()
    assert nudged(house) == []
    for days in range(5):
        house.at(WEDNESDAY + days * DAY).drain()
    assert len(nudged(house)) == 1
    assert "You talked" in nudged(house)[0]


@pytest.mark.parametrize("how", ["wrote", "in touch", "private", "paused"])
def test_whoever_was_thanked_or_is_left_in_peace_is_not_named(how: str, quick_house: House) -> None:
    from keepwarm.store import contacts

    house, after = quick_house, NOW + DAY + 3 * HOUR
    who = owes_thanks(house)
    if how == "wrote":
        house.at(after).reads(make.message(make.OWNER, NOOR, at=after))
    with house.store.transaction(house.owner_id) as tx:
        if how == "in touch":
            notes.in_touch(tx, who, after)
        if how == "private":
            contacts.edit(tx, who, after, private=True)
        if how == "paused":
            contacts.edit(tx, who, after, paused_until=date(2027, 1, 1))
    house.at(WEDNESDAY).drain()
    assert nudged(house) == []


def test_two_who_meet_often_owe_each_other_no_notes(quick_house: House) -> None:
    quick_house.knows(NOOR)
    for weeks in (1, 2, 3):
        quick_house.talk(NOW - weeks * 7 * DAY, uid=f"{weeks}@x.org")
    quick_house.talk(NOW + DAY)
    quick_house.at(WEDNESDAY).drain()
    assert nudged(quick_house) == []


def test_a_promise_has_its_entry_on_its_day_and_no_mail_besides(house: House) -> None:
    """Theirs is not ours to keep."""
    [who] = house.knows(NOOR, days_ago=3)
    with house.store.transaction(house.owner_id) as tx:
        promised = [(True, "send the book", date(2026, 11, 28)), (False, "look around", date(2026, 11, 26))]
        notes.add_note(tx, who, NOW, said="x", promises=promised)
    for days in range(3):
        house.at(WEDNESDAY + days * DAY).drain()
    [entry] = house.world.events.values()
    assert (entry.title, entry.start_at) == ("What you promised Noor Jansen", datetime(2026, 11, 27, 8, tzinfo=UTC))
    assert "send the book" in entry.description  # Saturday: on the Friday before
    assert nudged(house) == []


def test_a_promise_that_is_kept_leaves_the_calendar(quick_house: House) -> None:
    house = quick_house
    [who] = house.knows(NOOR, days_ago=3)
    with house.store.transaction(house.owner_id) as tx:
        notes.add_note(tx, who, NOW, said="x", promises=[(True, "send the book", date(2026, 12, 3))])
    house.drain()
    assert len(house.world.events) == 1
    with house.store.transaction(house.owner_id) as tx:
        notes.keep_promise(tx, notes.promises(tx, who)[0].id, NOW)
    house.drain()
    assert house.world.events == {}


def test_whoever_wants_no_such_mail_has_thanks_in_the_calendar(quick_house: House) -> None:
    house = quick_house
    owes_thanks(house)
    with house.store.transaction(house.owner_id) as tx:
        accounts.update_owner(tx, settings={"stopped": ["nudge"]})
    house.at(WEDNESDAY).drain()
    assert [each.title for each in house.world.events.values()] == ["Thank Noor Jansen"]
    assert nudged(house) == []
    after = WEDNESDAY + HOUR
    house.at(after).reads(make.message(make.OWNER, NOOR, at=after))
    house.drain()
    assert house.world.events == {}


def test_promises_keep_their_day_whatever_the_ceilings_say(quick_house: House) -> None:
    house = quick_house
    [who] = house.knows(NOOR, days_ago=3)
    with house.store.transaction(house.owner_id) as tx:
        accounts.update_owner(tx, settings={"weekly_follow_ups": 1})
        days = [date(2026, 11, 24) + n * DAY for n in range(4)]
        notes.add_note(tx, who, NOW, said="x", promises=[(True, f"thing {day}", day) for day in days])
    house.drain()
    assert sorted(each.start_at.date() for each in house.world.events.values()) == days


def test_whoever_introduced_is_to_hear_how_it_went(quick_house: House) -> None:
    house = quick_house
    [noor], [ann] = house.knows(NOOR), house.knows(ANN)
    with house.store.transaction(house.owner_id) as tx:
        request = introductions.ask(tx, NOW - 9 * DAY, via_id=ann, contact_id=noor)
        introductions.say(tx, request, NOW - 8 * DAY, "introduced")
        notes.in_touch(tx, ann, NOW - 7 * DAY)
        plans.add_plan(tx, NOW - 9 * DAY, goal="learn_field")
    house.talk(NOW + 3 * HOUR)
    house.at(WEDNESDAY + DAY).drain()
    assert "thanks to Ann Example" in nudged(house)[0]


def test_ceilings_hold_for_what_is_due(quick_house: House) -> None:
    """Thanks are owed to somebody else each day; two mails a week say so, the next digest says the rest."""
    house = quick_house
    people = [f"Guest {letter} <{letter}@guests.example>" for letter in "abcdefgh"]
    house.knows(*people)
    with house.store.transaction(house.owner_id) as tx:
        accounts.update_owner(tx, settings={"weekly_nudges": 2})
    for number, each in enumerate(people):
        house.talk(NOW + (1 + number) * DAY, who=each, uid=f"{number}@x.org")
    for number in range(10):
        for hour in range(0, 10, 3):
            house.at(WEDNESDAY + number * DAY + hour * HOUR).drain()
    moments = sorted(row.run_at for row in house.rows("nudge"))
    assert len(moments) >= 2
    assert all(later - first >= 6 * DAY for first, later in zip(moments, moments[2:], strict=False))


# --- all is well -----------------------------------------------------------------------------------------------


def weekly(house: House, weeks: int) -> list[str]:
    for week in range(weeks):
        house.at(datetime(2026, 11, 24, 7, 30, tzinfo=UTC) + week * 7 * DAY).drain()
    return house.mails()


def test_after_a_month_of_silence_one_line_says_that_all_is_well(house: House) -> None:
    assert weekly(house, 4) == []
    assert weekly(house, 6) == ["All is well"]
    assert len(weekly(house, 10)) == 2


def test_what_does_not_work_is_not_called_well(quick_house: House) -> None:
    house = quick_house
    stream = house.stream()
    with house.store.transaction(house.owner_id) as tx:
        lease = accounts.lease_stream(tx, stream, NOW)
        assert lease is not None
        accounts.fail_stream(tx, lease, NOW, error="The server said no.", retry_at=None, give_up=True)
    house.at(datetime(2026, 12, 29, 7, 30, tzinfo=UTC)).drain()
    assert house.mails() == ["Keepwarm is still here"]


# --- what the owner stopped ------------------------------------------------------------------------------------


def test_whoever_stopped_all_kinds_gets_none(quick_house: House) -> None:
    house = quick_house
    house.knows(NOOR, ANN, days_ago=200)
    house.talk(NOW + 2 * DAY)
    with house.store.transaction(house.owner_id) as tx:
        accounts.update_owner(tx, settings={"stopped": sorted(STOPPABLE)})
    for hours in range(0, 24 * 8, 2):
        house.at(NOW + hours * HOUR).drain()
    assert house.mails() == []


def test_a_pause_ends_by_itself(quick_house: House) -> None:
    house = quick_house
    house.knows(NOOR, ANN, days_ago=200)
    with house.store.transaction(house.owner_id) as tx:
        accounts.update_owner(tx, settings={"held_until": "2026-12-01"})
    house.at(datetime(2026, 11, 24, 7, 30, tzinfo=UTC)).drain()
    assert (house.mails(), house.follow_ups()) == ([], [])
    house.at(datetime(2026, 12, 1, 7, 30, tzinfo=UTC)).drain()
    assert house.mails() == ["Your people this week"]
