"""The page that offers a message: text and links, and that nothing is sent."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime

import pytest

from keepwarm.store import accounts, contacts, outbox, plans, profiles
from tests.service.web import world
from tests.service.web.conftest import Browser
from workers.runtime import Runtime


def test_a_first_word_with_its_links(owner: Browser, here: world.World, runtime: Runtime) -> None:
    sanne = here.ids["Sanne de Groot"]
    with runtime.store.transaction(here.owner_id) as tx:
        contacts.edit(tx, sanne, runtime.now(), circle="lukewarm")
        plan = plans.add_plan(tx, runtime.now(), goal="learn_field")
        plans.add_entry(tx, plan, runtime.now(), contact_id=sanne, introducer_id=here.ids["Emre Yıldız"])
    page = owner.get(f"/write/{sanne}").text
    assert "both know Emre Yıldız" in page
    assert "about twenty minutes" in page
    assert 'href="mailto:s.degroot@example.net?subject=' in page
    assert "Keepwarm never writes to anybody but you" in page
    assert "Thank you for" in owner.get(f"/write/{sanne}?kind=thank").text


@pytest.mark.parametrize(
    ("who", "inside"), [({}, False), ({"role": "Museum guide"}, True), ({"organisation": "Stadsmuseum"}, True)]
)
def test_a_field_is_only_theirs_where_something_says_so(
    who: dict[str, str], inside: bool, owner: Browser, here: world.World, runtime: Runtime
) -> None:
    sanne = here.ids["Sanne de Groot"]
    with runtime.store.transaction(here.owner_id) as tx:
        contacts.edit(tx, sanne, runtime.now(), **who)
        profiles.save_profile(tx, runtime.now(), sectors=["museum"])
        plans.add_plan(tx, runtime.now(), goal="learn_field")
    page = owner.get(f"/write/{sanne}").text
    assert ("and you work in the middle of it" in page) is inside
    assert ("Perhaps you know it, or somebody who works in it" in page) is not inside


@pytest.mark.parametrize("planned", [True, False])
def test_ten_people_in_a_row_are_not_offered_the_same_hour(
    planned: bool, owner: Browser, here: world.World, runtime: Runtime, now: datetime
) -> None:
    with runtime.store.transaction(here.owner_id) as tx:
        contacts.accept(tx, [row.id for row in contacts.contacts(tx, states=["proposed"], now=now)], now=now)
        people = [row.id for row in contacts.contacts(tx, states=["active"], now=now)][:10]
        plan = plans.add_plan(tx, now, goal="learn_field")
        for each in people if planned else ():
            plans.add_entry(tx, plan, now, contact_id=each)
    offered = {each: _moments(owner, each) for each in people}
    assert all(len(set(moments)) == 2 for moments in offered.values())
    counted = Counter(each for moments in offered.values() for each in moments)
    assert max(counted.values()) <= (2 if planned else 3)
    assert offered == {each: _moments(owner, each) for each in people}, "the same when the page is loaded again"


def _moments(owner: Browser, contact_id: str) -> list[str]:
    body = owner.get(f"/write/{contact_id}").text.partition("<textarea")[2].partition("<")[0]
    return re.findall(r"\w+day \d+ \w+ at \d\d:\d\d", body)


def test_a_request_to_be_introduced(owner: Browser, here: world.World) -> None:
    emre, sanne = here.ids["Emre Yıldız"], here.ids["Sanne de Groot"]
    page = owner.get(f"/write/{emre}?kind=introduction&whom={sanne}").text
    assert "you know Sanne de Groot" in page
    assert owner.get(f"/write/{emre}?kind=introduction").status_code == 404
    assert owner.get(f"/write/{emre}?kind=introduction&whom=nobody").status_code == 404
    assert owner.get("/write/nobody").status_code == 404


def test_ways_lead_to_it(owner: Browser, here: world.World, runtime: Runtime) -> None:
    emre, sanne = here.ids["Emre Yıldız"], here.ids["Sanne de Groot"]
    with runtime.store.transaction(here.owner_id) as tx:
        for each in (emre, sanne):
            contacts.edit(tx, each, runtime.now(), organisation="Lantern", circle="warm" if each == emre else "cold")
    page = owner.get(f"/ways/{sanne}").text
    assert "whether they know each other is open" in page
    assert f"/write/{emre}?kind=introduction&amp;whom={sanne}" in page
    assert "Emre Yıldız" in owner.get("/introductions?at=lantern").text
    assert "No way found" in owner.get("/introductions?at=Nowhere").text
    assert owner.get("/ways/nobody").status_code == 404


def test_a_contact_who_reads_dutch_gets_dutch(owner: Browser, here: world.World, runtime: Runtime) -> None:
    sanne = here.ids["Sanne de Groot"]
    with runtime.store.transaction(here.owner_id) as tx:
        contacts.edit(tx, sanne, runtime.now(), lang="nl", register="je")
        assert accounts.owner(tx).lang == "en"
    page = owner.get(f"/write/{sanne}").text
    assert "Dag Sanne," in page
    assert "You send it yourself" in page


def test_links_follow_the_text_and_without_scripts_the_page_says_they_do_not(owner: Browser, here: world.World) -> None:
    page = owner.get(f"/write/{here.ids['Tomas Lind']}").text
    assert re.search(r'<a [^>]*href="mailto:tomas\.lind[^"]+&amp;body=[^"]+" data-takes="message"', page)
    assert '<textarea id="message"' in page
    assert '<noscript><p class="faint">The link takes the text as it was proposed.' in page


def test_a_text_goes_among_the_drafts_only_where_that_was_allowed(
    owner: Browser, runtime: Runtime, here: world.World, now: datetime
) -> None:
    path = f"/write/{here.ids['Tomas Lind']}"
    assert "among my drafts" not in owner.get(path).text
    assert owner.post(f"{path}/draft", {"kind": "first"}).status_code == 404
    with runtime.store.transaction(here.owner_id) as tx:
        accounts.ensure_account(tx, provider="fake", settings={"world": "web", "drafts": True}, now=now)
    assert "among my drafts" in owner.get(path).text
    assert "as it was proposed; change it there" in owner.get(path).text
    assert owner.post(f"{path}/draft", {"kind": "progress"}).status_code == 400
    owner.post(f"{path}/draft", {"kind": "first"})
    with runtime.store.reading(here.owner_id) as tx:
        [row] = [each for each in outbox.rows(tx) if each.kind == "draft"]
    assert row.payload == {"message": "first", "whom": ""}  # no word of the text is stored
