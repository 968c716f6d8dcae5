"""What came of a talk: kept, read back, names brought in with whoever named them, all taken back at once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from keepwarm.aftertalk import new_names
from keepwarm.errors import NotFound
from keepwarm.store import Store, changes, contacts, finding, held, notes, planning, plans, views
from keepwarm.store.finding import Wish
from keepwarm.store.owed import owed
from tests import make

NOW = make.NOW
DAY = timedelta(days=1)


@pytest.fixture
def mine(store: Store) -> str:
    return make.owner(store)


def test_names_become_contacts_and_entries_with_their_introducer(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        noor = contacts.add_contact(tx, name="Noor", address="noor@windwerk.example", now=NOW)
        known = contacts.add_contact(tx, name="Ann Aas", now=NOW)
        plan = plans.add_plan(tx, NOW, goal="learn_field")
        names = new_names("Guus Gijs, Lantern, guus@gijs.example\nann aas\nNoor\nme <owner@example.org>")
        notes.add_note(
            tx,
            noor,
            NOW,
            said="went well",
            tips="ask Guus",
            names=names,
            promises=[(True, "a book", date(2026, 12, 1))],
        )
        rows = {row.name: row for row in contacts.contacts(tx, states=["active"], now=NOW)}
        guus = rows["Guus Gijs"]
        assert (guus.circle, guus.organisation, guus.addresses) == ("lukewarm", "Lantern", ["guus@gijs.example"])
        assert guus.brought_by_contact == noor
        entries = {each.contact_id: each.introducer_id for each in plans.entries(tx, plan)}
        assert entries == {guus.id: noor, known: noor, rows["me"].id: noor}
        assert rows["me"].addresses == []  # the owner's own address stays theirs
        assert [each.text for each in notes.promises(tx, noor)] == ["a book"]
        changes.undo(tx, NOW)
        assert {row.name for row in contacts.contacts(tx, states=["active"], now=NOW)} == {"Noor", "Ann Aas"}
        assert plans.entries(tx, plan) == []
        assert notes.notes_about(tx, noor) == []
        assert notes.promises(tx, noor) == []


def test_without_a_plan_names_are_contacts_alone(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        noor = contacts.add_contact(tx, name="Noor", now=NOW)
        notes.add_note(tx, noor, NOW, said="", names=new_names("Guus"))
        assert {row.name for row in contacts.contacts(tx, states=["active"], now=NOW)} == {"Noor", "Guus"}
        assert plans.entries(tx, None) == []


def test_the_log_is_searched_in_words_and_names(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        noor, wil = (contacts.add_contact(tx, name=name, now=NOW) for name in ("Noor", "Wil"))
        notes.add_note(tx, noor, NOW, said="about 100% bees", at=NOW - 9 * DAY)
        notes.add_note(tx, wil, NOW, said="the weather", tips="call Lantern", at=NOW - 2 * DAY)
        assert [each.contact_id for each in notes.all_notes(tx)] == [wil, noor]
        for search, found in (("BEES", noor), ("lantern", wil), ("noo", noor), ("100%", noor)):
            assert [each.contact_id for each in notes.all_notes(tx, search)] == [found]
        assert notes.all_notes(tx, "%") == notes.all_notes(tx, "100%")
        assert [each.contact_id for each in notes.all_notes(tx, since=NOW - 3 * DAY)] == [wil]


def test_a_promise_kept_can_be_taken_back(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        noor = contacts.add_contact(tx, name="Noor", now=NOW)
        notes.add_note(tx, noor, NOW, said="", promises=[(True, "a book", None)])
        (promise,) = notes.promises(tx, noor)
        notes.keep_promise(tx, promise.id, NOW)
        assert notes.promises(tx, noor) == []
        changes.undo(tx, NOW)
        assert notes.promises(tx, noor) == [promise]
        with pytest.raises(NotFound):
            notes.keep_promise(tx, "nothing", NOW)


def test_talks_held_ask_until_they_are_noted(store: Store, mine: str) -> None:
    make.imported(store, mine, *make.both_ways("Noor Wind <noor@windwerk.example>"))
    with store.transaction(mine) as tx:
        contacts.detect(tx, NOW)
        contacts.accept(tx, None, now=NOW)
    make.imported(
        store, mine,
        make.event(["noor@windwerk.example"], start=NOW - 3 * DAY, uid="held"),
        make.event(["noor@windwerk.example"], start=NOW - 20 * DAY, uid="long ago"),
        make.event(["noor@windwerk.example"], start=NOW - timedelta(minutes=20), uid="under way"),
        make.event(["noor@windwerk.example"], start=NOW + DAY, uid="ahead"),
        make.event(["stranger@elsewhere.example"], start=NOW - DAY, uid="no talk"),
        path="a.ics",
    )  # fmt: skip
    with store.transaction(mine) as tx:
        at_now = views.world(tx, NOW)
        (found,) = held.held_talks(tx, at_now)
        assert (found.event.uid, found.noted, len(found.contacts)) == ("held", False, 1)
        notes.add_note(tx, found.contacts[0], NOW, said="fine", event_id=found.event.id, at=found.event.start_at)
        assert [each.noted for each in held.held_talks(tx, at_now)] == [True]
        for event in views.events_between(tx, NOW - 30 * DAY, NOW + 5 * DAY):
            if event.uid in {"ahead", "no talk"}:
                with pytest.raises(NotFound):
                    held.held_talk(tx, event.id, NOW)


def test_getting_in_touch_is_contact_and_no_talk(store: Store, mine: str) -> None:
    """The plan goes on and the one is fresh; nothing is owed, logged, asked about or counted as a talk."""
    with store.transaction(mine) as tx:
        noor = contacts.add_contact(tx, name="Noor", circle="warm", now=NOW - 400 * DAY)
        notes.add_note(tx, noor, NOW - 300 * DAY, said="She knows the planner")
        plan = plans.add_plan(tx, NOW - DAY, goal="learn_field")
        plans.add_entry(tx, plan, NOW - DAY, contact_id=noor)
        assert views.fresh(views.world(tx, NOW), contacts.contact(tx, noor, NOW)).state == "asleep"
        notes.in_touch(tx, noor, NOW)
        at_now = views.world(tx, NOW)
        fresh = views.fresh(at_now, contacts.contact(tx, noor, NOW))
        (entry,) = planning.planned(tx, at_now, plans.plans(tx)[0])
        log = [each.said for each in notes.all_notes(tx)]
        situation = views.situation(tx, noor, NOW)
    assert (fresh.state, fresh.last_at) == ("fresh", NOW)
    assert (entry.standing.state, entry.standing.step) == ("approached", "wait")
    assert log == ["She knows the planner"]
    assert situation.last
    assert situation.last.text == "She knows the planner"  # what was said last is not lost behind it


def test_who_was_only_got_in_touch_with_counts_as_never_talked_to(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        noor = contacts.add_contact(tx, name="Noor", now=NOW)
        for untalked, tell in ((True, notes.in_touch), (False, notes.add_note)):
            tell(tx, noor, NOW, said="by telephone")
            found = finding.find(tx, Wish(untalked=True), NOW, limit=5).ids
            assert found == ([noor] if untalked else [])


def test_getting_in_touch_after_a_talk_is_the_word_of_thanks(store: Store, mine: str) -> None:
    make.imported(store, mine, *make.both_ways("Noor Wind <noor@windwerk.example>"), now=NOW - 10 * DAY)
    with store.transaction(mine) as tx:
        contacts.detect(tx, NOW - 10 * DAY)
        contacts.accept(tx, None, now=NOW - 10 * DAY)
    meeting = make.event(["noor@windwerk.example"], start=NOW - 3 * DAY, uid="held")
    make.imported(store, mine, meeting, path="a.ics", now=NOW - 9 * DAY)
    with store.transaction(mine) as tx:
        (due,) = owed(tx, views.world(tx, NOW))
        assert due.kind == "thanks"
        notes.in_touch(tx, due.contact_id, NOW)
        assert owed(tx, views.world(tx, NOW)) == []
        assert [each.noted for each in held.held_talks(tx, views.world(tx, NOW))] == [False]
