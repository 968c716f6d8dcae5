"""The room People: tabs, search, filters, several at once, tags, pairs, one person, and everything held about them."""

from __future__ import annotations

import json
import re
from datetime import datetime

import pytest
from flask import Flask

from keepwarm.store import contacts, tagging
from keepwarm.store.contacts import ContactRow
from tests.service.web import world
from tests.service.web.conftest import Browser, signed_in
from tests.service.web.test_outsiders import CANARIES, unescaped
from workers.runtime import Runtime

NAME = re.compile(r"<strong><bdi>([^<]*)</bdi></strong>")


def listed(browser: Browser, address: str) -> list[str]:
    return NAME.findall(browser.get(address).text)


def rows(runtime: Runtime, owner_id: str, *states: str) -> list[ContactRow]:
    with runtime.store.reading(owner_id) as tx:
        return contacts.contacts(tx, states=states or None, now=runtime.now())


def undo(browser: Browser, page: str) -> None:
    change = re.search(r'name="change" value="(\d+)"', page)
    assert change, "there is one button that takes it back"
    browser.post("/undo", {"change": change[1], "back": "contacts.everybody"})


# --- the list ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", {"Aisha Rahmani", "Emre Yıldız", "Noor Willemse", "Sanne de Groot", "Tomas Lind"}),
        ("?q=yildiz", {"Emre Yıldız"}), ("?q=gro+SANN", {"Sanne de Groot"}), ("?q=femke", {"Noor Willemse"}),
        ("?at=harbour+museum", {"Noor Willemse"}), ("?fresh=asleep", {"Sanne de Groot", "Tomas Lind"}),
        ("?untalked=yes&q=noor", set()), ("?circle=warm&q=tomas&fresh=asleep", {"Tomas Lind"}),
        ("?circle=hot&fresh=never&sort=odd&tab=nowhere&page=x&q=tomas", {"Tomas Lind"}), ("?tab=never", set()),
        ("?origin=mail&q=emre", {"Emre Yıldız"}), ("?close=yes", set()), ("?tag=nothing", set()),
        ("?tab=new&q=okafor", {"Daniel Okafor"}), ("?tab=left_out", set()), ("?tab=private", set()),
    ],
)  # fmt: skip
def test_words_and_filters(owner: Browser, asked: str, found: set[str]) -> None:
    assert set(listed(owner, f"/contacts{asked}")) == found


@pytest.mark.parametrize(
    ("asked", "links"),
    [
        ("?q=okafor", ["/contacts?q=okafor&tab=new"]), ("?tab=never&q=noor", ["/contacts?tab=network&q=noor"]),
        ("?q=nobody+at+all", []), ("?q=noor", []),
        ("?tab=private&circle=warm&q=lind", ["/contacts?tab=network&q=lind&circle=warm"]),
    ],
)  # fmt: skip
def test_a_search_without_a_hit_tells_of_the_other_tabs(owner: Browser, asked: str, links: list[str]) -> None:
    page = owner.get(f"/contacts{asked}").text
    found = page[page.index('<div id="found">') :]
    told = re.findall(r'<li><a href="([^"]+)">1 (?:among|in|on)', found)
    assert [each.replace("&amp;", "&") for each in told] == links
    assert ("Nor does anybody in another tab" in page) == (asked == "?q=nobody+at+all")


def test_the_same_words_take_in_and_leave_out_everywhere(owner: Browser, here: world.World, runtime: Runtime) -> None:
    (daniel,) = [row for row in rows(runtime, here.owner_id, "proposed") if row.name == "Daniel Okafor"]
    pages = {path: owner.get(path).text for path in ("/judge", "/first/pick", f"/contacts/{daniel.id}")}
    for path, page in pages.items():
        buttons = [each.strip() for each in re.findall(r"<button[^>]*>([^<]*)</button>", page)]
        assert {"Warm", "Lukewarm", "Leave out"} <= set(buttons), path
    for path in ("/judge", f"/contacts/{daniel.id}"):
        assert {"Keep as private", "Never"} <= set(re.findall(r"<button[^>]*>([^<]*)</button>", pages[path])), path


