"""The page of a round: begun once, a text for each, ended; nothing is sent from here."""

from __future__ import annotations

from tests.service.web import world
from tests.service.web.conftest import Browser


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


def test_with_nobody_it_says_how_somebody_comes_here(owner: Browser, here: world.World) -> None:
    owner.post("/undo", {"back": "home.today"})  # the only note
    assert "Nobody yet." in owner.get("/round").text
