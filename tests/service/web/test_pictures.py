"""Pictures as people get them: whole SVG, a link and a row for each person, nobody else's, nothing that runs.

A change of a drawing changes its golden files by `UPDATE_GOLDEN=1 pytest tests/service/web/test_pictures.py`; look at
the difference, and at the picture.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask import Flask, g, render_template_string

from keepwarm.paths import Step, Way
from keepwarm.pictures import RINGS, History, bars, chain, heat
from keepwarm.store import accounts, contacts
from keepwarm.store.picturing import Known
from keepwarm.texts import Texts
from service.desk import Desk
from service.pages import pictures
from tests.service.web import world
from tests.service.web.conftest import Browser, signed_in
from workers.runtime import Runtime

GOLDEN = Path(__file__).parent / "golden"
PATHS = ("/pictures", "/pictures?by=origin", "/pictures?lines=yes", "/pictures/warmth", "/pictures/warmth?by=weeks",
         "/pictures/months")  # fmt: skip
TAGS = {"svg", "title", "desc", "g", "a", "circle", "rect", "line", "path", "text", "textPath", "defs", "marker"}
ACTIVE = re.compile(r"^on|style|^href$|xlink")
OF_PERSON = re.compile(r"/contacts/[0-9a-f]{32}$")
HOSTILE = (
    "</svg><script>alert(1)</script>", "</title></svg><img src=x onerror=alert(2)>", "\u202eannoN reirraC", "x" * 200,
    "<a href=javascript:alert(3)>x</a>", "]]><script>alert(4)</script>", "&lt;script&gt;", "שרה לוי", "محمد علي حسن",
    "Zo\u0308e\u0301" + "\u0301" * 40, "'\" onload='alert(5)", "\x00\x1b[2J", "{{ 7 * 7 }}", "%s{0}", " ",
)  # fmt: skip


def svgs(page: str) -> list[ET.Element]:
    """The pictures of a page; each must be XML."""
    found = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    return [ET.fromstring(each) for each in found]


def picture_of(page: str) -> ET.Element:
    """The one that is no sample of the legend."""
    (found,) = [each for each in svgs(page) if "sample" not in each.get("class", "")]
    return found


def people_in(picture: ET.Element) -> list[str]:
    """The ids of those drawn."""
    return [each.get("href", "").rpartition("/")[2] for each in picture.iter("a")]


def add_people(runtime: Runtime, owner_id: str, names: list[str]) -> list[str]:
    with runtime.store.transaction(owner_id) as tx:
        return [
            contacts.add_contact(tx, name=name, circle="warm", organisation=name[:30], now=runtime.now())
            for name in names
        ]


@pytest.mark.parametrize("path", PATHS)
def test_every_picture_opens_and_is_whole(owner: Browser, path: str) -> None:
    answer = owner.get(path)
    assert answer.status_code == 200
    picture = picture_of(answer.text)
    assert picture.find("title") is not None
    assert picture.find("desc") is not None
    named = picture.get("aria-labelledby", "").split()
    assert [each.get("id") for each in picture if each.get("id") in named] == named
    for each in picture.iter():
        assert each.tag in TAGS
        assert not [name for name in each.attrib if ACTIVE.search(name) and each.tag not in {"a", "textPath"}]


@pytest.mark.parametrize("path", PATHS)
def test_every_picture_has_the_same_as_a_table(owner: Browser, path: str) -> None:
    table = owner.get(path).text.split("<details", 1)[1]
    assert "<table>" in table
    assert "<tbody>" in table


def test_each_person_has_one_link_and_one_row(owner: Browser, here: world.World) -> None:
    page = owner.get("/pictures").text
    picture, table = picture_of(page), page.split('id="same"')[1]
    assert sorted(people_in(picture)) == sorted(here.ids.values())
    assert re.findall(r'href="(/contacts/[0-9a-f]{32})"', table) == [
        f"/contacts/{here.ids[name]}" for name in names_in(table)
    ]
    titles = [each.findtext("title", "") for each in picture.iter("a")]
    assert any(title.startswith("Noor Willemse, Harbour Museum: ") for title in titles)
    assert all("last in touch" in title for title in titles)


def names_in(table: str) -> list[str]:
    return re.findall(r"<bdi>([^<]+)</bdi>", table)


@pytest.mark.parametrize("path", PATHS)
def test_pictures_speak_dutch(app: Flask, runtime: Runtime, now: datetime, path: str) -> None:
    here = world.settle(runtime.store, now, email="piet@example.org", lang="nl")
    text = signed_in(app, here.owner_id).get(path).text
    assert "Hoe vers" in text
    assert not re.search(r">(Map|My network|warm contact|fresh|closest|talks|Month|new names|me)<", text)


@pytest.mark.parametrize("path", PATHS)
def test_an_empty_account_is_told_what_comes(app: Flask, account: str, path: str) -> None:
    answer = signed_in(app, account).get(path)
    assert answer.status_code == 200
    assert not [each for each in svgs(answer.text) if "sample" not in each.get("class", "")]
    assert "yet" in answer.text.split("<main")[1]


def test_nobody_elses_people_are_drawn(app: Flask, owner: Browser, here: world.World, runtime: Runtime) -> None:
    other = world.settle(runtime.store, runtime.now(), email="other@example.org")
    theirs = set(people_in(picture_of(signed_in(app, other.owner_id).get("/pictures").text)))
    assert theirs == set(other.ids.values())
    assert not theirs & set(people_in(picture_of(owner.get("/pictures").text)))


def test_hostile_names_stay_text(app: Flask, runtime: Runtime, account: str) -> None:
    ids = add_people(runtime, account, [each for each in HOSTILE if each.strip()])
    browser = signed_in(app, account)
    for path in ("/pictures", "/pictures?by=origin", f"/pictures?organisation={HOSTILE[0][:30]}"):
        page = browser.get(path).text
        assert "<script>" not in page
        assert "\u202e" not in page
        assert ">49<" not in page
        assert "x" * 100 not in page
        for each in svgs(page):
            assert {node.tag for node in each.iter()} <= TAGS
            links = [node.get("href", "") for node in each.iter("a")]
            assert all(OF_PERSON.match(link) for link in links)
    assert set(people_in(picture_of(browser.get("/pictures").text))) == set(ids)
    titles = " ".join(each.findtext("title", "") for each in picture_of(browser.get("/pictures").text).iter("a"))
    assert "</svg><script>alert(1)</script>" in titles


def test_more_than_fit_are_counted_and_can_be_turned_to(app: Flask, runtime: Runtime, account: str) -> None:
    ids = add_people(runtime, account, [f"Maximiliana van der Berg-Hoogenboom {n:03}" for n in range(170)])
    browser = signed_in(app, account)
    first, second = browser.get("/pictures"), browser.get("/pictures?page=1")
    assert "20 more fit your choice" in first.text
    assert "page=1" in first.text
    shown = [people_in(picture_of(each.text)) for each in (first, second)]
    assert [len(each) for each in shown] == [150, 20]
    assert {each for part in shown for each in part} == set(ids)
    assert len(first.data) <= 100_000


def test_choices_narrow_the_map(owner: Browser, here: world.World) -> None:
    def drawn(query: str) -> set[str]:
        return set(people_in(picture_of(owner.get(f"/pictures?{query}").text)))

    assert drawn("organisation=harbour+museum") == {here.ids["Noor Willemse"]}
    everybody = set(here.ids.values())
    assert here.ids["Tomas Lind"] in drawn("due=yes") < everybody
    rings = [ring for ring in RINGS if "Nobody fits" not in owner.get(f"/pictures?ring={ring}").text]
    assert {each for ring in rings for each in drawn(f"ring={ring}&by=origin")} == everybody
    assert "Nobody fits this choice." in owner.get("/pictures?ring=close").text


@pytest.mark.parametrize(
    "query", ["ring=x", "by=x", "page=-1", "page=99999", "origin=x", "due=x", "organisation=" + "%F0%9F%8D%8B" * 300]
)
def test_odd_wishes_do_no_harm(owner: Browser, query: str) -> None:
    assert owner.get(f"/pictures?{query}").status_code == 200
    assert owner.get(f"/pictures/warmth?{query}").status_code == 200


def test_lines_are_drawn_on_demand(app: Flask, runtime: Runtime, account: str, now: datetime) -> None:
    me, noor = ("Sam", world.OWNER), ("Noor Willemse", "noor@example.net")
    both = world._mail(1, now - timedelta(days=9), noor, me, sent=False)
    femke = replace(both.participants[1].address, address="femke@example.net", name="Femke")
    with_femke = replace(both, participants=(*both.participants, replace(both.participants[1], address=femke)))
    answers = [world._mail(n, now - timedelta(days=n), me, who, sent=True) for n, who in
               ((2, noor), (3, ("Femke", "femke@example.net")))]  # fmt: skip
    back = world._mail(4, now - timedelta(days=2), ("Femke", "femke@example.net"), me, sent=False)
    world.keep(runtime.store, account, now, [with_femke, *answers, back])
    with runtime.store.transaction(account) as tx:
        contacts.accept(tx, None, now=now)
    browser = signed_in(app, account)
    plain, lined = browser.get("/pictures").text, browser.get("/pictures?lines=yes").text
    assert 'class="lines"' not in ET.tostring(picture_of(plain), encoding="unicode")
    (group,) = [each for each in picture_of(lined).iter("g") if each.get("class") == "lines"]
    assert len(list(group)) == 1
    assert "through Noor Willemse" in lined


def test_the_ways_to_somebody_are_drawn(
    app: Flask, runtime: Runtime, here: world.World, owner: Browser, now: datetime
) -> None:
    people = [("Noor Willemse", "noor.willemse@example.net"), ("Tomas Lind", "tomas.lind@example.com")]
    talk = world.event("both", "Lunch", now - timedelta(days=20), world.OWNER, people)
    world.keep(runtime.store, here.owner_id, now, [talk], path="b.ics")
    page = owner.get(f"/ways/{here.ids['Tomas Lind']}").text
    picture, listed = picture_of(page), page.split('<ol class="list">')[1]
    named = set(re.findall(r'href="/contacts/([0-9a-f]{32})"', listed))
    assert {here.ids["Noor Willemse"], here.ids["Tomas Lind"]} <= named == set(people_in(picture))
    steps = list(picture.iter("line"))
    assert len(steps) >= 2
    assert all(each.findtext("title") for each in steps)
    assert "<svg" not in owner.get("/introductions?at=Nowhere").text


# --- golden ---------------------------------------------------------------------------------------------------------

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SMALL = (  # name, organisation, ring, state, days ago or None, strength, who brought them in
    ("Noor Willemse", "Harbour Museum", "close", "fresh", 3, 44, ""),
    ("Emre Yıldız", "Harbour Museum", "close", "due", 40, 16, ""),
    ("Sanne de Groot", "Waterworks", "warm", "asleep", 230, 6, ""),
    ("Tomas Lind", "Waterworks", "warm", "late", 120, 2, "00"),
    ("</svg><script>alert(1)</script>", "", "lukewarm", "fresh", 9, 1, "01"),
    ("שרה לוי", "", "lukewarm", "new", None, 0, "00"),
    ("Q" * 200, "Zoo", "cold", "none", 5, 0, "02"),
)


def small() -> list[Known]:
    return [
        Known(
            id=f"{n:02}", name=name, organisation=organisation, origins=frozenset(), ring=ring, state=state,
            last_at=None if ago is None else NOW - timedelta(days=ago), strength=strength, since=n, brought_by=by,
        )
        for n, (name, organisation, ring, state, ago, strength, by) in enumerate(SMALL)
    ]  # fmt: skip


def ways() -> list[Way]:
    def step(key: str, name: str, *, doubt: bool = False) -> Step:
        return Step(contact_id=key, name=name, doubt=doubt, why=f"About {name}.")

    one = Way(steps=(step("00", "Noor Willemse"), step("03", "Tomas Lind", doubt=True)), strength=0.5)
    two = Way(steps=(step("01", "Emre"), step("02", "Sanne"), step("03", "Tomas Lind")), strength=0.3)
    return [one, two]


DRAWINGS: dict[str, tuple[str, Callable[[Texts], dict[str, Any]]]] = {
    "map": (
        "{{ svg.map(drawn, group_names, said, true) }}",
        lambda texts: pictures._map(texts, small(), "organisation") | pictures._words(),
    ),
    "heat": (
        "{{ svg.heat(rows, columns, titles) }}",
        lambda _: {
            "rows": heat([History(ring="warm", rhythm=10, moments=[n, 2 * n]) for n in range(1, 6)], [0, 7, 15]),
            "columns": ["a", "b", "c"], "titles": ["A", "B", "C"], **pictures._words(),
        },
    ),
    "months": (
        "{{ svg.months(picture, columns, titles, ('x', 'y')) }}",
        lambda _: {"picture": bars([3, 0, 7], [1, 2, 0]), "columns": ["a", "b", "c"], "titles": ["A", "B", "C"]},
    ),
    "chain": ("{{ svg.chain(picture, 'T') }}", lambda texts: {"picture": chain(ways(), texts("me"))}),
}  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "nl"])
@pytest.mark.parametrize("name", DRAWINGS)
def test_drawings_are_golden(app: Flask, runtime: Runtime, account: str, name: str, lang: str) -> None:
    template, values = DRAWINGS[name]
    with app.test_request_context("/pictures"):
        with runtime.store.reading(account) as tx:
            owner = replace(accounts.owner(tx), lang=lang)
        g.texts = Texts.load(lang)
        g.desk = Desk(runtime=runtime, owner=owner, texts=g.texts, now=NOW)
        source = f'{{% import "pictures/svg.html" as svg with context %}}{template}'
        drawn = render_template_string(source, **values(g.texts)).strip() + "\n"
    ET.fromstring(drawn)
    file = GOLDEN / f"{name}.{lang}.svg"
    if os.environ.get("UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(drawn, encoding="utf-8")
    assert drawn == file.read_text(encoding="utf-8")
