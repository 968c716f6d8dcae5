"""The links in mails: opening one changes nothing, a button does one thing, and it can be taken back."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from keepwarm.mails import KINDS
from keepwarm.store import accounts, contacts, notes, outbox, talks, views
from service import create_app
from tests.service.web.world import OWNER, World, event, keep, make_owner
from workers import links
from workers.links import Signed
from workers.runtime import Runtime

GUEST = ("Noor Willemse", "noor.willemse@example.net")


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    """Somebody who is not signed in."""
    return app.test_client()


def path(runtime: Runtime, here: World, about: str, ref: str) -> str:
    signed = Signed(owner_id=here.owner_id, about=about, ref=ref)
    return f"/reply/{links.token(links.key_of(runtime), signed, runtime.now())}"


def press(visitor: FlaskClient, at: str, **form: str) -> TestResponse:
    return visitor.post(at, data=form, follow_redirects=True)


def row(runtime: Runtime, here: World, name: str = "Noor Willemse") -> contacts.ContactRow:
    with runtime.store.reading(here.owner_id) as tx:
        return contacts.contact(tx, here.ids[name], runtime.now())


def everything(runtime: Runtime, here: World) -> list[object]:
    with runtime.store.reading(here.owner_id) as tx:
        people = contacts.contacts(tx, states=None, now=runtime.now())
        return [people, notes.all_notes(tx), outbox.rows(tx), talks.talk_choices(tx), accounts.owner(tx).settings]


@pytest.mark.parametrize("about", [*links.ABOUT])
def test_opening_a_link_changes_nothing(about: str, visitor: FlaskClient, runtime: Runtime, here: World) -> None:
    with runtime.store.reading(here.owner_id) as tx:
        promise = notes.promises(tx, here.ids["Noor Willemse"])[0].id
    ref = {"talk": here.talk_id, "held": here.talk_id, "promise": promise, "stop": "digest", "undo": "1"}
    at = path(runtime, here, about, ref.get(about, here.ids["Noor Willemse"]))
    before = everything(runtime, here)
    for how in (visitor.get, visitor.head):
        assert how(at).status_code == (410 if about == "held" else 200)  # the talk is still ahead
    assert everything(runtime, here) == before


def test_got_in_touch_is_noted_and_taken_back(visitor: FlaskClient, runtime: Runtime, here: World) -> None:
    at = path(runtime, here, "person", here.ids["Tomas Lind"])
    answer = press(visitor, at, do="elsewhere", said="At the market")
    assert "you talked to Tomas Lind" in answer.text
    with runtime.store.reading(here.owner_id) as tx:
        assert [each.said for each in notes.notes_about(tx, here.ids["Tomas Lind"])] == ["At the market"]
        value = views.fresh(views.world(tx, runtime.now()), row(runtime, here, "Tomas Lind"))
    assert value.last_at == runtime.now()
    undo = answer.text.split('action="')[1].split('"')[0]
    assert "Taken back" in press(visitor, undo).text
    with runtime.store.reading(here.owner_id) as tx:
        assert notes.notes_about(tx, here.ids["Tomas Lind"]) == []


@pytest.mark.parametrize(
    ("until", "days"), [("tomorrow", 1), ("two_weeks", 14), ("month", 30), ("three_months", 92), ("odd", 1)]
)
def test_later_leaves_somebody_in_peace(
    until: str, days: int, visitor: FlaskClient, runtime: Runtime, here: World
) -> None:
    press(visitor, path(runtime, here, "person", here.ids["Noor Willemse"]), do="later", until=until)
    paused = row(runtime, here).paused_until
    assert paused is not None
    assert (paused - runtime.now().date()).days == days  # the digest is on Tuesday, tomorrow


def test_let_go_ends_every_reminder_and_nothing_else(visitor: FlaskClient, runtime: Runtime, here: World) -> None:
    press(visitor, path(runtime, here, "person", here.ids["Tomas Lind"]), do="let_go")
    found = row(runtime, here, "Tomas Lind")
    assert found.state == "active"
    with runtime.store.reading(here.owner_id) as tx:
        assert found.id not in {each.contact_id for each in views.due_people(tx, runtime.now())}


@pytest.mark.parametrize(
    ("do", "state", "private"),
    [
        ("network", "active", False),
        ("private", "active", True),
        ("refuse", "ignored", False),
        ("never", "never", False),
    ],
)
def test_somebody_new_is_judged(
    do: str, state: str, private: bool, visitor: FlaskClient, runtime: Runtime, here: World
) -> None:
    with runtime.store.reading(here.owner_id) as tx:
        new = contacts.contacts(tx, states=["proposed"], now=runtime.now())[0]
    press(visitor, path(runtime, here, "new", new.id), do=do)
    with runtime.store.reading(here.owner_id) as tx:
        found = contacts.contact(tx, new.id, runtime.now())
    assert (found.state, found.private) == (state, private)


def test_a_promise_is_kept_once(visitor: FlaskClient, runtime: Runtime, here: World) -> None:
    with runtime.store.reading(here.owner_id) as tx:
        promise = notes.promises(tx, here.ids["Noor Willemse"])[0]
    at = path(runtime, here, "promise", promise.id)
    assert promise.text in visitor.get(at).text
    assert "A promise kept" in press(visitor, at, do="done").text
    assert press(visitor, at, do="done").status_code == 410
    with runtime.store.reading(here.owner_id) as tx:
        assert notes.promises(tx, here.ids["Noor Willemse"]) == []


def test_the_list_is_sent_now(visitor: FlaskClient, runtime: Runtime, here: World) -> None:
    at = path(runtime, here, "talk", here.talk_id)
    assert "on its way" in press(visitor, at, do="send").text
    assert "It is not sent twice" in press(visitor, at, do="send").text
    with runtime.store.reading(here.owner_id) as tx:
        assert [each.kind for each in outbox.rows(tx)] == ["brief"]


@pytest.mark.parametrize("form", [{"type": "none"}, {"type": "orientation", "reading": "the plan"}])
def test_what_a_talk_is_for_can_be_taken_back(
    visitor: FlaskClient, runtime: Runtime, here: World, form: dict[str, str]
) -> None:
    before = everything(runtime, here)
    page = press(visitor, path(runtime, here, "talk", here.talk_id), do="settle", **form)
    assert everything(runtime, here) != before
    undo = re.search(r'action="(/reply/[^"]+)"', page.text)
    assert undo
    assert "Taken back" in press(visitor, undo[1]).text
    assert everything(runtime, here) == before


def test_purpose_and_reading_are_settled(visitor: FlaskClient, runtime: Runtime, here: World) -> None:
    at = path(runtime, here, "talk", here.talk_id)
    press(visitor, at, do="settle", type="orientation", goal="learn_field", reading="https://museum.example/plan")
    with runtime.store.reading(here.owner_id) as tx:
        choice = talks.talk_choice(tx, here.talk_id)
    assert choice is not None
    assert (choice.type, choice.goal, choice.reading) == ("orientation", "learn_field", "https://museum.example/plan")
    press(visitor, at, do="settle", type="none")
    with runtime.store.reading(here.owner_id) as tx:
        choice = talks.talk_choice(tx, here.talk_id)
    assert choice is not None
    assert choice.no_brief


def test_a_talk_is_noted_with_one_link(visitor: FlaskClient, runtime: Runtime, here: World, now: datetime) -> None:
    from keepwarm.store.tables import identity

    over = event("talk-over", "Lunch", now - timedelta(hours=3), OWNER, [GUEST])
    keep(runtime.store, here.owner_id, now, [over], path="later.ics")
    at = path(runtime, here, "held", str(identity(here.owner_id, "event", over.uid, "")))
    assert "How did it go?" in visitor.get(at).text
    press(visitor, at, said="The archive is looking for people.", names="Femke Post, Archive", mine="send my CV")
    with runtime.store.reading(here.owner_id) as tx:
        note = notes.notes_about(tx, here.ids["Noor Willemse"])[0]
        names = {each.name for each in contacts.contacts(tx, states=["active"], now=now)}
    assert note.said == "The archive is looking for people."
    assert "Femke Post" in names
    assert "nothing to keep" in press(visitor, at).text


@pytest.mark.parametrize("kind", [*KINDS])
def test_each_kind_of_mail_is_stopped_alone(kind: str, visitor: FlaskClient, runtime: Runtime, here: World) -> None:
    at = path(runtime, here, "stop", kind)
    answer = visitor.post(at, data={"List-Unsubscribe": "One-Click"})  # as a mail program does (RFC 8058)
    with runtime.store.reading(here.owner_id) as tx:
        stopped = accounts.owner(tx).stopped
    if kind in {"alarm", "access"}:
        assert (answer.status_code, stopped) == (410, frozenset())
        return
    assert (answer.status_code, stopped) == (200, {kind})  # no redirect, as section 3.1 wants
    press(visitor, at, do="again")
    with runtime.store.reading(here.owner_id) as tx:
        assert accounts.owner(tx).stopped == frozenset()


def test_a_link_speaks_its_owners_language(visitor: FlaskClient, runtime: Runtime, here: World) -> None:
    with runtime.store.transaction(here.owner_id) as tx:
        accounts.update_owner(tx, lang="nl")
    page = visitor.get(path(runtime, here, "stop", "digest"), headers={"Accept-Language": "en"}).text
    assert '<html lang="nl">' in page
    assert "No more" not in page


def test_a_link_ends_after_a_week(runtime: Runtime, here: World) -> None:
    at = path(runtime, here, "person", here.ids["Tomas Lind"])
    for days, status in ((6.9, 200), (7.1, 410)):
        later = replace(runtime, clock=lambda days=days: runtime.now() + timedelta(days=days))  # type: ignore[misc]
        visitor = create_app(later).test_client()
        assert visitor.get(at).status_code == status
        assert visitor.post(at, data={"do": "done"}).status_code == {200: 303, 410: 410}[status]


@pytest.mark.parametrize("change", ["flip", "cut", "other key", "other owner", "other thing", "junk"])
def test_a_forged_link_does_nothing(change: str, visitor: FlaskClient, runtime: Runtime, here: World) -> None:
    whole = path(runtime, here, "new", here.ids["Tomas Lind"])
    mine = Signed(owner_id=here.owner_id, about="person", ref=here.ids["Tomas Lind"])
    at = {
        "flip": whole[:-1] + ("A" if whole[-1] != "A" else "B"),
        "cut": whole[:-5],
        "other key": f"/reply/{links.token(b'x' * 32, mine, runtime.now())}",
        "other owner": path(runtime, replace(here, owner_id="f" * 32), "person", mine.ref),
        "other thing": path(runtime, here, "nothing we know", mine.ref),
        "junk": "/reply/%00%ff..",
    }[change]
    before = everything(runtime, here)
    assert visitor.get(at).status_code == 410
    assert visitor.post(at, data={"do": "never"}).status_code == 410
    assert everything(runtime, here) == before


def test_a_link_reaches_no_further_than_its_owner(
    visitor: FlaskClient, runtime: Runtime, here: World, now: datetime
) -> None:
    """The signature is right and the contact exists, only it is somebody else's."""
    stranger = replace(here, owner_id=make_owner(runtime.store, now, email="robin@example.org"))
    at = path(runtime, stranger, "person", here.ids["Tomas Lind"])
    assert visitor.get(at).status_code == 410
    assert visitor.post(at, data={"do": "never"}).status_code == 410
    assert row(runtime, here, "Tomas Lind").state == "active"


@pytest.mark.parametrize("do", ["", "network", "never", "done; drop", "undo"])
def test_a_link_does_only_what_it_is_for(do: str, visitor: FlaskClient, runtime: Runtime, here: World) -> None:
    at = path(runtime, here, "person", here.ids["Tomas Lind"])
    assert visitor.post(at, data={"do": do}).status_code == 410
    assert row(runtime, here, "Tomas Lind").state == "active"
