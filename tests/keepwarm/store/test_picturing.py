"""What pictures are drawn from says the same as the pages about each person, for any network; on both databases."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest

from keepwarm.pictures import last_months, look_of, ring_of
from keepwarm.store import Store, contacts, histories, notes, picturing, plans, views
from keepwarm.store.picturing import Facts, Wish
from keepwarm.types import Reply
from tests import make

NOW = make.NOW
DAY = timedelta(days=1)
ZONE = "Europe/Amsterdam"
PLACES = ("Harbour Museum", "harbour museum b.v.", "Zoo", "")
ORIGINS = ([], ["friends"], ["colleagues", "mail"], ["chance"])


@pytest.fixture
def mine(store: Store) -> str:
    """Thirty people of all kinds: mails and meetings small and large, brought in, close, in a plan, with notes."""
    owner, chance = make.owner(store), random.Random(4)
    people = [f"P{n} Example <p{n}@example.com>" for n in range(30)]
    make.imported(store, owner, *[each for who in people for each in happenings(who, people, chance)])
    with store.transaction(owner) as tx:
        contacts.detect(tx, NOW)
        rows = contacts.contacts(tx, states=["proposed"], now=NOW)
        contacts.accept(tx, [row.id for row in rows], now=NOW - 300 * DAY)
        for number, row in enumerate(sorted(rows, key=lambda row: row.name)):
            said = {"organisation": PLACES[number % 4], "origins": ORIGINS[number % 4], "close": number % 11 == 0}
            said |= {"circle": chance.choice(["warm", "lukewarm", "cold"])} if number % 3 == 0 else {}
            said |= {"rhythm_days": chance.choice([0, 5, 400])} if number % 7 == 0 else {}
            contacts.edit(tx, row.id, NOW, **said)
        for row in rows[:4]:
            notes.add_note(tx, row.id, NOW, at=NOW - 3 * DAY, said="By telephone.")
        goal = plans.add_plan(tx, NOW, goal="learn_field")
        for row in rows[4:9]:
            plans.add_entry(tx, goal, NOW, contact_id=row.id)
        contacts.add_contact(tx, name="Never in touch", origins=["family"], now=NOW - 200 * DAY)
    return owner


def happenings(who: str, people: list[str], chance: random.Random) -> list[object]:
    """What happened with somebody in the last two years: anything from a mail to many, and meetings of any size."""
    days = [chance.randrange(1, 700) for _ in range(12)]
    found: list[object] = [*make.both_ways(who, at=NOW - days[0] * DAY)]
    found += [make.message(make.OWNER, who, at=NOW - day * DAY) for day in days[: chance.randrange(5)]]
    found += [make.message(who, make.OWNER, at=NOW - day * DAY, cc=chance.sample(people, 2)) for day in days[5:7]]
    for day in days[: chance.randrange(4)]:
        guests = [who, *chance.sample([each for each in people if each != who], chance.choice([0, 0, 5]))]
        found.append(make.event(guests, start=NOW - day * DAY, uid=f"{who}{day}"))
    return found


def facts(store: Store, owner: str, **wish: object) -> Facts:
    with store.reading(owner) as tx:
        return picturing.facts(tx, NOW, Wish(**wish))  # type: ignore[arg-type]  # each field by name


def test_each_person_is_drawn_as_their_page_says(store: Store, mine: str) -> None:
    found = facts(store, mine)
    with store.reading(mine) as tx:
        at_now = views.world(tx, NOW)
    assert {each.id for each in found.people} == at_now.people.keys()
    for each in found.people:
        row = at_now.people[each.id]
        value = views.fresh(at_now, row)
        assert each.ring == ring_of(row.circle, close=row.close), row.name
        assert (each.state, each.last_at) == (value.state, value.last_at), row.name
        assert (each.name, each.organisation, each.origins) == (row.name, row.organisation, frozenset(row.origins))
        assert each.strength == min(row.sent, row.received) + row.meetings
        brought_by = row.brought_by_contact if row.brought_by_contact != row.id else None
        assert each.brought_by == (brought_by or "")
    assert {row.circle for row in at_now.people.values()} == {"warm", "lukewarm", "cold"}
    assert {look_of(each.state) for each in found.people} == {"fresh", "due", "asleep", "new"}
    assert any(each.brought_by for each in found.people)


def test_wishes_choose_and_the_counts_say_from_how_many(store: Store, mine: str) -> None:
    everybody = facts(store, mine)
    assert everybody.total == everybody.everybody == len(everybody.people) == 31
    counts = Counter(each.ring for each in everybody.people)
    assert len(counts) == 4
    for ring, count in counts.items():
        found = facts(store, mine, ring=ring)
        assert ({each.ring for each in found.people}, found.total) == ({ring}, count)
        assert found.everybody == 31
    museum = facts(store, mine, organisation="HARBOUR MUSEUM")
    assert {each.organisation for each in museum.people} == {"Harbour Museum", "harbour museum b.v."}
    friends = facts(store, mine, origin="friends")
    assert {"friends" in each.origins for each in friends.people} == {True}
    assert dict(everybody.origins)["friends"] == friends.total
    both = facts(store, mine, origin="friends", organisation="zoo", ring="warm")
    assert {each.id for each in both.people} == {
        each.id
        for each in everybody.people
        if (each.ring, each.organisation) == ("warm", "Zoo") and "friends" in each.origins
    }
    due = facts(store, mine, due=True)
    assert {each.id for each in due.people} == {
        each.id for each in everybody.people if each.state in {"due", "late", "asleep"}
    }
    assert 0 < due.total < 31
    assert not facts(store, mine, organisation="Nowhere").people


def test_close_people_come_first_and_the_rest_can_be_turned_to(store: Store, mine: str) -> None:
    whole = list(facts(store, mine).people)
    with store.reading(mine) as tx:
        parts = [picturing.facts(tx, NOW, Wish(start=start), most=10) for start in (0, 10, 20, 30, 40)]
        by_rule = picturing.facts(tx, NOW, Wish(ring="close"))
    assert list(by_rule.people) == [each for each in whole if each.ring == "close"]
    assert [each for part in parts for each in part.people] == whole  # whoever brought them in may be on another
    assert {part.total for part in parts} == {31}
    strengths = [each.strength for each in facts(store, mine).people if each.ring != "close"]
    assert strengths == sorted(strengths, reverse=True)
    rings = [each.ring == "close" for each in facts(store, mine).people]
    assert rings == sorted(rings, reverse=True)
    assert sum(rings) == 3


def test_private_and_foreign_people_are_in_no_picture(store: Store, mine: str) -> None:
    other = make.owner(store, "other@example.org")
    assert facts(store, other).everybody == 0
    with store.transaction(mine) as tx:
        first, second, third = [each.id for each in facts(store, mine).people][:3]
        contacts.edit(tx, first, NOW, private=True)
        contacts.ignore(tx, [second], NOW)
        contacts.never(tx, [third], NOW)
    found = facts(store, mine)
    assert found.everybody == 28
    assert not {first, second, third} & {each.id for each in found.people}


def test_a_circle_that_small_meetings_or_an_introducer_decide_is_found(store: Store) -> None:
    """Also where the introducer is not among those shown."""
    owner = make.owner(store)
    wil, cas = "Wil Wind <wil@windwerk.example>", "Cas Kok <cas@kokerij.example>"
    guus, ans = "Guus Gijs <guus@gijs.example>", "Ans Aal <ans@aal.example>"
    crowd = [f"x{n}@far.example" for n in range(5)]
    mails = [each for day in (9, 19, 29) for each in make.both_ways(wil, at=NOW - day * DAY)]
    mails += [*make.both_ways(guus), *make.both_ways(ans), make.message(wil, make.OWNER, cc=[cas], at=NOW - 8 * DAY)]
    mails += [make.message(make.OWNER, cas, at=NOW - 7 * DAY)]
    meetings = [make.event([guus], start=NOW - day * DAY, uid=f"g{day}") for day in (11, 12)]
    meetings += [make.event([ans, *crowd], start=NOW - day * DAY, uid=f"a{day}") for day in (11, 12)]
    make.imported(store, owner, *mails, *meetings, make.card("Cas Kok", "cas@kokerij.example"))
    with store.transaction(owner) as tx:
        contacts.detect(tx, NOW)
        rows = contacts.contacts(tx, states=["proposed"], now=NOW)
        contacts.accept(tx, [row.id for row in rows if not row.name.startswith("x")], now=NOW)
        told = {row.name: row.circle for row in contacts.contacts(tx, states=["active"], now=NOW)}
        found = [picturing.facts(tx, NOW, Wish(start=start), most=1).people for start in range(len(told))]
        ring = {each.name: each.ring for part in found for each in part}
    wanted = {"Wil Wind": "warm", "Guus Gijs": "warm", "Ans Aal": "lukewarm", "Cas Kok": "lukewarm"}
    assert {name: told[name] for name in wanted} == wanted
    assert ring == told


# --- over time ------------------------------------------------------------------------------------------------------


@pytest.fixture
def wil(store: Store) -> tuple[str, str]:
    """One warm person with whom there were mails 400, 150 and 20 days ago."""
    owner, who = make.owner(store), "Wil Wind <wil@windwerk.example>"
    make.imported(store, owner, *[each for day in (400, 150, 20) for each in make.both_ways(who, at=NOW - day * DAY)])
    with store.transaction(owner) as tx:
        contacts.detect(tx, NOW)
        contacts.accept(tx, None, circle="warm", now=NOW)
        (row,) = contacts.contacts(tx, states=["active"], now=NOW)
    return owner, row.id


def warm_row(store: Store, owner: str, days: list[int]) -> list[tuple[int, int]]:
    with store.reading(owner) as tx:
        rows = histories.warmth(tx, NOW, [NOW - day * DAY for day in days])
    return [(each.fresh, each.known) for row in rows if row.ring == "warm" for each in row.cells]


def test_warmth_follows_the_touches_through_time(store: Store, wil: tuple[str, str]) -> None:
    owner, contact_id = wil
    assert warm_row(store, owner, [401, 390, 300, 140, 40, 0]) == [(0, 0), (1, 1), (0, 1), (1, 1), (0, 1), (1, 1)]
    assert warm_row(store, owner, [300, 40]) == [(0, 1), (0, 1)]
    with store.transaction(owner) as tx:
        notes.add_note(tx, contact_id, NOW, at=NOW - 50 * DAY, said="By telephone.")
    assert warm_row(store, owner, [300, 40]) == [(0, 1), (1, 1)]
    with store.transaction(owner) as tx:
        contacts.release(tx, contact_id, NOW)
    assert warm_row(store, owner, [300, 40]) == [(0, 0), (0, 0)]


def test_the_last_column_says_what_the_map_says(store: Store, mine: str) -> None:
    with store.reading(mine) as tx:
        rows = histories.warmth(tx, NOW, [NOW])
    shown = [each for each in facts(store, mine).people if each.last_at and each.state != "none"]
    for row in rows:
        there = [each for each in shown if each.ring == row.ring]
        assert row.cells[0].known == len(there)
        assert row.cells[0].fresh == sum(each.state == "fresh" for each in there)


def test_talks_are_meetings_both_came_to_and_those_noted(store: Store, wil: tuple[str, str]) -> None:
    owner, contact_id = wil
    who, other = "wil@windwerk.example", "cas@kokerij.example"
    make.imported(
        store, owner,
        make.event([who], start=NOW - 5 * DAY, uid="a"),
        make.event([who], start=NOW - 40 * DAY, uid="b"),
        make.event([who], start=NOW - 41 * DAY, uid="each week", recurring=True),
        make.event([(who, Reply.DECLINED)], start=NOW - 42 * DAY, uid="no"),
        make.event([who], start=NOW + 2 * DAY, uid="ahead"),
        make.event([who], start=NOW - 500 * DAY, uid="long ago"),
        make.event([other], start=NOW - 6 * DAY, uid="not in the network"),
        path="b.ics",
    )  # fmt: skip
    spans = last_months(NOW, ZONE)

    def talks() -> list[int]:
        with store.reading(owner) as tx:
            return histories.talks_by_span(tx, spans)

    assert talks() == [0] * 10 + [2, 1]
    with store.transaction(owner) as tx:
        notes.add_note(tx, contact_id, NOW, at=NOW - 40 * DAY, said="On the train.")
    assert talks() == [0] * 10 + [3, 1]


def test_a_team_meeting_is_no_talk_and_one_with_two_is_one(store: Store, wil: tuple[str, str]) -> None:
    owner, _ = wil
    guests = ["wil@windwerk.example", "cas@kokerij.example"]
    make.imported(store, owner, *make.both_ways("Cas Kok <cas@kokerij.example>"), path="c.mbox")
    with store.transaction(owner) as tx:
        contacts.detect(tx, NOW)
        contacts.accept(tx, None, now=NOW)
    make.imported(
        store, owner,
        make.event(guests, start=NOW - 5 * DAY, uid="once"),
        make.event(guests, start=NOW - 6 * DAY, uid="team", recurring=True),
        path="d.ics",
    )  # fmt: skip
    with store.reading(owner) as tx:
        assert histories.talks_by_span(tx, last_months(NOW, ZONE))[-1] == 1


def test_a_name_is_new_at_the_first_touch_or_when_added(store: Store, wil: tuple[str, str]) -> None:
    owner, _ = wil
    make.imported(store, owner, *make.both_ways("Cas Kok <cas@kokerij.example>", at=NOW - 60 * DAY), path="e.mbox")
    with store.transaction(owner) as tx:
        contacts.detect(tx, NOW)
        contacts.accept(tx, None, now=NOW)
        contacts.add_contact(tx, name="Met at a party", now=NOW - 10 * DAY)
    with store.reading(owner) as tx:
        found = histories.new_names_by_span(tx, last_months(NOW, ZONE))
    assert found == [0] * 9 + [1, 0, 1]  # Wil was there before; Cas in September, the party in November