@pytest.mark.parametrize("circle", ["warm", "lukewarm", "cold"])
def test_one_tap_takes_somebody_new_in(owner: Browser, here: world.World, runtime: Runtime, circle: str) -> None:
    (daniel,) = [row for row in rows(runtime, here.owner_id, "proposed") if row.name == "Daniel Okafor"]
    owner.post("/judge", {"id": daniel.id, "action": circle})
    (found,) = [row for row in rows(runtime, here.owner_id, "active") if row.id == daniel.id]
    assert (found.circle, found.private) == (circle, False)


def test_chips_say_what_narrows_and_take_it_away(owner: Browser) -> None:
    page = owner.get("/contacts?circle=warm&fresh=asleep&q=lind&at=Waterworks").text
    chips = re.search(r'<ul class="chips".*?</ul>', page, re.DOTALL)
    assert chips
    addresses = {each.replace("&amp;", "&") for each in re.findall(r'href="([^"]+)"', chips[0])}
    assert "/contacts?q=lind&circle=warm&at=Waterworks" in addresses
    assert listed(owner, "/contacts?q=lind&circle=warm&fresh=asleep") == ["Tomas Lind"]
    assert "time to get in touch" not in chips[0]
    assert "silent for long" in chips[0]


def test_what_the_script_takes_over_is_there(owner: Browser) -> None:
    page = owner.get("/contacts").text
    assert 'data-search="found"' in page
    assert '<div id="found">' in page
    assert 'data-select-all="id"' in page


def test_tabs_count(owner: Browser, here: world.World, runtime: Runtime) -> None:
    new = len(rows(runtime, here.owner_id, "proposed"))
    for address in ("/contacts", "/judge", "/twice", "/tags"):
        tabs = re.search(r'<nav class="tabs".*?</nav>', owner.get(address).text, re.DOTALL)
        assert tabs
        assert re.findall(r'number">(\d+)<', tabs[0]) == ["5", str(new), "1"], address


def test_pages_of_many(app: Flask, runtime: Runtime, account: str, now: datetime) -> None:
    browser = signed_in(app, account)
    with runtime.store.transaction(account) as tx:
        for number in range(120):
            contacts.add_contact(tx, name=f"Person {number:03}", now=now)
    pages = [listed(browser, f"/contacts?page={number}") for number in range(4)]
    assert [len(each) for each in pages] == [50, 50, 20, 0]
    assert [each for page in pages for each in page] == [f"Person {number:03}" for number in range(120)]
    assert len(browser.get("/contacts").data) < 100_000


def test_nobody_is_a_page_too(app: Flask, account: str) -> None:
    browser = signed_in(app, account)
    for address in ("/contacts", "/contacts?tab=private", "/contacts?tab=never", "/contacts?tab=left_out", "/judge",
                    "/contacts?tab=new", "/contacts?q=x", "/twice", "/tags"):  # fmt: skip
        answer = browser.get(address)
        assert answer.status_code == 200
        assert 'class="panel"' in answer.text


# --- several at once --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "changed"),
    [
        ({"do": "circle", "to_circle": "cold"}, lambda row: row.circle == "cold"),
        ({"do": "private"}, lambda row: row.private),
        ({"do": "ignore"}, lambda row: row.state == "ignored"),
        ({"do": "never"}, lambda row: row.state == "never"),
        ({"do": "later", "until": "month"}, lambda row: row.paused_until is not None),
    ],
)
def test_one_word_about_several_and_its_undo(
    owner: Browser, here: world.World, runtime: Runtime, form: dict[str, object], changed: object
) -> None:
    before = rows(runtime, here.owner_id)
    two = [here.ids["Tomas Lind"], here.ids["Noor Willemse"]]
    page = owner.post(
        "/contacts/many", {"id": two, "tab": "network", **form}, on="/contacts", follow_redirects=True
    ).text
    after = {row.id: row for row in rows(runtime, here.owner_id)}
    assert [changed(after[each]) for each in two] == [True, True]  # type: ignore[operator]  # a table's own question
    assert [row for row in before if row.id not in two] == [after[row.id] for row in before if row.id not in two]
    undo(owner, page)
    assert rows(runtime, here.owner_id) == before


