"""A form that is refused loses nothing: the answer is its own page, status 400, with all that was typed."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape

import pytest
from flask import Flask

from keepwarm.questions import FOR_ONE_TALK, OwnTalk
from keepwarm.store import Tx, accounts, never, notes, own_lists, plans, profiles, rounds, tagging, talks
from keepwarm.types import Place, StreamKind
from tests.service.web import world
from tests.service.web.conftest import Browser, signed_in
from tests.service.web.test_first import meeting
from workers.runtime import Runtime

TYPED = "Typed with care"
Before = Callable[[Tx, Runtime, world.World], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One that cannot be kept. ``path`` and ``told`` name ids of the world; ``shown``: what the page holds of it."""

    path: str
    told: dict[str, object]
    says: str
    before: Before | None = None
    shown: tuple[str, ...] = (TYPED,)


def _thirty_tags(tx: Tx, runtime: Runtime, here: world.World) -> None:
    words = [f"word {number}" for number in range(tagging.PER_PERSON)]
    tagging.add_tags(tx, [here.ids["Tomas Lind"]], words, runtime.now())


def _ten_goals(tx: Tx, runtime: Runtime, _here: world.World) -> None:
    for number in range(10):
        plans.add_plan(tx, runtime.now(), goal="learn_field", words=f"goal {number}")


def _a_round(tx: Tx, runtime: Runtime, _here: world.World) -> None:
    rounds.begin(tx, runtime.now(), "progress", {"en": "The first news"})


def _twenty_questions(tx: Tx, runtime: Runtime, _here: world.World) -> None:
    for number in range(20):
        own_lists.add(tx, "keep_up", "en", f"What about {number}?", runtime.now())


def _a_target(tx: Tx, runtime: Runtime, _here: world.World) -> None:
    profiles.add_target(tx, runtime.now(), name=TYPED)


def _a_barred_domain(tx: Tx, runtime: Runtime, _here: world.World) -> None:
    never.bar(tx, "far.example", runtime.now())


def _full_talk(tx: Tx, runtime: Runtime, here: world.World) -> None:
    own = OwnTalk(added=tuple(f"What about {number}?" for number in range(FOR_ONE_TALK)))
    talks.settle(tx, here.talk_id, runtime.now(), own=own)


NOBODY_ELSE = {"said": TYPED, "tips": "Ask Femke", "mine": "send it", "mine_on": "2026-12-24"}
SHOWN_OF_IT = (TYPED, "Ask Femke", "send it", "2026-12-24")

