"""The list of one talk: changed for it alone and taken back, on paper, on the phone during the talk."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from keepwarm.questions import Question, prepare
from keepwarm.store import views
from tests.service.web import world
from tests.service.web.conftest import Browser, signed_in
from tests.service.web.test_talks import held
from workers.runtime import Runtime


@pytest.fixture
def path(here: world.World) -> str:
    return f"/coming/talk/{here.talk_id}"


def asked(runtime: Runtime, here: world.World) -> list[Question]:
    """As the mail before the talk would have them."""
    with runtime.store.reading(here.owner_id) as tx:
        situation = views.situation(tx, here.ids["Noor Willemse"], runtime.now(), event_id=here.talk_id)
    return list(prepare(situation).shown)


def change(owner: Browser, path: str, do: str, question: str = "", text: str = "") -> str:
    data: dict[str, object] = {"do": do, "question": question, "text": text}
    return owner.post(f"{path}/questions", data, on=path, follow_redirects=True).text


def test_each_change_holds_for_the_mail_too_and_is_taken_back(
    owner: Browser, here: world.World, runtime: Runtime, path: str
) -> None:
    before = [each.id for each in asked(runtime, here)]
    page = change(owner, path, "leave_out", before[0])
    assert "Saved for this talk." in page
    assert "Left out of this talk" in page
    assert [each.id for each in asked(runtime, here)] == before[1:]
    owner.post("/undo")
    assert [each.id for each in asked(runtime, here)] == before
    change(owner, path, "later", before[0])
    assert [each.id for each in asked(runtime, here)][:2] == [before[1], before[0]]
    change(owner, path, "word", before[0], "Said {my} way?")
    assert asked(runtime, here)[1].text == "Said {my} way?"
    assert "Said {my} way?" in owner.get(f"{path}/read").text
    change(owner, path, "as_proposed")
    assert [each.id for each in asked(runtime, here)] == before


def test_one_is_added_drawn_up_and_gone(owner: Browser, here: world.World, runtime: Runtime, path: str) -> None:
    change(owner, path, "add", text="Where do you buy your tea?")
    assert asked(runtime, here)[0].text == "Where do you buy your tea?"
    more = re.findall(
        r'name="do" value="draw_up"><input type="hidden" name="question" value="(\w+)"', owner.get(path).text
    )
    change(owner, path, "draw_up", more[0])
    assert more[0] in [each.id for each in asked(runtime, here)]
    change(owner, path, "leave_out", "talk_1")
    assert "Where do you buy your tea?" not in owner.get(path).text


@pytest.mark.parametrize(("do", "question"), [("explode", ""), ("leave_out", "nothing"), ("word", "talk_9"), ("", "")])
def test_what_is_not_there_changes_nothing(
    owner: Browser, here: world.World, runtime: Runtime, path: str, do: str, question: str
) -> None:
    before = asked(runtime, here)
    assert "not in the list any more" in change(owner, path, do, question)
    assert asked(runtime, here) == before


def test_on_paper_stands_what_one_needs_and_nothing_else(owner: Browser, path: str) -> None:
    page = owner.get(f"{path}/print").text
    for text in (
        "Noor Willemse",
        "Curator, Harbour Museum",
        "The new wing opens in spring.",
        "send the article on lamps",
    ):
        assert text in page
    assert "<nav" not in page
    assert page.count("<li>") < owner.get(f"{path}/print?all=yes").text.count("<li>")


def test_it_can_be_read_while_the_talk_goes_on_and_after(owner: Browser, here: world.World, runtime: Runtime) -> None:
    event = held(runtime, here)
    page = owner.get(f"/coming/talk/{event}/read").text
    assert page.count('type="checkbox"') >= 4
    assert f"/talks/{event}" in page
    assert owner.get(f"/coming/talk/{event}").location == f"/talks/{event}"
    assert owner.get(f"/coming/talk/{event}/print").status_code == 200


@pytest.mark.parametrize("end", ["", "/print", "/read"])
def test_others_and_unknown_talks_are_not_there(
    owner: Browser, here: world.World, runtime: Runtime, app: Flask, path: str, end: str
) -> None:
    other = signed_in(app, world.settle(runtime.store, runtime.now(), email="other@example.org").owner_id)
    assert other.get(f"{path}{end}").status_code == 404
    assert owner.get(f"/coming/talk/12345{end}").status_code == 404
    assert owner.get(f"/coming/talk/nonsense{end}").status_code == 404
    assert other.post(f"{path}/questions", {"do": "add", "text": "x"}).status_code == 404


def test_talks_to_look_back_on_stand_first(owner: Browser, here: world.World, runtime: Runtime) -> None:
    event = held(runtime, here)
    page = owner.get("/coming").text
    assert page.index(f"/talks/{event}") < page.index("Coffee with Noor")
