"""Goals, plans and their entries: kept, in order, moved on by what happened, and taken back in full."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from keepwarm.errors import NotFound, NotPossible
from keepwarm.store import Store, Tx, changes, contacts, notes, planning, plans, profiles, views
from tests import make

NOW = make.NOW
DAY = timedelta(days=1)


@pytest.fixture
def mine(store: Store) -> str:
    return make.owner(store)


def person(tx: Tx, name: str, address: str = "", **fields: object) -> str:
    return contacts.add_contact(tx, name=name, address=address, now=NOW - 300 * DAY, **fields)  # type: ignore[arg-type]


def shown(tx: Tx, now: datetime = NOW, at: int = 0) -> list[tuple[str, str, str]]:
    every = plans.plans(tx)
    found = planning.planned(tx, views.world(tx, now), every[at] if every else None)
    return [
        (each.contact.name if each.contact else each.entry.role, each.standing.state, each.standing.step)
        for each in found
    ]


def test_a_plan_holds_people_and_roles_in_their_order(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        cold, warm = person(tx, "Cold Cas", circle="cold"), person(tx, "Warm Wil", circle="warm")
        plan = plans.add_plan(tx, NOW, goal="learn_field", words="work with museums")
        plans.add_entry(tx, plan, NOW, role="curator", organisation="Lantern")
        plans.add_entry(
            tx, plan, NOW, contact_id=cold, introducer_id=warm, find_out="who plans", reading="https://x.example"
        )
        plans.add_entry(tx, plan, NOW, contact_id=warm)
        assert [name for name, *_ in shown(tx)] == ["Warm Wil", "Cold Cas", "curator"]
        rows = planning.planned(tx, views.world(tx, NOW), plans.plan(tx, plan))
        assert rows[1].why == "Better through Warm Wil than straight away."
        assert rows[1].via is not None
        assert (rows[1].entry.find_out, rows[1].entry.reading) == ("who plans", "https://x.example")
        assert plans.main_goal(tx) == "learn_field"
        assert contacts.contact(tx, cold, NOW).goal == "learn_field"


def test_what_happens_moves_an_entry_on_and_the_owners_word_wins(store: Store, mine: str) -> None:
    began = NOW - 20 * DAY

    def stands(at: datetime = NOW) -> list[tuple[str, str, str]]:
        with store.reading(mine) as tx:
            return shown(tx, at)

    with store.transaction(mine) as tx:
        noor = person(tx, "Noor", "noor@example.net", circle="warm")
        entry = plans.add_entry(tx, plans.add_plan(tx, began, goal="present_self"), began, contact_id=noor)
    make.imported(store, mine, make.message(make.OWNER, "noor@example.net", at=NOW - 9 * DAY))
    assert stands() == [("Noor", "approached", "second_word")]
    assert stands(NOW - 8 * DAY) == [("Noor", "approached", "wait")]
    make.imported(store, mine, make.message("noor@example.net", make.OWNER, at=NOW - DAY))
    assert stands() == [("Noor", "approached", "answer")]
    make.imported(store, mine, make.event(["noor@example.net"]))
    assert stands() == [("Noor", "talk_planned", "prepare")]
    with store.transaction(mine) as tx:
        plans.say_state(tx, entry, NOW, "declined")
    assert stands() == [("Noor", "declined", "none")]
    with store.transaction(mine) as tx:
        changes.undo(tx, NOW)
    assert stands() == [("Noor", "talk_planned", "prepare")]
    with store.transaction(mine) as tx:
        notes.add_note(tx, noor, NOW + 4 * DAY, said="she knows the planner")
    assert stands(NOW + 5 * DAY) == [("Noor", "talked", "thank")]


def test_several_plans_side_by_side_and_one_that_rests(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        noor = person(tx, "Noor")
        first = plans.add_plan(tx, NOW, goal="learn_field")
        second = plans.add_plan(tx, NOW, goal="learn_vacancy")
        plans.add_entry(tx, first, NOW, contact_id=noor)
        plans.add_entry(tx, second, NOW, contact_id=noor)
        assert contacts.contact(tx, noor, NOW).goal == "learn_field"
        plans.edit_plan(tx, first, NOW, resting=True)
        assert contacts.contact(tx, noor, NOW).goal == "learn_vacancy"
        assert plans.main_goal(tx) == "learn_vacancy"
        entry = plans.plan_entry(tx, noor)
        assert entry is not None
        assert (entry.plan_id, entry.goal) == (second, "learn_vacancy")
        plans.edit_plan(tx, second, NOW, resting=True)
        assert contacts.contact(tx, noor, NOW).goal is None
        assert (plans.main_goal(tx), plans.plan_entry(tx, noor)) == ("", None)


def test_what_was_planned_before_any_goal_belongs_to_the_first(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        noor = person(tx, "Noor")
        plans.set_goal(tx, noor, NOW, goal="learn_field", sector="museums")
        assert [each.contact_id for each in plans.entries(tx, None)] == [noor]
        plan = plans.add_plan(tx, NOW, goal="present_self")
        assert [each.goal for each in plans.entries(tx, plan)] == ["learn_field"]
        changes.undo(tx, NOW)
        assert plans.plans(tx) == []
        assert [each.contact_id for each in plans.entries(tx, None)] == [noor]


def test_every_change_is_taken_back(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        noor, wil = person(tx, "Noor"), person(tx, "Wil")
        plan = plans.add_plan(tx, NOW, goal="learn_field")
        one, two = (plans.add_entry(tx, plan, NOW, contact_id=each) for each in (noor, wil))
        steps = [
            lambda: plans.edit_plan(tx, plan, NOW, goal="present_self", words="be seen"),
            lambda: plans.edit_entry(tx, one, NOW, channel="telephone", find_out="hours", introducer_id=wil),
            lambda: plans.say_state(tx, one, NOW, "not_now", (NOW + 30 * DAY).date()),
            lambda: plans.set_order(tx, [two, one], NOW),
            lambda: plans.remove_entry(tx, two, NOW),
            lambda: plans.remove_plan(tx, plan, NOW),
        ]
        before = []
        for step in steps:
            before.append(_state(tx, plan))
            step()
            assert _state(tx, plan) != before[-1]
        for held in reversed(before):
            changes.undo(tx, NOW)
            assert _state(tx, plan) == held


def _state(tx: Tx, plan: str) -> tuple[object, ...]:
    return tuple(plans.plans(tx)), tuple(plans.entries(tx, plan))


def test_the_proposed_order_comes_back(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        plan = plans.add_plan(tx, NOW, goal="learn_field")
        ids = [
            plans.add_entry(tx, plan, NOW, contact_id=person(tx, name, circle="warm")) for name in ("Ann", "Bea", "Cas")
        ]
        plans.set_order(tx, list(reversed(ids)), NOW)
        assert [name for name, *_ in shown(tx)] == ["Cas", "Bea", "Ann"]
        plans.forget_order(tx, plan, NOW)
        assert sorted(name for name, *_ in shown(tx)) == ["Ann", "Bea", "Cas"]
        assert {each.position for each in plans.entries(tx, plan)} == {0}


def test_proposals_leave_out_who_is_in_passed_over_private_or_paused(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        plan = plans.add_plan(tx, NOW, goal="learn_field")
        ids = {name: person(tx, name, organisation="Lantern") for name in ("Ann", "Bea", "Cas", "Dan", "Eva")}
        profiles.add_target(tx, NOW, name="Lantern")
        plans.add_entry(tx, plan, NOW, contact_id=ids["Ann"])
        plans.pass_over(tx, plan, ids["Bea"], NOW)
        contacts.edit(tx, ids["Cas"], NOW, private=True)
        contacts.edit(tx, ids["Dan"], NOW, paused_until=(NOW + 9 * DAY).date())
        at_now = views.world(tx, NOW)
        assert [each.name for each in planning.proposed(tx, at_now)] == ["Eva"]
        plans.add_entry(tx, plan, NOW, contact_id=ids["Bea"])  # wanted after all
        assert {name for name, *_ in shown(tx)} == {"Ann", "Bea"}


def test_what_contacts_can_help_with_is_the_owners_word(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        noor = person(tx, "Noor")
        contacts.edit(tx, noor, NOW, can_help=["names"], interesting=True, organisation_kind="school")
        row = contacts.contact(tx, noor, NOW)
        assert (row.can_help, row.interesting, row.organisation_kind) == (["names"], True, "school")
        changes.undo(tx, NOW)
        row = contacts.contact(tx, noor, NOW)
        assert (row.can_help, row.interesting, row.organisation_kind) == ([], False, "")


def test_what_is_refused(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        noor = person(tx, "Noor")
        plan = plans.add_plan(tx, NOW, goal="learn_field")
        plans.add_entry(tx, plan, NOW, contact_id=noor)
        with pytest.raises(NotPossible, match="already"):
            plans.add_entry(tx, plan, NOW, contact_id=noor)
        with pytest.raises(NotPossible, match="needs a person"):
            plans.add_entry(tx, plan, NOW)
        for refused in (
            lambda: plans.add_entry(tx, plan, NOW, contact_id="nobody"),
            lambda: plans.add_entry(tx, "nothing", NOW, role="planner"),
            lambda: plans.add_entry(tx, plan, NOW, role="planner", introducer_id="nobody"),
            lambda: plans.entry(tx, "nothing"),
            lambda: plans.say_state(tx, "nothing", NOW, "talked"),
            lambda: plans.edit_plan(tx, "nothing", NOW, resting=True),
        ):
            with pytest.raises(NotFound):
                refused()
        for _ in range(plans.PLANS - 1):
            plans.add_plan(tx, NOW, goal="learn_field")
        with pytest.raises(NotPossible, match="ten goals"):
            plans.add_plan(tx, NOW, goal="learn_field")


def test_one_owner_sees_nothing_of_another(store: Store, mine: str) -> None:
    kim = make.owner(store, "kim@example.net")
    with store.transaction(mine) as tx:
        plan = plans.add_plan(tx, NOW, goal="learn_field")
        entry = plans.add_entry(tx, plan, NOW, role="planner")
    with store.transaction(kim) as tx:
        assert plans.plans(tx) == []
        for refused in (lambda: plans.entry(tx, entry), lambda: plans.remove_plan(tx, plan, NOW)):
            with pytest.raises(NotFound):
                refused()


def test_somebody_erased_leaves_nothing_in_a_plan(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        noor, wil = person(tx, "Noor"), person(tx, "Wil")
        plan = plans.add_plan(tx, NOW, goal="learn_field")
        gone = plans.add_entry(tx, plan, NOW, contact_id=noor)
        plans.say_state(tx, gone, NOW, "talked")
        plans.remove_entry(tx, gone, NOW)
        plans.add_entry(tx, plan, NOW, contact_id=wil, introducer_id=noor)
        contacts.erase(tx, noor, NOW)
        (left,) = plans.entries(tx, plan)
        assert left.introducer_id is None
        assert not [each for each in changes.changes(tx) if "Noor" in each.label]


def test_two_joined_keep_their_plan(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        noor, other, wil = person(tx, "Noor"), person(tx, "N. Willemse"), person(tx, "Wil")
        plan = plans.add_plan(tx, NOW, goal="learn_field")
        plans.add_entry(tx, plan, NOW, contact_id=other)
        plans.add_entry(tx, plan, NOW, contact_id=wil, introducer_id=other)
        contacts.edit(tx, other, NOW, can_help=["names"], interesting=True)
        contacts.join(tx, noor, other, NOW)
        assert {each.contact_id: each.introducer_id for each in plans.entries(tx, plan)} == {noor: None, wil: noor}
        row = contacts.contact(tx, noor, NOW)
        assert (row.can_help, row.interesting) == (["names"], True)
