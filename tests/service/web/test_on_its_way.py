"""What a page says of a mail that was asked for is what becomes of it: held, too late, of the sample, or on its way."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from keepwarm.store import outbox, views
from keepwarm.store.outbox import Intent, OutboxRow
from keepwarm.store.tables import outbox as outbox_table
from tests.service.web import world
from tests.service.web.conftest import Browser, signed_in
from workers import deliver, links, tasks
from workers.links import Signed
from workers.prepare.talks import talk_key
from workers.runtime import Runtime

HELD = "Everything is held, so"
ASKED = "You asked for it a moment ago"
SAMPLE = "This is the sample network, so no mail goes out"
LATE = "too late for a mail"


def said(answer_text: str) -> str:
    """The messages on a page."""
    told = re.findall(r'<div class="said(?: sorry)?" role="status">\s*<p>(.*?)</p>', answer_text, re.DOTALL)
    return html.unescape(" ".join(re.sub("<[^>]+>", "", each) for each in told))


def rows(runtime: Runtime, owner_id: str) -> list[OutboxRow]:
    with runtime.store.reading(owner_id) as tx:
        return outbox.rows(tx)


WAYS: dict[str, Callable[[Browser, str], str]] = {
    "the talk": lambda browser, talk: (
        browser.post(f"/coming/talk/{talk}/send", on="/settings", follow_redirects=True).text
    ),
    "the first look": lambda browser, talk: (
        browser.post(f"/first/meet/{talk}/send", on="/settings", follow_redirects=True).text
    ),
    "the last look": lambda browser, _: browser.post("/first/done/send", on="/settings", follow_redirects=True).text,
    "the settings": lambda browser, _: (
        browser.post("/settings/mails/digest/send", on="/settings", follow_redirects=True).text
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_while_everything_is_held_a_mail_waits_and_the_page_says_so(
    way: str, owner: Browser, here: world.World, runtime: Runtime
) -> None:
    owner.post("/settings/held", {"held": "yes"})
    owner.get("/settings")  # the message about the switch itself is read
    page = said(WAYS[way](owner, here.talk_id))
    assert HELD in page
    assert "once you start again" in page
    assert "lands" not in page
    tasks.drain(runtime)
    assert [row.state for row in rows(runtime, here.owner_id)] == ["due"]


@pytest.mark.parametrize("way", ["the talk", "the first look"])
def test_a_list_that_comes_too_late_is_not_made(
    way: str, owner: Browser, here: world.World, runtime: Runtime, now: datetime
) -> None:
    soon = world.event("soon", "Soon", now + timedelta(minutes=20), world.OWNER, [("Vera", "vera@far.example.com")])
    world.keep(runtime.store, here.owner_id, now, [soon], path="s.ics")
    known = world.event("known", "Known", now + timedelta(minutes=25), world.OWNER, [world.PEOPLE[0][:2]])
    world.keep(runtime.store, here.owner_id, now, [known], path="k.ics")
    chosen = known if way == "the talk" else soon
    page = said(WAYS[way](owner, world._event_id(chosen, here.owner_id)))
    assert LATE in page
    assert rows(runtime, here.owner_id) == []
    if way == "the first look":
        assert "Vera" not in owner.get("/contacts").text, "nobody is taken in for a mail that is not sent"


@pytest.mark.parametrize("way", WAYS)
def test_in_the_sample_no_mail_is_promised(way: str, app: Flask, runtime: Runtime, account: str) -> None:
    visitor = signed_in(app, account)
    visitor.post("/first/sample", on="/first/goal")
    talk = re.search(r"/coming/talk/(\d+)", visitor.get("/coming").text)
    assert talk
    page = said(WAYS[way](visitor, talk[1]))
    assert SAMPLE in page
    assert "lands" not in page
    assert "on its way" not in page


@pytest.mark.parametrize("way", WAYS)
def test_asked_twice_within_a_minute_is_one_mail(way: str, owner: Browser, here: world.World, runtime: Runtime) -> None:
    assert "It lands in your mailbox here" in said(WAYS[way](owner, here.talk_id))
    assert ASKED in said(WAYS[way](owner, here.talk_id))
    assert len(rows(runtime, here.owner_id)) == 1


# --- by the link in a mail -------------------------------------------------------------------------------------------


@pytest.fixture
def link(app: Flask, runtime: Runtime, here: world.World) -> Callable[[str], str]:
    """The page after asking by a link for the list of a talk."""

    def ask(talk_id: str) -> str:
        signed = Signed(owner_id=here.owner_id, about="talk", ref=talk_id)
        at = f"/reply/{links.token(links.key_of(runtime), signed, runtime.now())}"
        return app.test_client().post(at, data={"do": "send"}, follow_redirects=True).text

    return ask


def test_a_link_says_that_it_waits(
    link: Callable[[str], str], owner: Browser, here: world.World, runtime: Runtime
) -> None:
    owner.post("/settings/held", {"held": "yes"})
    page = link(here.talk_id)
    assert HELD in page
    assert "on its way" not in page


def test_a_link_says_that_it_is_too_late(
    link: Callable[[str], str], here: world.World, runtime: Runtime, now: datetime
) -> None:
    soon = world.event("soon", "Soon", now + timedelta(minutes=20), world.OWNER, [world.PEOPLE[0][:2]])
    world.keep(runtime.store, here.owner_id, now, [soon], path="s.ics")
    page = link(world._event_id(soon, here.owner_id))
    assert LATE in page
    assert rows(runtime, here.owner_id) == []


# --- once more -------------------------------------------------------------------------------------------------------


def uncertain(runtime: Runtime, owner_id: str, now: datetime, **more: object) -> OutboxRow:
    """A digest of which nobody knows whether it went out."""
    with runtime.store.transaction(owner_id) as tx:
        made: dict[str, object] = {"key": "k", "kind": "well", "run_at": now - timedelta(hours=5)}
        outbox.put(tx, Intent(**(made | more)), now)  # type: ignore[arg-type]  # of the fields of an intent
        tx.connection.execute(update(outbox_table).values(state="unknown", settled_at=now, reason=deliver.UNCERTAIN))
        (row,) = outbox.rows(tx)
    return row


def again(owner: Browser, row: OutboxRow) -> str:
    return said(owner.post(f"/sent/{row.id}/again", on="/settings", follow_redirects=True).text)


def test_once_more_is_once_and_takes_its_button_away(
    owner: Browser, here: world.World, runtime: Runtime, now: datetime
) -> None:
    row = uncertain(runtime, here.owner_id, now)
    for shown in ("/sent", "/accounts"):
        assert "Send it again" in owner.get(shown).text
    assert again(owner, row) == "It is sent once more."
    page = owner.get("/sent").text
    assert "Send it again" not in page
    assert "You had it sent once more" in page
    assert "Send it again" not in owner.get("/accounts").text
    assert again(owner, row) == "You asked for it to be sent once more already. It is not sent twice."
    assert len(rows(runtime, here.owner_id)) == 2


def test_once_more_is_refused_when_it_is_too_late(
    owner: Browser, here: world.World, runtime: Runtime, now: datetime
) -> None:
    row = uncertain(runtime, here.owner_id, now, not_after=now - timedelta(hours=4))
    page = owner.get("/sent").text
    assert "Send it again" not in page
    assert "and it is too late to send it again" in page
    assert "You can send it again" not in page
    assert "It is too late to send it again" in again(owner, row)
    assert len(rows(runtime, here.owner_id)) == 1


def test_how_did_it_go_sent_once_more_does_leave(
    owner: Browser, here: world.World, runtime: Runtime, now: datetime
) -> None:
    held = world.event("held", "Coffee", now - timedelta(hours=3), world.OWNER, [world.PEOPLE[0][:2]])
    world.keep(runtime.store, here.owner_id, now, [held], path="h.ics")
    talk, key = world._event_id(held, here.owner_id), ""
    with runtime.store.reading(here.owner_id) as tx:
        key = talk_key("after", talk, views.event(tx, talk).start_at)
    row = uncertain(runtime, here.owner_id, now, key=key, kind="after", subject_ref=talk)
    again(owner, row)
    tasks.drain(runtime)
    (once_more,) = [each for each in rows(runtime, here.owner_id) if each.key == f"{key}:again"]
    assert once_more.state == "sent"


def test_once_more_while_held_waits(owner: Browser, here: world.World, runtime: Runtime, now: datetime) -> None:
    row = uncertain(runtime, here.owner_id, now)
    owner.post("/settings/held", {"held": "yes"})
    owner.get("/settings")
    assert HELD in again(owner, row)
