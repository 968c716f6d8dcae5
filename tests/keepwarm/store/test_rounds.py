"""A round of news: everybody who helped, once, a few a week; sent ones are recognised; the end lets plans rest."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keepwarm.errors import NotFound, NotPossible
from keepwarm.store import Store, Tx, accounts, changes, contacts, introductions, notes, plans, rounds, views, writing
from tests import make

NOW = make.NOW
DAY = timedelta(days=1)
NAMES = ("Ann", "Bea", "Cas", "Dan", "Eva", "Fay", "Gus")


@pytest.fixture
def mine(store: Store) -> str:
    return make.owner(store)


def person(tx: Tx, name: str) -> str:
    return contacts.add_contact(tx, name=name, address=f"{name.lower()}@windwerk.example", now=NOW - 90 * DAY)


def seven(tx: Tx) -> dict[str, str]:
    """Seven who helped: two gave tips, the others talked."""
    ids = {name: person(tx, name) for name in NAMES}
    for name, contact_id in ids.items():
        notes.add_note(tx, contact_id, NOW - 50 * DAY, said="a talk", tips="a tip" if name in {"Dan", "Gus"} else "")
    return ids


def names(found: tuple[rounds.Told, ...]) -> list[str]:
    return [each.contact.name for each in found]


def running(tx: Tx, at: object = NOW) -> rounds.Round:
    found = rounds.current(tx, views.world(tx, at))  # type: ignore[arg-type]
    assert found is not None
    return found


def test_as_many_a_week_as_the_pace_allows_and_nobody_twice(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        seven(tx)
        rounds.begin(tx, NOW, "progress", {"en": "A first talk led to two more."})
        found = running(tx)
        assert names(found.turn) == ["Dan", "Gus", "Ann", "Bea", "Cas"]  # the greater help first
        assert names(found.waiting) == ["Eva", "Fay"]
    mails = [make.message(make.OWNER, f"{name}@windwerk.example", at=NOW + DAY) for name in ("dan", "ann")]
    make.imported(store, mine, *mails)
    with store.transaction(mine) as tx:
        found = running(tx, NOW + 2 * DAY)
        assert names(found.told) == ["Dan", "Ann"]
        assert names(found.turn) == ["Gus", "Bea", "Cas"]  # five a week, two were told
        found = running(tx, NOW + 9 * DAY)
        assert names(found.turn) == ["Gus", "Bea", "Cas", "Eva", "Fay"]
        accounts.update_owner(tx, settings={"weekly_people": 1})
        assert names(running(tx, NOW + 9 * DAY).turn) == ["Gus"]


def test_each_text_names_the_help_in_their_language(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        ids = seven(tx)
        guus = person(tx, "Guus")
        made = introductions.ask(tx, NOW - 30 * DAY, via_id=ids["Eva"], contact_id=guus)
        introductions.say(tx, made, NOW - 20 * DAY, "introduced")
        contacts.edit(tx, ids["Dan"], NOW, lang="nl", register="u")
        rounds.begin(tx, NOW, "progress", {"en": "I found a course.", "nl": "Ik vond een cursus."})
        found = running(tx)
        assert names(found.turn)[0] == "Eva"
        at_now = views.world(tx, NOW)
        about = {"kind": found.kind, "news": found.news}
        bodies = {
            each.contact.name: writing.message(tx, at_now, each.contact, help=each.help, **about).body
            for each in found.turn
        }
    assert "You introduced me to Guus" in bodies["Eva"]
    assert "I found a course." in bodies["Eva"]
    assert "Uw advies van 4 oktober is mij bijgebleven." in bodies["Dan"]
    assert "Ik vond een cursus." in bodies["Dan"]
    assert "of 4 October stayed with me." in bodies["Ann"]


def test_a_closing_round_lets_plans_rest_and_is_taken_back_whole(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        seven(tx)
        plans.add_plan(tx, NOW, goal="learn_field")
        plans.edit_plan(tx, plans.add_plan(tx, NOW, goal="present_self"), NOW, resting=True)
        rounds.begin(tx, NOW, "closing", {"en": "I start in January."})
        assert [each.resting for each in plans.plans(tx)] == [True, True]
        assert running(tx).kind == "closing"
        changes.undo(tx, NOW)
        assert [each.resting for each in plans.plans(tx)] == [False, True]
        assert rounds.current(tx, views.world(tx, NOW)) is None


def test_private_people_and_those_left_out_are_not_told(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        ids = seven(tx)
        contacts.edit(tx, ids["Dan"], NOW, private=True)
        rounds.begin(tx, NOW, "progress", {"en": "News."})
        rounds.leave_out(tx, NOW, ids["Gus"])
        assert names(running(tx).turn) == ["Ann", "Bea", "Cas", "Eva", "Fay"]
        changes.undo(tx, NOW)
        assert names(running(tx).turn)[0] == "Gus"


def test_help_after_it_began_waits_for_the_next(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        noor = person(tx, "Noor")
        rounds.begin(tx, NOW - 5 * DAY, "progress", {"en": "News."})
        notes.add_note(tx, noor, NOW - DAY, said="a talk")
        assert running(tx).turn == ()


def test_what_is_refused(store: Store, mine: str) -> None:
    with store.transaction(mine) as tx:
        for refused in (lambda: rounds.end(tx, NOW), lambda: rounds.leave_out(tx, NOW, "x")):
            with pytest.raises(NotFound):
                refused()
        with pytest.raises(NotPossible, match="what changed"):
            rounds.begin(tx, NOW, "progress", {"en": "  "})
        rounds.begin(tx, NOW, "progress", {"en": "News."})
        with pytest.raises(NotPossible, match="already"):
            rounds.begin(tx, NOW, "closing", {"en": "More."})
        rounds.end(tx, NOW)
        assert rounds.current(tx, views.world(tx, NOW)) is None
        rounds.begin(tx, NOW, "progress", {"en": "Again."})
