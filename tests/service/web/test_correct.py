"""The small forms that put a note or a promise right."""

from __future__ import annotations

import re
from datetime import date, datetime

import pytest
from flask import Flask

from keepwarm.store import accounts, follow_ups, notes
from tests.service.web import world
from tests.service.web.conftest import Browser, signed_in
from tests.service.web.test_outsiders import CANARIES, unescaped
from workers import prepare, tasks
from workers.render import preview_brief
from workers.runtime import Runtime


@pytest.fixture
def noor(here: world.World) -> str:
    return here.ids["Noor Willemse"]


def held(runtime: Runtime, owner_id: str, noor: str) -> tuple[list[notes.Note], list[notes.Promise]]:
    with runtime.store.reading(owner_id) as tx:
        return notes.notes_about(tx, noor), notes.promises(tx, noor)


def links(owner: Browser, noor: str) -> dict[str, str]:
    """Where the quiet links of the person's page lead: of the note and of the promise."""
    found = re.findall(r'class="change" href="([^"]+)"', owner.get(f"/contacts/{noor}").text)
    return {"note" if "/notes/" in each else "promise": each for each in found}


def test_a_note_is_put_right_and_taken_back(owner: Browser, here: world.World, runtime: Runtime, noor: str) -> None:
    before, where = held(runtime, here.owner_id, noor), links(owner, noor)["note"]
    form = owner.get(where).text
    assert "The new wing opens in spring." in form
    assert "Ask for Femke." in form
    owner.post(where, {"said": "The old wing\r\ncloses.", "tips": "Ask for Guus.", "on": "2026-10-01"}, on=where)
    (note,), _ = held(runtime, here.owner_id, noor)
    assert (note.said, note.tips, note.at.date()) == ("The old wing\ncloses.", "Ask for Guus.", date(2026, 10, 1))
    page = owner.get(f"/contacts/{noor}").text
    assert "The old wing" in page
    owner.undo(page)
    assert held(runtime, here.owner_id, noor) == before


def test_a_promise_is_put_right_and_taken_back(owner: Browser, here: world.World, runtime: Runtime, noor: str) -> None:
    before, where = held(runtime, here.owner_id, noor), links(owner, noor)["promise"]
    owner.post(where, {"text": "a book", "whose": "theirs", "due_on": "2026-12-24"}, on=where)
    _, (promise,) = held(runtime, here.owner_id, noor)
    assert (promise.text, promise.mine, promise.due_on) == ("a book", False, date(2026, 12, 24))
    page = owner.get(f"/contacts/{noor}").text
    assert "They promised: a book" in " ".join(page.split())
    owner.undo(page)
    assert held(runtime, here.owner_id, noor) == before


@pytest.mark.parametrize(("what", "word"), [("note", "The note is deleted."), ("promise", "The promise is deleted.")])
def test_either_is_deleted_and_taken_back(
    owner: Browser, here: world.World, runtime: Runtime, noor: str, what: str, word: str
) -> None:
    before, where = held(runtime, here.owner_id, noor), links(owner, noor)[what]
    owner.post(where, {"do": "delete"}, on=where)
    assert not held(runtime, here.owner_id, noor)[what == "promise"]
    page = owner.get(f"/contacts/{noor}").text
    assert word in page
    assert owner.get(where).status_code == 404
    owner.undo(page)
    assert held(runtime, here.owner_id, noor) == before


def test_bad_input_changes_nothing_and_says_so(owner: Browser, here: world.World, runtime: Runtime, noor: str) -> None:
    before, where = held(runtime, here.owner_id, noor), links(owner, noor)
    as_it_was = {"said": "The new wing opens in spring.", "tips": "Ask for Femke."}
    for path, form, word in (
        (where["promise"], {"text": " ", "whose": "mine"}, "A promise needs words."),
        (where["note"], {"said": "x", "on": "2199-01-01"}, "lies behind you"),
        (where["note"], {"said": "x", "on": "2999-01-01"}, "This is no day"),
        (where["note"], {"said": "x", "on": "soon"}, "This is no day"),
        (where["promise"], {"text": "x", "whose": "mine", "due_on": "soon"}, "This is no day"),
        (where["note"], as_it_was, "Nothing was different"),
    ):  # fmt: skip
        assert word in owner.post(path, form, on=path, follow_redirects=True).text
        assert held(runtime, here.owner_id, noor) == before


def test_a_note_may_be_of_today(owner: Browser, here: world.World, runtime: Runtime, noor: str, now: datetime) -> None:
    where = links(owner, noor)["note"]
    owner.post(where, {"said": "Today.", "on": now.date().isoformat()}, on=where)
    assert held(runtime, here.owner_id, noor)[0][0].at == now