FORMS: dict[str, Form] = {
    "contacts.add": Form(
        path="/contacts",
        told={"name": TYPED, "address": "marloes@bedrijf", "organisation": "Harbour", "circle": "warm"},
        says="has to look like one", shown=(TYPED, "marloes@bedrijf", "Harbour", 'value="warm" selected'),
    ),
    "contacts.add, an address of somebody": Form(
        path="/contacts", told={"name": TYPED, "address": "emre@example.com"}, says="Another contact has this address",
        shown=(TYPED, "emre@example.com"),
    ),
    "contacts.edit": Form(
        path="/contacts/{Tomas Lind}/edit",
        told={"name": " ", "organisation": TYPED, "role": "Miller", "rhythm_days": "41", "paused_until": "2027-03-04",
              "close": "yes", "can_help": "names", "circle": "cold"},
        says="A person needs a name", shown=(TYPED, "Miller", "41", "2027-03-04", 'value="cold" selected'),
    ),
    "contacts.note": Form(
        path="/contacts/{Tomas Lind}/note", told={"mine_on": "2026-12-24"},
        says="nothing to keep", shown=("2026-12-24",)
    ),
    "contacts.tag": Form(
        path="/contacts/{Tomas Lind}/tag", told={"word": TYPED}, says="thirty tags already", before=_thirty_tags
    ),
    "contacts.many": Form(
        path="/contacts/many", told={"do": "tag", "word": TYPED, "tab": "network"}, says="Nobody was chosen"
    ),
    "contacts.many, no circle": Form(
        path="/contacts/many", told={"do": "circle", "id": "{Tomas Lind}", "tab": "network"}, says="Choose a circle",
        shown=('value="{Tomas Lind}" checked',),
    ),
    "never.add": Form(path="/never", told={"told": TYPED}, says="Nothing was changed"),
    "me.add_target": Form(
        path="/me/targets", told={"name": "Waterschap", "why": TYPED, "link": "http://a b"}, says="A link begins with",
        shown=("Waterschap", TYPED, "http://a b"),
    ),
    "me.add_target, there already": Form(
        path="/me/targets", told={"name": TYPED, "why": "the dunes"}, says="on your list already", before=_a_target,
        shown=(TYPED, "the dunes"),
    ),
    "rounds.begin": Form(
        path="/round", told={"news_en": TYPED, "news_nl": "Een baan"}, says="going on already", before=_a_round,
        shown=(TYPED, "Een baan"),
    ),
    "talks.add, nobody": Form(path="/talks", told={**NOBODY_ELSE}, says="Choose whom you talked to", shown=SHOWN_OF_IT),
    "talks.add": Form(
        path="/talks", told={**NOBODY_ELSE, "contact": "{Tomas Lind}", "q": "Noor", "do": "keep"},
        says="Choose who else was there", shown=(*SHOWN_OF_IT, 'name="contact" value="{Tomas Lind}"'),
    ),
    "booking.book, nobody": Form(
        path="/coming/new", told={"title": TYPED, "on": "2099-01-04", "hour": "10:30"},
        says="Choose whom you will talk to", shown=(TYPED, "2099-01-04", "10:30"),
    ),
    "booking.book": Form(
        path="/coming/new", told={"contact": "{Tomas Lind}", "title": TYPED, "place": "06 1234", "on": "2099-01-04"},
        says="Choose a day, an hour", shown=(TYPED, "06 1234", "2099-01-04", 'name="contact" value="{Tomas Lind}"'),
    ),
    "talks.note": Form(
        path="/talks/{held}", told={"theirs_on": "2026-12-24"}, says="nothing to keep", shown=("2026-12-24",),
    ),
    "coming.move": Form(
        path="/coming/follow-up/{follow_up}/move", told={"at": "2020-01-01T10:00"}, says="still ahead",
        shown=("2020-01-01T10:00",),
    ),
    "talk_list.change": Form(
        path="/coming/talk/{talk}/questions", told={"do": "add", "text": TYPED},
        says="the list is full", before=_full_talk
    ),
    "talk_list.change, a question that is gone": Form(
        path="/coming/talk/{talk}/questions", told={"do": "word", "question": "gone", "text": TYPED},
        says="not in the list"
    ),
    "questions.change": Form(
        path="/questions/keep_up", told={"do": "add", "text": TYPED}, says="twenty questions", before=_twenty_questions
    ),
    "plan.add_goal": Form(
        path="/plan/goals", told={"goal": "learn_field", "words": TYPED}, says="ten goals", before=_ten_goals
    ),
    "plan.add_goal, none": Form(
        path="/plan/goals", told={"goal": "x", "words": TYPED}, says="Choose what you work toward",
    ),
    "files.own": Form(
        path="/files/own", told={"own": "yes", "address": "sam@bedrijf"},
        says="does not look like", shown=("sam@bedrijf",),
    ),
    "access.address": Form(
        path="/settings/address", told={"email": "sam@bedrijf", "password": world.PASSWORD}, says="does not look like",
        shown=("sam@bedrijf",),
    ),
    "access.address, a wrong password": Form(
        path="/settings/address", told={"email": "new@example.org", "password": "no"}, says="was not right",
        shown=("new@example.org",),
    ),
    "settings.held": Form(
        path="/settings/held", told={"held": "yes", "until": "2020-01-01"}, says="still ahead", shown=("2020-01-01",),
    ),
    "data.erase": Form(
        path="/data/erase", told={"sure": "yes", "password": "no"},
        says="was not right", shown=('name="sure" value="yes" checked',)
    ),
    "house.invite": Form(
        path="/house/invite", told={"email": "kim@bedrijf"}, says="Nobody was invited", shown=("kim@bedrijf",),
    ),
    "first.save_goal": Form(path="/first/goal", told={"goal": "x", "words": TYPED}, says="Choose what you would like"),
    "first.save_origins": Form(
        path="/first/origins", told={"friends": [TYPED, "Guus"], "stay": "read"}, says="No file came along",
        shown=(TYPED, "Guus"),
    ),
    "first.save_origins, an address that is barred": Form(
        path="/first/origins", told={"family": f"{TYPED} <kim@far.example>", "chance": "Guus"}, says="never to contact",
        before=_a_barred_domain,
        shown=(TYPED, "Guus"),
    ),
    "accounts.connect": Form(
        path="/accounts/connect", told={"address": "sam@bedrijf", "imap": "imap.example.org", "password": "x"},
        says="does not look like", shown=("sam@bedrijf", "imap.example.org"),
    ),
}  # fmt: skip

