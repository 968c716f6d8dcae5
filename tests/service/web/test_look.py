"""What holds of every page: contrast in both themes, the rooms, the page More, the installed app, Today's one tap."""

from __future__ import annotations

import re
import struct
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from keepwarm.store import changes, contacts, follow_ups, notes, outbox, views
from service import navigation
from service.display import initials
from service.security import CSP
from tests.service.web import world
from tests.service.web.conftest import Browser, signed_in
from tests.service.web.icons import SIZES
from tests.service.web.world import World
from workers.runtime import Runtime

STATIC = Path(__file__).resolve().parents[3] / "service" / "static"
LEGIBLE, VISIBLE = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11

# text on ground, for text that people read
TEXTS = (
    *((text, on) for text in ("ink", "faint", "accent", "danger") for on in ("ground", "sheet")),
    *(("ink", on) for on in ("good", "care", "accent-soft", "field")),
    *(("accent", on) for on in ("good", "care", "accent-soft")),
    *((circle, f"{circle}-soft") for circle in ("warm", "lukewarm", "cold")),
    *((circle, on) for circle in ("warm", "lukewarm", "cold") for on in ("ground", "sheet")),
    ("accent-ink", "accent"), ("ground", "danger"), ("faint", "field"),
)  # fmt: skip
EDGES = (*(("field-line", on) for on in ("ground", "sheet", "field")), ("accent", "ground"), ("accent", "sheet"))


def _tokens(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css))


