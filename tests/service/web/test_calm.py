"""Which mails come, a pause, one word about somebody, own questions: by hand on the pages, all to be taken back."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from keepwarm.mails import STOPPABLE
from keepwarm.store import accounts, changes, contacts, notes, own_lists, talks
from keepwarm.types import ContactCard
from tests.service.web.conftest import Browser
from tests.service.web.world import OWNER, World, event, keep
from workers.runtime import Runtime


def owner_of(runtime: Runtime, here: World) -> accounts.Owner:
    with runtime.store.reading(here.owner_id) as tx:
        return accounts.owner(tx)


def test_kinds_of_mail_are_chosen_by_ticking(owner: Browser, runtime: Runtime, here: World) -> None:
    page = owner.get("/settings").text
    assert page.count('name="mail"') == len(STOPPABLE)
    owner.post("/settings", {"name": "Sam", "mails": "yes", "mail": [each for each in STOPPABLE if each != "well"]})
    assert owner_of(runtime, here).stopped == {"well"}
    owner.post("/settings", {"name": "Sam"})  # a form without these boxes changes none of them
    assert owner_of(runtime, here).stopped == {"well"}
    owner.post("/settings", {"name": "Sam", "mails": "yes", "mail": list(STOPPABLE)})
    assert owner_of(runtime, here).stopped == frozenset()


def test_a_pause_ends_on_its_day_or_by_hand(owner: Browser, runtime: Runtime, here: World, now: datetime) -> None:
    owner.post("/settings/held", {"held": "yes", "until": "2027-01-04"})
    assert owner_of(runtime, here).held_until == date(2027, 1, 4)
    assert owner_of(runtime, here).is_held(now)
    assert "Everything is held until 4 January 2027" in owner.get("/").text
    owner.post("/settings/held", {"held": "no"})
    assert not owner_of(runtime, here).is_held(now)
    assert "still ahead" in owner.post("/settings/held", {"held": "yes", "until": "2020-01-01"}).text
    assert not owner_of(runtime, here).is_held(now)


@pytest.mark.parametrize("do", ["done", "later", "let_go", "died"])
def test_one_word_about_somebody_can_be_taken_back(do: str, owner: Browser, runtime: Runtime, here: World) -> None:
    who = here.ids["Tomas Lind"]

    def stands() -> tuple[object, ...]:
        with runtime.store.reading(here.owner_id) as tx:
            return (contacts.contact(tx, who, runtime.now()), notes.notes_about(tx, who))

    before = stands()
    owner.post(f"/contacts/{who}/answer", {"do": do, "until": "month"})
    assert stands() != before
    assert "Tomas Lind" in owner.get(f"/contacts/{who}").text
    with runtime.store.transaction(here.owner_id) as tx:
        changes.undo(tx, runtime.now())
    assert stands() == before


def test_somebody_laid_to_rest_is_never_suggested_again(owner: Browser, runtime: Runtime, here: World) -> None:
    who = here.ids["Tomas Lind"]
    owner.post(f"/contacts/{who}/answer", {"do": "died"})
    page = owner.get(f"/contacts/{who}").text
    assert "died" in page
    for path in ("/", "/contacts", "/judge", "/plan", "/coming"):
        assert "Tomas Lind" not in owner.get(path).text.partition("<main")[2].partition('role="status"')[0], path
    assert owner.post(f"/contacts/{who}/answer", {"do": "erase"}).status_code == 400


def test_a_new_role_is_shown_and_taken_over(owner: Browser, runtime: Runtime, here: World, now: datetime) -> None:
    """Nothing changes by itself: the later card is news, and a reason to write."""

    def card(role: str, organisation: str) -> ContactCard:
        return ContactCard(ref="t1", source="vcf", name="Tomas Lind", addresses=("tomas.lind@example.com",),
                           organisation=organisation, role=role, birthday="1980-11-26")  # fmt: skip

    keep(runtime.store, here.owner_id, now, [card("Clerk", "Mill")], path="old.vcf")
    assert "Before" not in owner.get("/").text
    keep(runtime.store, here.owner_id, now, [card("Manager", "Bakery")], path="new.vcf")
    home = owner.get("/").text
    assert "Now: Manager, Bakery. Before: Clerk, Mill." in home
    assert "Birthday on Thursday 26 November" in home
    who = here.ids["Tomas Lind"]
    owner.post(f"/contacts/{who}/work")
    with runtime.store.reading(here.owner_id) as tx:
        found = contacts.contact(tx, who, now)
    assert (found.organisation, found.role) == ("Bakery", "Manager")
    assert "Before" not in owner.get("/").text
    assert owner.post(f"/contacts/{who}/work").status_code == 404


def test_a_list_is_made_ones_own(owner: Browser, runtime: Runtime, here: World) -> None:
    path = "/questions/keep_up"
    owner.post(path, {"do": "add", "text": "How is the garden?"})
    owner.post(path, {"do": "hide", "question": "thanks"})
    owner.post(path, {"do": "word", "question": "their_news", "text": "What's up, {name}?"})
    page = owner.get(path).text
    assert "How is the garden?" in page
    assert "Ask it again" in page
    assert "What&#39;s up, {name}?" in page
    assert "How is the garden?" in owner.get(f"/contacts/{here.ids['Tomas Lind']}").text
    assert "1 of your own" in owner.get("/questions").text
    owner.post(path, {"do": "prepared"})
    with runtime.store.reading(here.owner_id) as tx:
        assert not own_lists.own_lists(tx)["en"]["keep_up"]


def test_a_long_question_is_seen_whole_and_a_line_break_in_it_is_a_space(owner: Browser, here: World) -> None:
    path, long = (
        "/questions/keep_up",
        "What would you tell somebody who would like to learn this work from within? ",
    )
    owner.post(path, {"do": "add", "text": f"{long.strip()}\r\nWhat else?"})
    owner.post(path, {"do": "word", "question": "their_news", "text": "What is new,\r\n\r\n {name}?"})
    page = owner.get(path).text
    assert f"<li>{long}What else?" in page
    assert re.search(
        r'<textarea class="grows" name="text" rows="2" maxlength="300">What is new, {name}\?</textarea>', page
    )
    assert '<input name="text"' not in page
    talk = f"/coming/talk/{here.talk_id}"
    owner.post(f"{talk}/questions", {"do": "add", "text": f"{long}\nWhat else?\n"})
    page = owner.get(talk).text
    assert f">{long}What else?</textarea>" in page
    assert '<input name="text"' not in page


@pytest.mark.parametrize("form", [{"do": "add", "text": "{password}"}, {"do": "add", "text": " "}, {"do": "explode"}])
def test_what_cannot_be_asked_is_said_and_nothing_changes(
    form: dict[str, object], owner: Browser, runtime: Runtime, here: World
) -> None:
    assert "Nothing was changed" in owner.post("/questions/keep_up", form).text
    with runtime.store.reading(here.owner_id) as tx:
        assert own_lists.own_lists(tx) == {}
    assert owner.get("/questions/small_talk").status_code == 404
    assert owner.post("/questions/keep_up", {"do": "hide", "question": "nope"}).status_code == 404


def test_a_talk_has_questions_of_its_own(owner: Browser, runtime: Runtime, here: World) -> None:
    path = f"/coming/talk/{here.talk_id}"
    owner.post(f"{path}/questions", {"do": "add", "text": "What became of the lamp?"})
    owner.post(f"{path}/questions", {"do": "add", "text": "And the roof?"})
    owner.post(f"{path}/purpose", {"goal": "learn_field", "reading": "https://museum.example"})
    assert "What became of the lamp?" in owner.get(path).text
    owner.post(f"{path}/questions", {"do": "leave_out", "question": "talk_1"})
    with runtime.store.reading(here.owner_id) as tx:
        choice = talks.talk_choice(tx, here.talk_id)
    assert choice is not None
    assert (choice.questions, choice.goal, choice.reading) == (
        ["And the roof?"],
        "learn_field",
        "https://museum.example",
    )


def test_a_calendar_on_other_clocks_is_pointed_out(
    owner: Browser, runtime: Runtime, here: World, now: datetime
) -> None:
    assert "mostly on the clocks" not in owner.get("/settings").text
    found = [
        replace(event(f"l{number}", "Call", now + timedelta(days=number), OWNER, []), zone="Europe/London")
        for number in range(7)
    ]
    keep(runtime.store, here.owner_id, now, found, path="london.ics")
    assert "mostly on the clocks of London" in owner.get("/settings").text
    assert owner_of(runtime, here).zone == "Europe/Amsterdam"  # the owner's word