def test_several_tags_at_once_are_taken_back_at_once(owner: Browser, here: world.World) -> None:
    noor = here.ids["Noor Willemse"]
    owner.post(f"/contacts/{noor}/tag", {"word": "choir, heat pumps, Utrecht"})
    for word in ("choir", "heat pumps", "utrecht"):
        assert listed(owner, f"/contacts?tag={word}") == ["Noor Willemse"]
    owner.post("/undo")
    assert "No tags yet" in owner.get("/tags").text


def test_a_tag_on_several_is_found_and_taken_back(owner: Browser, here: world.World) -> None:
    two = [here.ids["Tomas Lind"], here.ids["Noor Willemse"]]
    form = {"id": two, "do": "tag", "word": "Choir", "tab": "network"}
    page = owner.post("/contacts/many", form, on="/contacts", follow_redirects=True).text
    assert listed(owner, "/contacts?tag=choir") == ["Noor Willemse", "Tomas Lind"] == listed(owner, "/contacts?q=choir")
    undo(owner, page)
    assert listed(owner, "/contacts?tag=choir") == []


def test_all_found_are_meant_only_while_they_are_as_many(
    app: Flask, runtime: Runtime, account: str, now: datetime
) -> None:
    browser = signed_in(app, account)
    with runtime.store.transaction(account) as tx:
        for number in range(70):
            contacts.add_contact(tx, name=f"Person {number:03}", organisation="Museum" if number % 2 else "", now=now)
    page = browser.get("/contacts?at=museum").text
    assert 'name="all"' not in page, "one page: ticking does"
    assert 'name="all" value="70"' in browser.get("/contacts").text
    wrong = {"all": "69", "do": "ignore", "tab": "network"}
    assert "Nothing was changed" in browser.post("/contacts/many", wrong, follow_redirects=True).text
    assert rows(runtime, account, "ignored") == []
    browser.post("/contacts/many", {"all": "35", "at": "museum", "do": "ignore", "tab": "network"})
    assert len(rows(runtime, account, "ignored")) == 35
    page = browser.post("/contacts/many", {"all": "35", "do": "network", "tab": "left_out"}, follow_redirects=True).text
    assert rows(runtime, account, "ignored") == []
    undo(browser, page)
    assert len(rows(runtime, account, "ignored")) == 35


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"do": "ignore"}, "Nobody was chosen"), ({"do": "explode", "id": "x"}, "Nobody was chosen"),
        ({"do": "circle", "to_circle": "hot"}, "Choose a circle first"),
        ({"do": "tag", "word": "\u200b"}, "needs a word"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said(owner: Browser, here: world.World, form: dict[str, object], says: str) -> None:
    whom = {"id": here.ids["Tomas Lind"]} if form["do"] in ("circle", "tag") else {}
    assert says in owner.post("/contacts/many", {**whom, **form}, on="/contacts", follow_redirects=True).text


def test_others_people_are_not_there(app: Flask, here: world.World, runtime: Runtime, now: datetime) -> None:
    other = signed_in(app, world.make_owner(runtime.store, now, email="kim@example.org"))
    noor = here.ids["Noor Willemse"]
    assert other.post("/contacts/many", {"id": noor, "do": "never"}).status_code == 404
    for path in (
        f"/contacts/{noor}",
        f"/contacts/{noor}/held",
        f"/contacts/{noor}/held.json",
        f"/contacts/{noor}/card.vcf",
    ):
        assert other.get(path).status_code == 404, path
    for path in (f"/contacts/{noor}/tag", f"/contacts/{noor}/untag"):
        assert other.post(path, {"word": "x", "tag": "x"}).status_code == 404, path
    assert other.post("/tags/rename", {"tag": "choir", "word": "x"}).status_code == 404
    assert other.post("/twice/apart", {"join": "1"}).status_code == 404
    assert other.post("/twice/apart", {"join": "x"}).status_code == 404


# --- tags -------------------------------------------------------------------------------------------------------------


def test_tags_come_and_go_and_are_renamed(owner: Browser, here: world.World, runtime: Runtime) -> None:
    noor = here.ids["Noor Willemse"]
    assert "Tagged" in owner.post(f"/contacts/{noor}/tag", {"word": "Choir, Utrecht"}, follow_redirects=True).text
    assert "there already" in owner.post(f"/contacts/{noor}/tag", {"word": "CHOIR"}, follow_redirects=True).text
    assert "needs a word" in owner.post(f"/contacts/{noor}/tag", {"word": " , "}, follow_redirects=True).text
    owner.post(f"/contacts/{noor}/untag", {"tag": "utrecht"})
    assert (
        "Renamed on 1 person"
        in owner.post("/tags/rename", {"tag": "choir", "word": "Singing"}, follow_redirects=True).text
    )
    with runtime.store.reading(here.owner_id) as tx:
        assert [each.word for each in tagging.tags(tx)] == ["Singing"]
    assert listed(owner, "/contacts?q=singing") == ["Noor Willemse"]
    page = owner.post("/tags/remove", {"tag": "singing"}, follow_redirects=True).text
    assert "Taken off 1 person" in page
    undo(owner, page)
    assert "Singing" in owner.get("/tags").text


# --- pairs ------------------------------------------------------------------------------------------------------------


def test_a_pair_stands_side_by_side_with_what_it_would_be(owner: Browser, here: world.World) -> None:
    page = owner.get("/twice").text
    assert "They have the same name" in page
    together = re.findall(r'data-label="Together">(.*?)</td>', page, re.DOTALL)
    assert "lotte@example.net" in together[1]
    assert "l.vermeer@example.com" in together[1]
    keep = re.search(r'name="keep" value="(\w+)"', page)
    swap = re.search(r'href="(/twice\?keep=(\w+)[^"]*)"', page)
    assert keep
    assert swap
    assert keep[1] != swap[2]
    assert f'name="keep" value="{swap[2]}"' in owner.get(swap[1].replace("&amp;", "&")).text


def test_what_a_pair_has_alike_can_be_shown_once_and_what_differs_never(owner: Browser, here: world.World) -> None:
    found = re.findall(r'<tr( class="same")?><th scope="row">([^<]+)', owner.get("/twice").text)
    assert {label for same, label in found if same} == {"Work", "How it stands", "Where from"}
    assert {label for same, label in found if not same} == {"Name", "Address", "Circle", "In touch"}


def test_a_join_is_taken_back_though_one_went_on(owner: Browser, here: world.World, runtime: Runtime) -> None:
    pair = re.search(r'name="pair" value="(\w+)".*?name="keep" value="(\w+)"', owner.get("/twice").text, re.DOTALL)
    assert pair
    owner.post("/judge/alike", {"pair": pair[1], "keep": pair[2], "action": "join"})
    owner.post(f"/contacts/{pair[2]}/note", {"said": "About the garden."})
    owner.post(f"/contacts/{pair[2]}/edit", {"name": "Lotte V.", "circle": "warm"})
    page = owner.get("/twice").text
    join = re.search(r'name="join" value="(\d+)"', page)
    assert join
    assert "with Lotte Vermeer, on 23 November 2026" in page
    assert "two people again" in owner.post("/twice/apart", {"join": join[1]}, follow_redirects=True).text
    assert sorted(row.name for row in rows(runtime, here.owner_id) if row.name.startswith("Lotte")) == [
        "Lotte V.",
        "Lotte Vermeer",
    ]
    assert "About the garden." in owner.get(f"/contacts/{pair[2]}").text
    assert 'name="join"' not in owner.get("/twice").text


def test_a_join_bound_by_never_says_what_to_do(owner: Browser, here: world.World) -> None:
    pair = re.search(r'name="pair" value="(\w+)".*?name="keep" value="(\w+)"', owner.get("/twice").text, re.DOTALL)
    assert pair
    owner.post("/judge/alike", {"pair": pair[1], "keep": pair[2], "action": "join"})
    join = re.search(r'name="join" value="(\d+)"', owner.get("/twice").text)
    assert join
    owner.post("/judge", {"id": pair[2], "action": "never"})
    assert "take that back first" in owner.post("/twice/apart", {"join": join[1]}, follow_redirects=True).text


# --- one person -------------------------------------------------------------------------------------------------------


def test_one_person_tells_what_matters(owner: Browser, here: world.World) -> None:
    page = owner.get(f"/contacts/{here.ids['Noor Willemse']}").text
    for each in ("you meet on Tuesday 24 November, 10:30", "send the article on lamps", "The new wing opens in spring.",
                 "Ask for Femke.", "23 mails", "Sent.mbox", "How we know each other", "Everything we hold",
                 "You wrote 14 times"):  # fmt: skip
        assert each in page, each
    assert page.count('<li class="sent">') + page.count('<li class="received">') == 23
    assert "Next follow-up" in owner.get(f"/contacts/{here.ids['Tomas Lind']}").text


def test_mails_show_direction_and_date_only(owner: Browser, here: world.World) -> None:
    page = owner.get(f"/contacts/{here.ids['Emre Yıldız']}").text
    found = re.findall(r'<li class="(?:sent|received)">(.*?)</li>', page, re.DOTALL)
    assert len(found) == 19
    assert {re.sub(r"<[^>]+>|[\d]+ \w+ \d{4}|\s+", "", each) for each in found} == {"youwrote", "theywrote"}


def test_who_brought_whom_is_linked(
    app: Flask, owner: Browser, here: world.World, runtime: Runtime, now: datetime
) -> None:
    owner.post(f"/contacts/{here.ids['Noor Willemse']}/note", {"names": "Femke Dijk, Harbour Museum"})
    femke = next(row for row in rows(runtime, here.owner_id) if row.name == "Femke Dijk")
    assert f'href="/contacts/{femke.id}"' in owner.get(f"/contacts/{here.ids['Noor Willemse']}").text
    assert f'href="/contacts/{here.ids["Noor Willemse"]}"' in owner.get(f"/contacts/{femke.id}").text
    assert "None known." in owner.get(f"/contacts/{femke.id}").text


@pytest.mark.parametrize(
    ("action", "back"),
    [("private", ["Take into my network"]), ("ignore", ["Warm", "Lukewarm", "Cold"]), ("never", ["Warm", "Lukewarm"])],
)
def test_a_person_out_of_the_network_has_a_page_too(
    owner: Browser, here: world.World, action: str, back: list[str]
) -> None:
    tomas = here.ids["Tomas Lind"]
    owner.post("/judge", {"id": tomas, "action": action})
    answer = owner.get(f"/contacts/{tomas}")
    assert answer.status_code == 200
    assert all(f">{each}</button>" in answer.text for each in back)
    assert "I got in touch" not in answer.text


# --- all that is held -------------------------------------------------------------------------------------------------


def test_everything_held_is_shown_and_handed_out(owner: Browser, here: world.World, runtime: Runtime) -> None:
    noor = here.ids["Noor Willemse"]
    owner.post(f"/contacts/{noor}/tag", {"word": "choir"})
    page = owner.get(f"/contacts/{noor}/held").text
    for each in ("noor.willemse@example.net", "The new wing opens in spring.", "send the article on lamps", "choir",
                 "Coffee with Noor", "Mails", "25 August 2026"):  # fmt: skip
        assert each in page, each
    answer = owner.get(f"/contacts/{noor}/held.json")
    told = json.loads(answer.text)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="keepwarm-person.json"'
    assert (told["format"], told["version"], len(told["mails"])) == ("keepwarm person", 1, 23)
    assert told["contact"][0]["name"] == "Noor Willemse"
    card = owner.get(f"/contacts/{noor}/card.vcf")
    assert card.mimetype == "text/vcard"
    for line in ("FN:Noor Willemse", "EMAIL:noor.willemse@example.net", "ORG:Harbour Museum", "CATEGORIES:choir"):
        assert line in card.text.split("\r\n")


def test_what_was_held_is_gone_after_erasing(owner: Browser, here: world.World) -> None:
    noor = here.ids["Noor Willemse"]
    owner.post(f"/contacts/{noor}/erase", {"sure": "yes"})
    for path in ("held", "held.json", "card.vcf"):
        assert owner.get(f"/contacts/{noor}/{path}").status_code == 404
    assert listed(owner, "/contacts?q=lamps") == listed(owner, "/contacts?q=noor") == []


def test_hostile_names_and_tags_stay_text_in_every_corner(owner: Browser, here: world.World, runtime: Runtime) -> None:
    noor = here.ids["Noor Willemse"]
    for text in CANARIES[::3]:
        owner.post(f"/contacts/{noor}/edit", {"name": text, "organisation": text, "role": text, "circle": "warm"})
        owner.post(f"/contacts/{noor}/tag", {"word": text})
        with runtime.store.reading(here.owner_id) as tx:
            key = tagging.tags_of(tx, [noor])[noor][-1].key
        for path in ("/contacts", "/tags", f"/contacts/{noor}", f"/contacts/{noor}/held"):
            assert not unescaped(owner.get(path).text), (path, text)
        found = owner.client.get("/contacts", query_string={"at": text, "tag": key, "q": text}).text
        assert not unescaped(found), text
        owner.post(f"/contacts/{noor}/untag", {"tag": key})


def test_dutch_has_no_english_left(app: Flask, runtime: Runtime, now: datetime) -> None:
    there = world.settle(runtime.store, now, email="kees@example.org", lang="nl")
    browser = signed_in(app, there.owner_id)
    browser.post(f"/contacts/{there.ids['Noor Willemse']}/tag", {"word": "koor"})
    for path, word in (("/contacts", "Verfijnen"), ("/judge", "Nieuw"), ("/twice", "Deze blijft"), ("/tags", "Labels"),
                       (f"/contacts/{there.ids['Noor Willemse']}", "Gesprek noteren"),
                       (f"/contacts/{there.ids['Noor Willemse']}/held", "Alles wat over")):  # fmt: skip
        page = browser.get(path).text
        assert word in page, path
        words = re.sub(r"<[^>]+>|The new wing opens|send the article", " ", page.partition("<main")[2])
        assert not re.search(r"\b(the|your|people|nobody|everybody)\b", words), path


def test_what_is_said_on_the_page_of_a_person_leads_back_to_people(owner: Browser, here: world.World) -> None:
    """Taking a change back may take the person along, so that their pages are no place to go back to."""
    path = f"/contacts/{here.ids['Noor Willemse']}"
    for page in (path, f"{path}/held"):
        owner.post(f"{path}/tag", {"word": f"word {len(page)}"}, on=path)
        assert 'name="back" value="contacts.everybody"' in owner.get(page).text, page


def test_a_talk_with_somebody_begins_on_their_page(owner: Browser, here: world.World) -> None:
    noor = here.ids["Noor Willemse"]
    assert f'href="/talks/new?with={noor}"' in owner.get(f"/contacts/{noor}").text
    assert "Noor Willemse" in owner.get(f"/talks/new?with={noor}").text