def themes() -> dict[str, dict[str, str]]:
    css = (STATIC / "keepwarm.css").read_text(encoding="utf-8")
    light, dark = re.findall(r":root \{(.*?)\n\s*\}", css, re.DOTALL)[:2]
    return {"light": _tokens(light), "dark": _tokens(light) | _tokens(dark)}


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """As WCAG 2.2 defines it, 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_is_legible_and_every_edge_visible(theme: str) -> None:
    colours = themes()[theme]
    found = [(pair, contrast(*(colours[each] for each in pair)), LEGIBLE) for pair in TEXTS]
    found += [(pair, contrast(*(colours[each] for each in pair)), VISIBLE) for pair in EDGES]
    assert [(pair, round(value, 2)) for pair, value, wanted in found if value < wanted] == []


def test_the_stylesheet_loads_nothing_from_elsewhere() -> None:
    css = (STATIC / "keepwarm.css").read_text(encoding="utf-8")
    assert set(re.findall(r"url\(([^)]*)\)", css)) == {'"icons.svg"'}
    assert "@import" not in css


def test_static_files_are_kept_by_their_version(owner: Browser, here: World) -> None:
    found = re.search(r'href="(/static/keepwarm\.css\?v=\w+)"', owner.get("/").text)
    assert found
    assert "immutable" in owner.get(found[1]).headers["Cache-Control"]
    for stale in ("/static/keepwarm.css", "/static/keepwarm.css?v=older"):
        assert owner.get(stale).headers["Cache-Control"] == "no-cache"


# --- rooms and More ---------------------------------------------------------------------------------------------------


def test_at_most_six_rooms_and_one_of_them_is_here(owner: Browser, here: World) -> None:
    pages = {"/": "Today", "/contacts": "People", "/judge": "People", "/plan": "Plan", "/coming": "Talks",
             "/talks": "Talks", "/me": "Me", f"/contacts/{here.ids['Tomas Lind']}": "People"}  # fmt: skip
    for path, room in pages.items():
        nav = re.search(r"<nav.*?</nav>", owner.get(path).text, re.DOTALL)
        assert nav
        assert 5 <= nav[0].count("<li>") <= 6
        current = re.findall(r'aria-current="page"><span class="icon \w+"></span>(\w+)', nav[0])
        assert current == [room], path


def test_every_place_leads_somewhere_and_has_a_key_of_its_own(app: Flask, owner: Browser) -> None:
    with app.test_request_context("/"):
        places = [*navigation.rooms(), *(each for row in navigation.others().values() for each in row)]
        keys = [each.key for each in navigation.by_key()]
    assert len(keys) == len(set(keys))
    assert "g" not in keys
    more = owner.get("/more").text
    for place in places:
        with app.test_request_context("/"):
            path = app.url_for(place.endpoint)
        assert owner.get(path, follow=True).status_code == 200, place.endpoint
        assert f'href="{path}"' in more, place.endpoint


def test_a_place_without_a_page_is_left_out(app: Flask) -> None:
    gone = app.view_functions.pop("talks.log")
    with app.test_request_context("/"):
        assert "talks.log" not in {each.endpoint for row in navigation.others().values() for each in row}
    app.view_functions["talks.log"] = gone


def test_new_people_are_a_quiet_number(owner: Browser, here: World, runtime: Runtime, now: datetime) -> None:
    with runtime.store.reading(here.owner_id) as tx:
        number = views.to_judge(tx)
        assert views.to_judge(tx, at_most=3) == 3
    assert f'<span class="count">{number}<span class="unseen"> new</span></span>' in owner.get("/plan").text
    with runtime.store.transaction(here.owner_id) as tx:
        contacts.ignore(tx, [row.id for row in contacts.contacts(tx, states=["proposed"], now=now)], now)
    assert 'class="count"' not in owner.get("/plan").text


# --- the installed app ----------------------------------------------------------------------------------------------


def test_the_manifest_makes_it_installable(stranger: Browser) -> None:
    answer = stranger.get("/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    said = answer.get_json()
    assert (said["start_url"], said["scope"], said["display"]) == ("/", "/", "standalone")
    for icon in said["icons"]:
        assert stranger.get(icon["src"]).status_code == 200, icon
    assert {each["purpose"] for each in said["icons"] if "purpose" in each} == {"any", "maskable"}


@pytest.mark.parametrize("name", SIZES)
def test_icons_have_their_size_and_are_small(name: str) -> None:
    data = (STATIC / name).read_bytes()
    assert struct.unpack(">II", data[16:24]) == (SIZES[name][0],) * 2
    assert len(data) < 20_000


def test_the_worker_may_rule_the_whole_app(stranger: Browser) -> None:
    answer = stranger.get("/worker.js")
    assert "javascript" in answer.mimetype
    assert "worker-src 'self'" in CSP
    assert "manifest-src 'self'" in CSP


def test_the_copy_of_talks_reads_no_waiting_message_and_holds_no_form(owner: Browser, here: World) -> None:
    owner.post(f"/contacts/{here.ids['Tomas Lind']}/answer", {"do": "later"})
    copy = owner.get("/offline")
    assert copy.headers["Keepwarm-Copy"] == "yes"
    assert "Set-Cookie" not in copy.headers
    assert "Coffee with Noor" in copy.text
    assert "The new wing opens in spring." in copy.text, "the questions, with what was said last time"
    for word in ("<form", "csrf_token", "left in peace"):
        assert word not in copy.text, word
    assert "left in peace" in owner.get("/").text, "the message is still there for the next page"


# --- today ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("back", "lands"),
    [("home.today", "/"), ("", None), ("https://evil.example.com", None), ("auth.sign_out", None), ("//x", None)],
)
def test_an_answer_comes_back_to_the_page_it_was_given_on(
    back: str, lands: str | None, owner: Browser, here: World
) -> None:
    path = f"/contacts/{here.ids['Tomas Lind']}"
    assert owner.post(f"{path}/answer", {"do": "done", "back": back}).location == (lands or path)


def test_a_promise_is_kept_on_today(owner: Browser, here: World, runtime: Runtime, now: datetime) -> None:
    who = here.ids["Aisha Rahmani"]
    with runtime.store.transaction(here.owner_id) as tx:
        day = (now + timedelta(days=1)).date()
        notes.add_note(tx, who, now, at=now - timedelta(days=3), said="x", promises=[(True, "bring the drill", day)])
    page = owner.get("/").text
    assert "bring the drill" in page
    form = re.search(rf'action="(/contacts/{who}/promise/\w+)"', page)
    assert form
    assert owner.post(form[1], {"back": "home.today"}).location == "/"
    assert "bring the drill" not in owner.get("/").text


def test_thanks_said_elsewhere_are_told_with_one_tap(
    owner: Browser, here: World, runtime: Runtime, now: datetime
) -> None:
    who = here.ids["Aisha Rahmani"]
    talk = world.event("held", "Talk", now - timedelta(days=4), world.OWNER, [world.PEOPLE[4][:2]])
    world.keep(runtime.store, here.owner_id, now - timedelta(days=6), [talk], path="held.ics")
    page = owner.get("/").text
    assert "A word of thanks" in page
    owner.post(f"/contacts/{who}/answer", {"do": "done", "back": "home.today"})
    assert "A word of thanks" not in owner.get("/").text


def test_somebody_stands_on_today_once_and_goes_when_answered(owner: Browser, here: World) -> None:
    week = _week(owner)
    assert week.count(">Tomas Lind<") == 1
    assert "Noor Willemse" not in week, "met tomorrow anyway"
    owner.post(f"/contacts/{here.ids['Tomas Lind']}/answer", {"do": "let_go", "back": "home.today"})
    assert "Tomas Lind" not in _week(owner)


def test_a_birthday_is_no_reason_once_in_touch_that_day(
    owner: Browser, here: World, runtime: Runtime, now: datetime
) -> None:
    card = world.ContactCard(ref="b", source="vcf", name="Emre", addresses=("emre@example.com",), birthday="--11-25")
    world.keep(runtime.store, here.owner_id, now, [card], path="b.vcf")
    assert "Birthday on Wednesday 25 November." in _week(owner)
    owner.post(f"/contacts/{here.ids['Emre Yıldız']}/answer", {"do": "done", "back": "home.today"})
    assert "Birthday" not in _week(owner)


def test_private_people_are_left_in_peace(owner: Browser, here: World) -> None:
    assert "Tomas Lind" in _week(owner)
    owner.post("/judge", {"id": here.ids["Tomas Lind"], "action": "private", "back": "contacts"})
    assert "Tomas Lind" not in _week(owner)


def test_many_birthdays_are_not_all_named(owner: Browser, here: World, runtime: Runtime, now: datetime) -> None:
    with runtime.store.transaction(here.owner_id) as tx:
        rows = contacts.contacts(tx, states=["proposed"], now=now)
        contacts.accept(tx, [row.id for row in rows], now=now)
    cards = [
        world.ContactCard(
            ref=f"b{row.id}", source="vcf", name=row.name, addresses=(row.addresses[0],), birthday="--11-25"
        )
        for row in rows if row.addresses
    ]  # fmt: skip
    world.keep(runtime.store, here.owner_id, now, cards, path="b.vcf")
    assert _week(owner).count("Birthday on") == 5 < len(cards)
    assert "The rest can wait" in _week(owner)


def test_the_week_holds_as_many_as_the_pace_says(owner: Browser, here: World) -> None:
    assert _week(owner).count('class="somebody"') == 2
    owner.post("/settings", {"name": "Sam", "weekly_people": "1"})
    assert _week(owner).count('class="somebody"') == 1
    assert "The rest can wait" in _week(owner)


def test_those_done_this_week_count_and_nobody_takes_their_place(
    owner: Browser, here: World, runtime: Runtime, now: datetime
) -> None:
    owner.post("/settings", {"group": "rhythm", "weekly_people": "1"})
    (first,) = re.findall(r"/contacts/(\w+)/answer", _week(owner))
    owner.post(f"/contacts/{first}/answer", {"do": "done", "back": "home.today"})
    assert "somebody" not in _week(owner)
    assert "That was it for this week." in _week(owner)
    owner.post("/undo")
    assert first in _week(owner)
    owner.post(f"/contacts/{first}/answer", {"do": "later", "back": "home.today"})
    assert "somebody" not in _week(owner)
    with runtime.store.reading(here.owner_id) as tx:
        assert changes.answered(tx, now) == 1
        assert changes.answered(tx, now + timedelta(days=7)) == 0
    page = owner.get("/changes").text
    assert "Left in peace for a while: " in page
    assert "Got in touch: " in page


def test_one_person_judged_is_told_by_name(owner: Browser, here: World, runtime: Runtime) -> None:
    with runtime.store.reading(here.owner_id) as tx:
        ids = {row.name: row.id for row in contacts.contacts(tx, states=["proposed"], now=runtime.now())}
    for name, do, says in (
        ("Pieter Bos", "warm", "Pieter Bos is in your network now."),
        ("Mark Hendriks", "ignore", "Mark Hendriks is left out, and is not proposed again."),
        ("Daniel Okafor", "never", "Daniel Okafor will never be proposed again."),
    ):
        answer = owner.post("/judge", {"id": ids[name], "action": do}, on="/judge", follow_redirects=True)
        assert says in answer.text
        assert "Leave out: not proposed again" in answer.text


def test_a_follow_up_that_went_out_is_named(owner: Browser, here: World, runtime: Runtime) -> None:
    intent = outbox.Intent(key="put", kind="follow_up_put", subject_ref=here.follow_up_id, run_at=runtime.now())
    with runtime.store.transaction(here.owner_id) as tx:
        outbox.put(tx, intent, runtime.now())
        follow_ups.change(tx, here.follow_up_id, state="placed")
    row = owner.get("/sent").text.partition("<tbody>")[2].partition("</tr>")[0]
    assert "Tomas Lind" in row
    assert "26 November" in row
    for page in ("/coming", "/accounts"):
        assert "They stand in Keepwarm’s own calendar." in owner.get(page).text
        assert "in your calendar" not in owner.get(page).text


def test_today_is_quiet_when_there_is_nothing(runtime: Runtime, app: Flask, now: datetime) -> None:
    owner_id = world.make_owner(runtime.store, now)
    world.keep(runtime.store, owner_id, now, world.mails(now, world.OWNER, [("Ada", "ada@example.net", 4, 4, 2)]))
    with runtime.store.transaction(owner_id) as tx:
        contacts.accept(tx, [row.id for row in contacts.contacts(tx, states=["proposed"], now=now)], now=now)
    page = signed_in(app, owner_id).get("/").text
    assert "it is nobody’s turn yet." in page
    assert page.partition("<main")[2].count("<h2>") == 1, "the people of the week alone"


def _week(owner: Browser) -> str:
    return owner.get("/").text.partition('id="week"')[2].partition("</section>")[0]


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Noor Willemse", "NW"), ("Sanne de Groot", "SG"), ("Ada", "A"), ("<b>x</b> 7", ""), ("", ""), ("李 小龙", "李小"),
     ("ömer ünal", "ÖÜ"), ("\u202eevil", "E")],
)  # fmt: skip
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters
