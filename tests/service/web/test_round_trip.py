"""What forms take comes back out of an export; what an import takes breaks no page and no worker."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from keepwarm.bounds import PACE, day_within
from keepwarm.mails import SHOWN
from keepwarm.plan import HELP
from keepwarm.questions import FOR_ONE_TALK, MOST
from keepwarm.store import Store, accounts, contacts, notes, plans, tagging
from service.words import ORIGINS
from tests.keepwarm.store.test_moving import Document, counts, document, elsewhere, export, full, keep
from tests.service.web import world
from tests.service.web.conftest import Browser, signed_in
from workers import prepare, sync, tasks
from workers.runtime import Runtime

__all__ = ["elsewhere"]  # a fixture


# --- what is odd ---------------------------------------------------------------------------------------------------

Odd = dict[str, dict[str, Any]]
# Every field that is a key, a number, a day, a place or words with places in them: well formed, and none of ours.
PARTS: Odd = {
    "owner": {"lang": "de", "zone": "Mars/Base", "country": "ZZZ", "region": "ZZZZZZZZZZ", "settings": {
        "quiet_from": "08:00", "quiet_to": "08:00", "stopped": ["zzz"], "backlog_weeks": 0, "weekly_people": 19_999_999,
        "weekly_follow_ups": 10**30, "digest_weekday": 9, "weekend": [0, 1, 2, 3, 4, 5, 6], "digest_time": "24:00"}},
    "profile": {"checked": ["zzz"], "spoken": {"de": "hallo"}, "written": {"x y": "z"}},
    "targets": {"link": "javascript:alert(1)", "position": 10**12},
    "goals": {"position": -5},
    "people": {"lang": "de", "register": "xx", "circle": "hot", "can_help": ["zzz"], "origins": ["zzz"],
               "edited": ["zzz"], "rhythm_days": 9_999_999,
               "paused_until": "9999-12-31", "accepted_at": "9999-12-31T23:59:59Z"},
    "meetings": {"zone": "Mars/Base", "end_at": "1900-01-01T00:00:00Z"},
    "plan": {"goal": "zzz", "channel": "zzz", "said": "zzz", "finding": "zzz", "position": 10**12,
             "rest_until": "9999-12-31", "said_at": "0001-01-01T00:00:00Z"},
    "notes": {"at": "2199-12-31T00:00:00Z"},
    "promises": {"due_on": "0001-01-01"},
    "talks": {"type": "zzz", "goal": "zzz", "questions": [
        {"hidden": ["²", "x"], "order": ["talk_²", "talk_99999999999999999"], "worded": {"²": "y", "news": "{x"}},
        "{x.__class__} {"]},
    "own_lists": {"worded": {"thanks": "{x", "news": "{0}"}, "added": ["{password} {name.__class__}", "{"],
                  "hidden": ["²"]},
    "rounds": {"left_out": ["", "a/b", "f" * 32], "news": {"de": "hallo", "en": "{x"}},
    "follow_ups": {"created_at": "1900-01-01T00:00:00Z", "cycle": "zzz"},
}  # fmt: skip
# The same of fields without which an entry would say something else: these are refused, what refers to them is not.
WHOLE: Odd = {
    "goals": {"goal": "zzz"}, "introductions": {"said": "zzz"}, "own_lists": {"type": "zzz"}, "never": {"kind": "zzz"},
    "follow_ups": {"wall": "zzz", "zone": "Mars/Base"}, "rounds": {"kind": "zzz"}, "talks": {"reading": 5},
}  # fmt: skip
LISTS: Odd = {"own_lists": {"lang": "de"}, "follow_ups": {"zone": "Mars/Base"}, "people": {"name": "\u202e "}}


@pytest.fixture
def whole(runtime: Runtime, now: datetime) -> Document:
    """The export of an owner with something in every section."""
    found: Document = json.loads(export(runtime.store, full(runtime.store, now).owner_id, now))
    return found


@pytest.mark.parametrize("change", [PARTS, WHOLE, LISTS], ids=["parts", "whole", "rest"])
def test_odd_values_of_an_import_break_no_page_and_no_worker(
    app: Flask, runtime: Runtime, whole: Document, change: Odd
) -> None:
    for section, fields in change.items():
        for each in whole[section] if isinstance(whole[section], list) else [whole[section]]:
            each.update(fields)
    kim = brought(app, runtime, whole)
    owner_id = owner_of(runtime, "kim@example.com")
    for path in [*without_arguments(app), *about_everything(runtime, kim, owner_id)]:
        assert kim.get(path).status_code in (200, 303, 400, 404), path
    assert kim.get("/settings").status_code == 200
    prepare.prepare_owner(runtime, owner_id)
    tasks.drain(runtime)


def without_arguments(app: Flask) -> list[str]:
    """The addresses of every page about nothing in particular; whether workers run is another matter."""
    every = (rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments)
    return [rule.rule for rule in every if rule.endpoint != "health.ready"]


def about_everything(runtime: Runtime, kim: Browser, owner_id: str) -> list[str]:
    """The addresses of the pages about each person, goal, talk and kind of mail."""
    with runtime.store.reading(owner_id) as tx:
        people = [row.id for row in contacts.contacts(tx, states=None, now=runtime.now()) if row.state != "erased"]
        goals = [None, *(each.id for each in plans.plans(tx))]
        entries = [each.id for goal in goals for each in plans.entries(tx, goal)]
    talks = set(re.findall(r"/(?:coming/talk|talks)/\d+", kim.get("/coming").text + kim.get("/").text))
    return [
        *(f"/settings/mails/{kind}" for kind in SHOWN),
        *(path.format(each) for each in people for path in ("/contacts/{}", "/write/{}", "/contacts/{}/held")),
        *(f"/plan/entries/{each}" for each in entries),
        *(path.format(each) for each in talks for path in ("{}", "{}/read", "{}/print")),
    ]


def owner_of(runtime: Runtime, email: str) -> str:
    with runtime.store.system() as tx:
        found = accounts.owner_by_email(tx, email)
    assert found
    return found.id


def brought(app: Flask, runtime: Runtime, whole: Document) -> Browser:
    """A new owner who uploaded this document, and whose import is over."""
    kim = signed_in(app, world.make_owner(runtime.store, runtime.now(), email="kim@example.com"))
    files = [(io.BytesIO(json.dumps(whole).encode()), "keepwarm.json")]
    kim.post("/files", {"files": files}, on="/files", content_type="multipart/form-data")
    with runtime.store.reading(owner_of(runtime, "kim@example.com")) as tx:
        (batch,) = accounts.batches(tx)
    assert sync.sync_stream(runtime, batch.stream_id).outcome == "done"
    return kim


# --- what our own forms take ---------------------------------------------------------------------------------------

LINE = "Łódź 💡 " * 75  # more than any field of one line takes
TEXT = "Łódź 💡 and every other town on the way " * 100  # more than any other takes
ON = "2026-11-01"


Send = Callable[..., str]


def sender(browser: Browser) -> Send:
    """Sends a form; gives the page that it leads to, where that is asked for."""
    token = browser.token("/settings")

    def send(path: str, form: dict[str, Any], *, look: bool = False) -> str:
        told = form | {"csrf_token": token}
        answer = browser.client.post(path, data=told, headers=browser.headers, follow_redirects=look)
        assert answer.status_code in (200, 303, 400), path  # what is one too many is refused in words
        return answer.text

    return send


def fill(send: Send, here: world.World) -> None:
    """Everything that forms take, as long, as many and as far away as they take it."""
    noor, emre, tomas = (here.ids[each] for each in ("Noor Willemse", "Emre Yıldız", "Tomas Lind"))
    edits = {"organisation": LINE, "role": LINE, "organisation_kind": LINE, "private": "yes", "close": "yes",
             "interesting": "yes", "can_help": [*HELP], "origins": [*ORIGINS], "register": "u",
             "circle": "cold"}  # fmt: skip
    send(f"/contacts/{tomas}/edit", edits | {"name": LINE, "rhythm_days": "03650", "paused_until": "2200-12-31"})
    send(f"/contacts/{emre}/edit", {"name": "Emre", "rhythm_days": "0", "paused_until": "1900-01-01"})
    for number in range(tagging.PER_PERSON + 1):
        send(f"/contacts/{noor}/tag", {"word": f"{number} {LINE}"})
    talk = {"said": TEXT, "tips": TEXT, "names": "Bo de Wit <bo@example.net>\n" * 50, "mine": LINE, "theirs": LINE}
    for day in ("1900-01-01", "2200-12-31"):
        send(f"/contacts/{noor}/note", talk | {"mine_on": day, "theirs_on": day, "on": day, "finding": "real_chance"})
    send(f"/contacts/{noor}/plan", {"goal": "learn_vacancy", "find_out": TEXT, "sector": LINE, "wanted_role": LINE,
                                        "named_person": LINE})  # fmt: skip
    fill_plans(send, here)
    fill_lists(send, here)
    send("/never", {"told": f"{'x' * 64}@{'y' * 60}.{'z' * 60}.example"})
    send("/round", {"news_en": TEXT, "news_nl": TEXT, "kind": "closing"})
    for each in (emre, emre, noor):
        send("/round/leave-out", {"contact": each})
    most = {name: f"000{bounds[-1]}" for name, bounds in PACE.items()}
    send("/settings", most | {"name": LINE, "region": "zh-holland", "country": "NL", "digest_time": "23:59",
                                  "days": "yes", "day": ["6"], "mails": "yes", "mail": []})  # fmt: skip


def fill_plans(send: Send, here: world.World) -> None:
    for goal in ("learn_field", "explore_market", "present_self"):
        send("/plan/goals", {"goal": goal, "words": LINE})
    page = send("/plan/goals", {"goal": "learn_field", "words": LINE}, look=True)
    plan = re.findall(r"/plan/goals/(\w{32})", page)[-1]
    send("/plan/entries", {"plan": plan, "role": LINE, "organisation": LINE})
    send("/plan/entries", {"plan": plan, "contact": here.ids["Aisha Rahmani"]})
    (entry, *_) = re.findall(r"/plan/entries/(\w{32})", send("/plan/order", {"plan": plan}, look=True))
    send(f"/plan/entries/{entry}", {"role": LINE, "organisation": LINE, "find_out": TEXT, "reading": TEXT,
                                        "channel": "social", "goal": "present_self"})  # fmt: skip
    send(f"/plan/entries/{entry}/state", {"state": "not_now", "until": "month"})
    send("/plan/introductions", {"via": here.ids["Noor Willemse"], "contact": here.ids["Sanne de Groot"]})
    sectors = "\n".join(f"{each} {TEXT[:120]}" for each in range(30))
    me = dict.fromkeys(("wishes", "education", "experience", "spoken_en", "written_nl"), TEXT)
    send("/me", me | {"role": LINE, "checked": "photo", "sectors": sectors})
    link = "https://waterworks.example/" + "x" * 470
    send("/me/targets", {"name": LINE, "why": LINE, "link": link})


def fill_lists(send: Send, here: world.World) -> None:
    for number in range(MOST + 1):
        send("/questions/keep_up", {"do": "add", "text": f"{number} {{name}} {LINE}"})
    send("/questions/keep_up", {"do": "word", "question": "thanks", "text": LINE})
    send("/questions/keep_up", {"do": "hide", "question": "my_progress"})
    talk = f"/coming/talk/{here.talk_id}"
    send(f"{talk}/type", {"type": "vacancy"})
    send(f"{talk}/purpose", {"goal": "learn_vacancy", "reading": TEXT})
    for number in range(FOR_ONE_TALK + 1):
        send(f"{talk}/questions", {"do": "add", "text": f"{number} {{x {LINE}"})
    for do, text in (("word", "{so} " + LINE), ("later", ""), ("leave_out", "")):
        page = send(f"{talk}/type", {"type": "vacancy"}, look=True)
        question = re.findall(r'name="question" value="([^"]+)"', page)[0]
        send(f"{talk}/questions", {"do": do, "question": question, "text": text})


@pytest.fixture
def beyond(elsewhere: Store, now: datetime) -> str:
    """An owner with nothing on another installation."""
    return world.make_owner(elsewhere, now, email="sam@example.net")


def test_all_that_forms_take_comes_back(
    owner: Browser, here: world.World, runtime: Runtime, elsewhere: Store, beyond: str, now: datetime
) -> None:
    fill(sender(owner), here)
    data = export(runtime.store, here.owner_id, now)
    keep(elsewhere, beyond, data, now)
    assert counts(elsewhere, beyond)[2:] == (0, 0)
    before, after = document(data), document(export(elsewhere, beyond, now))
    before["owner"]["own_addresses"].insert(0, {"address": "sam@example.net", "own": True})
    for name in before:
        assert after[name] == before[name], name
    assert [name for name, each in before.items() if not each] == ["different"]


@pytest.mark.parametrize("day", ["2999-01-01", "0001-01-01"])
def test_days_kept_before_they_had_bounds_come_back_too(
    here: world.World, runtime: Runtime, elsewhere: Store, beyond: str, now: datetime, day: str
) -> None:
    tomas = here.ids["Tomas Lind"]
    with runtime.store.transaction(here.owner_id) as tx:
        contacts.edit(tx, tomas, now, paused_until=date.fromisoformat(day))
        notes.add_note(tx, tomas, now, said="A word.", promises=[(True, "to call", date.fromisoformat(day))])
    keep(elsewhere, beyond, export(runtime.store, here.owner_id, now), now)
    assert counts(elsewhere, beyond)[2:] == (0, 0)
    nearest = day_within(date.fromisoformat(day))
    with elsewhere.reading(beyond) as tx:
        assert contacts.contact(tx, tomas, now).paused_until == nearest
        assert [each.due_on for each in notes.promises(tx, tomas)] == [nearest]


def test_a_mass_meeting_comes_back_with_everybody_and_a_title_that_is_cut(
    here: world.World, runtime: Runtime, elsewhere: Store, beyond: str, now: datetime
) -> None:
    guests = [world.PEOPLE[0][:2], *((f"P {number}", f"p{number}@example.org") for number in range(250))]
    met = world.event("big", "All hands " + "x" * 2_500, now - timedelta(days=3), world.OWNER, guests)
    world.keep(runtime.store, here.owner_id, now, [met], path="big.ics")
    keep(elsewhere, beyond, export(runtime.store, here.owner_id, now), now)
    assert counts(elsewhere, beyond)[2:] == (0, 0)
    after = document(export(elsewhere, beyond, now))["meetings"]
    (big,) = (each for each in after if each["uid"] == "big")
    assert (len(big["people"]), len(big["title"])) == (252, 2_000)