# Forms in which nothing is typed that could be lost: buttons, boxes and choices alone, or words that are always kept.
NOTHING_TYPED = {
    "access.end_device", "access.end_others", "access.switch_off", "access.switch_on", "accounts.choose",
    "accounts.disconnect", "accounts.drafts", "accounts.look", "accounts.remove_entries", "accounts.remove_entry",
    "booking.call_off",
    "auth.new_address", "auth.sign_out", "changes.undo", "coming.remove", "coming.send", "coming.set_type",
    "consent.begin", "contacts.erase", "contacts.keep_promise", "contacts.remove_tag", "contacts.take_apart",
    "contacts.take_over_work", "contacts.untag", "files.undo", "files.upload", "first.finish", "first.go_on",
    "first.leave_sample", "first.look_around", "first.save_pick", "first.save_plan", "first.save_rhythm", "first.send",
    "first.send_digest", "house.revoke", "house.seen", "judge.alike", "judge.decide", "me.put_away",
    "me.remove_target", "never.let_in", "never.remove", "organisations.target", "plan.add", "plan.ask",
    "plan.forget_order",
    "plan.move", "plan.pass_over", "plan.remove", "plan.say_introduction", "plan.say_state", "plan.set_introducer",
    "rounds.end", "rounds.leave_out", "rounds.told", "sent.again", "settings.new_feed", "settings.send",
    "write.save_draft",
    # whatever is typed is kept
    "coming.set_purpose", "contacts.answer", "contacts.plan", "contacts.rename_tag", "me.save", "plan.edit",
    "plan.edit_goal",
    # a password is never sent back
    "access.password", "auth.new_password",
}  # fmt: skip
# Held to it elsewhere: what the door asks in `test_auth`, `test_signin` and `test_forgotten`; settings name the value.
ELSEWHERE = {
    "auth.forgotten",
    "auth.join",
    "auth.sign_in",
    "auth.start",
    "auth.with_provider",
    "contacts.correct_note",
    "contacts.correct_promise",
    "reply.act",
    "settings.save",
    "first.ask",
}


def _filled(text: str, here: world.World, held: str) -> str:
    ids = here.ids | {"talk": here.talk_id, "follow_up": here.follow_up_id, "held": held}
    return re.sub(r"\{([^}]+)\}", lambda found: ids[found[1]], text)


@pytest.fixture
def held(runtime: Runtime, here: world.World) -> str:
    """A talk that was held."""
    now = runtime.now()
    talk = world.event("held", "Lunch", now - timedelta(days=1), world.OWNER, [world.PEOPLE[0][:2]])
    world.keep(runtime.store, here.owner_id, now, [talk], path="held.ics")
    return world._event_id(talk, here.owner_id)


@pytest.mark.parametrize("name", FORMS)
def test_what_was_typed_stands_in_the_answer(
    owner: Browser, here: world.World, runtime: Runtime, held: str, name: str
) -> None:
    form = FORMS[name]
    if form.before:
        with runtime.store.transaction(here.owner_id) as tx:
            form.before(tx, runtime, here)
    told = {key: _filled(each, here, held) if isinstance(each, str) else each for key, each in form.told.items()}
    answer = owner.post(_filled(form.path, here, held), told)
    page = answer.text.partition("<main")[2]
    assert answer.status_code == 400
    assert form.says in unescape(page.partition("<h1")[0])
    for each in form.shown:
        assert _filled(each, here, held) in unescape(page.partition("<h1")[2])


def test_every_form_is_in_one_of_these_lists(app: Flask) -> None:
    """A new form comes into the table, or among those in which nothing is typed that could be lost."""
    there = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    named = {name.partition(",")[0] for name in FORMS} | NOTHING_TYPED | ELSEWHERE
    assert there - named == set()
    assert named - there == set()


# --- choosing who was there takes the note along --------------------------------------------------------------------


def test_choosing_who_else_was_there_keeps_the_note(owner: Browser, here: world.World, runtime: Runtime) -> None:
    noor, tomas = here.ids["Noor Willemse"], here.ids["Tomas Lind"]
    told: dict[str, object] = {**NOBODY_ELSE, "contact": noor}
    for more in ({"q": "Tomas", "do": "find"}, {"q": "Tomas"}):  # by the button, and by Enter
        found = owner.post("/talks", {**told, **more})
        assert (found.status_code, f'name="add" value="{tomas}"' in found.text) == (200, True)
        assert all(each in found.text for each in SHOWN_OF_IT)
    both = owner.post("/talks", {**told, "q": "Tomas", "add": tomas}).text
    assert re.findall(r'name="contact" value="(\w+)"', both) == [noor, tomas]
    assert all(each in both for each in SHOWN_OF_IT)
    one = owner.post("/talks", {**told, "contact": [noor, tomas], "drop": noor}).text
    assert re.findall(r'name="contact" value="(\w+)"', one) == [tomas]
    none = owner.post("/talks", {**told, "drop": noor}).text
    assert all(each in none for each in SHOWN_OF_IT)
    assert owner.post("/talks", {**told, "contact": [noor, tomas], "do": "keep", "q": ""}).status_code == 303
    with runtime.store.reading(here.owner_id) as tx:
        assert notes.notes_about(tx, tomas)[0].said == TYPED