def test_what_is_prepared_follows(
    owner: Browser, here: world.World, runtime: Runtime, noor: str, now: datetime
) -> None:
    where = links(owner, noor)
    owner.post(where["note"], {"said": "The harbour."}, on=where["note"])
    owner.post(where["promise"], {"text": "a map", "whose": "mine", "due_on": ""}, on=where["promise"])
    with runtime.store.reading(here.owner_id) as tx:
        whose = accounts.owner(tx)
    brief = preview_brief(runtime, whose, here.talk_id, now)
    assert not isinstance(brief, str)
    assert "The harbour." in brief.text
    assert "a map" in brief.text
    assert "article on lamps" not in brief.text
    assert "new wing" not in brief.text


def test_an_entry_in_the_calendar_follows(owner: Browser, here: world.World, runtime: Runtime, noor: str) -> None:
    owner.post(f"/contacts/{noor}/note", {"said": "Tea.", "mine": "send the recipe", "mine_on": "2026-11-25"})
    prepare.prepare_owner(runtime, here.owner_id)
    tasks.drain(runtime)
    feed = runtime.open_local(here.owner_id).feed
    assert b"recipe" in unfolded(feed())
    page = owner.get(f"/contacts/{noor}").text
    where = re.search(r'href="([^"]+/promise/[^"]+/correct)">Change<span class="unheard">: send the recipe', page)
    assert where
    owner.post(where[1], {"text": "send the drawing", "whose": "mine", "due_on": "2026-11-25"}, on=where[1])
    tasks.drain(runtime)
    assert b"drawing" in unfolded(feed())
    assert b"recipe" not in unfolded(feed())
    owner.undo(owner.get(f"/contacts/{noor}").text)
    tasks.drain(runtime)
    assert b"recipe" in unfolded(feed())


def unfolded(feed: bytes) -> bytes:
    return feed.replace(b"\r\n ", b"")


def test_the_log_of_talks_leads_there_too(owner: Browser, noor: str) -> None:
    assert links(owner, noor)["note"] in owner.get("/talks").text


def test_ids_of_others_are_not_there(
    app: Flask, owner: Browser, here: world.World, runtime: Runtime, noor: str, now: datetime
) -> None:
    before, where = held(runtime, here.owner_id, noor), links(owner, noor)
    kim = world.settle(runtime.store, now, email="kim@example.com")
    theirs = signed_in(app, kim.owner_id)
    mixed = [each.replace(noor, kim.ids["Noor Willemse"]) for each in where.values()]
    elsewhere = [each.replace(noor, here.ids["Tomas Lind"]) for each in where.values()]
    for browser, paths in ((theirs, [*where.values(), *mixed]), (owner, elsewhere)):
        for path in paths:
            assert browser.get(path).status_code == 404, path
            for form in ({"said": "x", "text": "x"}, {"do": "delete"}):
                assert browser.post(path, form).status_code == 404, path
    assert held(runtime, here.owner_id, noor) == before


def test_hostile_words_stay_text_in_the_forms(owner: Browser, runtime: Runtime, here: world.World, noor: str) -> None:
    where = links(owner, noor)
    for text in CANARIES[::4]:
        owner.post(where["note"], {"said": text, "tips": text}, on=where["note"])
        owner.post(where["promise"], {"text": text, "whose": "mine"}, on=where["promise"])
        for path in (*where.values(), f"/contacts/{noor}", "/changes"):
            assert not unescaped(owner.get(path).text), (path, text)


def test_dutch_has_no_english_left(app: Flask, runtime: Runtime, now: datetime) -> None:
    there = world.settle(runtime.store, now, email="kees@example.org", lang="nl")
    browser, noor = signed_in(app, there.owner_id), there.ids["Noor Willemse"]
    where = links(browser, noor)
    assert "Notitie aanpassen" in browser.get(where["note"]).text
    assert "Wie beloofde het?" in browser.get(where["promise"]).text
    answer = browser.post(where["note"], {"do": "delete"}, on=where["note"], follow_redirects=True)
    assert "De notitie is verwijderd." in answer.text


def test_an_entry_that_was_moved_stays_where_it_was_moved(
    owner: Browser, here: world.World, runtime: Runtime, noor: str
) -> None:
    owner.post(f"/contacts/{noor}/note", {"said": "Tea.", "mine": "send the recipe", "mine_on": "2026-11-25"})
    prepare.prepare_owner(runtime, here.owner_id)
    tasks.drain(runtime)
    with runtime.store.reading(here.owner_id) as tx:
        standing = follow_ups.follow_ups(tx, states=["placed"], contact_id=noor)[0]
    owner.post(f"/coming/follow-up/{standing.id}/move", {"at": "2026-12-03T15:00"})
    tasks.drain(runtime)
    where = links(owner, noor)["promise"]
    owner.post(where, {"do": "delete"}, on=where)
    where = links(owner, noor)["note"]
    owner.post(where, {"said": "Tea and cake."}, on=where)
    tasks.drain(runtime)
    with runtime.store.reading(here.owner_id) as tx:
        assert follow_ups.follow_up(tx, standing.id).wall == "2026-12-03T15:00:00"
