"""The page of a round: begun once, a text for each, ended; nothing is sent from here."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from keepwarm.store import rounds
from tests.service.web import world
from tests.service.web.conftest import Browser
from workers.runtime import Runtime


def test_a_round_from_beginning_to_end(owner: Browser, here: world.World) -> None:
    page = owner.get("/round").text
    assert "1 person helped you so far." in page  # Noor, of whom there is a note
    refused = owner.post("/round", {"news_en": " "}, on="/round", follow_redirects=True)
    assert "Say in a line what changed." in refused.text
    owner.post("/round", {"news_en": "Two talks led to a third."}, on="/round")
    page = owner.get("/round").text
    noor = here.ids["Noor Willemse"]
    assert f"/write/{noor}?kind=progress" in page
    text = owner.get(f"/write/{noor}?kind=progress").text
    assert "Two talks led to a third." in text
    assert "stayed with me." in text
    assert owner.get(f"/write/{noor}?kind=closing").status_code == 404
    owner.post("/round/leave-out", {"contact": noor}, on="/round")
    assert "Everybody has been told." in owner.get("/round").text
    owner.post("/round/end", on="/round")
    assert "helped you so far" in owner.get("/round").text
    assert owner.post("/round/end", on="/round").status_code == 404
    assert owner.get(f"/write/{noor}?kind=progress").status_code == 404


@pytest.mark.parametrize("whom", ["", "x" * 500, "f" * 32, "somebody else's"])
def test_nobody_but_people_of_the_owner_are_left_out(
    owner: Browser, here: world.World, runtime: Runtime, now: datetime, whom: str
) -> None:
    theirs = world.settle(runtime.store, now, email="kim@example.com").ids["Noor Willemse"]
    owner.post("/round", {"news_en": "Two talks led to a third."}, on="/round")
    wanted = theirs if whom == "somebody else's" else whom
    assert owner.post("/round/leave-out", {"contact": wanted}, on="/round").status_code == 404
    (kept,) = json.loads(owner.get("/data/json").text)["rounds"]
    assert kept["left_out"] == []


def test_with_nobody_it_says_how_somebody_comes_here(owner: Browser, here: world.World) -> None:
    owner.post("/undo", {"back": "home.today"})  # the only note
    assert "Nobody yet." in owner.get("/round").text


def test_without_a_mailbox_the_owner_says_whom_they_told(
    owner: Browser, here: world.World, runtime: Runtime, now: datetime
) -> None:
    noor = here.ids["Noor Willemse"]
    with runtime.store.transaction(here.owner_id) as tx:
        rounds.begin(tx, now - timedelta(hours=1), "progress", {"en": "I found a course."})
    page = owner.get("/round").text
    assert "No mailbox is connected" in page
    assert "1 is left." in page
    assert "I told them" in owner.get(f"/write/{noor}?kind=progress").text
    told = owner.post("/round/told", {"contact": noor}, on="/round", follow_redirects=True).text
    assert "Everybody has been told." in told
    assert owner.post("/round/told", {"contact": noor}, on="/round").status_code == 404  # once is enough
    owner.post("/undo")
    assert "1 is left." in owner.get("/round").text
    assert owner.post("/round/told", {"contact": "nobody"}, on="/round").status_code == 404