def test_a_page_that_is_left_alone_is_as_usual(owner: Browser, here: world.World) -> None:
    """What is typed into one form stands in no other of the same page."""
    page = owner.post(f"/contacts/{here.ids['Tomas Lind']}/edit", {"name": "", "role": TYPED, "said": "x-said"}).text
    assert page.count(TYPED) == 1
    assert "x-said" not in page


# --- the first steps -------------------------------------------------------------------------------------------------


def _meeting(runtime: Runtime, owner_id: str, now: datetime) -> str:
    found = meeting("Ann Arbor", "ann@arbor.example", now)
    world.keep(runtime.store, owner_id, now, [found], path="c.ics")
    return world._event_id(found, owner_id)


def test_an_eleventh_question_is_refused_and_kept(app: Flask, runtime: Runtime, account: str, now: datetime) -> None:
    event_id, browser = _meeting(runtime, account, now), signed_in(app, account)
    for number in range(FOR_ONE_TALK):
        assert browser.post(f"/first/meet/{event_id}/ask", {"text": f"What about {number}?"}).status_code == 303
    answer = browser.post(f"/first/meet/{event_id}/ask", {"text": TYPED})
    assert (answer.status_code, TYPED in answer.text, "Ten questions" in answer.text) == (400, True, True)


def _reads_for_the_first_time(runtime: Runtime, owner_id: str, now: datetime) -> None:
    with runtime.store.transaction(owner_id) as tx:
        account = accounts.ensure_account(tx, provider="fake", name=world.OWNER, settings={"world": "x"}, now=now)
        accounts.set_places(tx, account.id, [Place(ref="INBOX", name="", kind=StreamKind.MAIL)], now)


def test_no_page_with_a_field_is_loaded_anew(app: Flask, runtime: Runtime, account: str, now: datetime) -> None:
    _reads_for_the_first_time(runtime, account, now)
    browser = signed_in(app, account)
    assert 'http-equiv="refresh"' in browser.get("/first/meet").text
    _meeting(runtime, account, now)
    page = browser.get("/first/meet").text
    assert "A question of my own" in page
    assert 'http-equiv="refresh"' not in page
    assert "Look again" in page


def test_files_beside_the_names_lose_no_name(app: Flask, runtime: Runtime, account: str) -> None:
    browser = signed_in(app, account)
    told = {"friends": "Guus", "stay": "read", "files": (io.BytesIO(b"From x\n\n"), "Connections.csv")}
    answer = browser.post("/first/origins", told, on="/first/origins", content_type="multipart/form-data")
    assert answer.location == "/first/origins"
    page = browser.get("/first/origins").text
    assert "There already: Guus" in page
    assert "Being read." in page
    with runtime.store.reading(account) as tx:
        (batch,) = accounts.batches(tx)
    assert batch.label == "Connections.csv"


def test_a_sample_takes_no_files_beside_the_names(app: Flask, runtime: Runtime, account: str) -> None:
    browser = signed_in(app, account)
    browser.post("/first/sample", on="/first/goal")
    told = {"friends": TYPED, "files": (io.BytesIO(b"From x\n\n"), "Connections.csv")}
    answer = browser.post("/first/origins", told, on="/first/origins", content_type="multipart/form-data")
    assert (answer.status_code, TYPED in answer.text) == (400, True)
    assert not list(runtime.home.rglob("Connections.csv"))


# --- the first sync is live ------------------------------------------------------------------------------------------


def test_accounts_are_live_while_something_is_read_for_the_first_time(
    owner: Browser, here: world.World, runtime: Runtime, now: datetime
) -> None:
    assert "data-live" not in owner.get("/accounts").text
    _reads_for_the_first_time(runtime, here.owner_id, now)
    page = owner.get("/accounts").text
    live = page.partition('<div id="live" data-live="3">')[2].partition("<section id=")[0]
    assert "Waiting to be read" in live
    assert "Being read." in page
    with runtime.store.transaction(here.owner_id) as tx:
        (waiting,) = [each for each in accounts.streams(tx) if each.compared_at is None]
        lease = accounts.lease_stream(tx, waiting.stream.id, now)
        assert lease is not None
        accounts.finish_stream(tx, lease, now)
    page = owner.get("/accounts").text
    assert 'id="live"' in page
    assert "data-live" not in page
    assert "Being read." not in page
