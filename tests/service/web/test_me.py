"""The page about the owner: saving, undoing, organisations, and what it refuses."""

from __future__ import annotations

from keepwarm.store import accounts, profiles
from tests.service.web import world
from tests.service.web.conftest import Browser
from workers.runtime import Runtime

SAID = {
    "role": "planner", "sectors": "museums, care; museums",
    "experience": "ten years of teaching", "spoken_en": "I am Sam.\r\nI plan.", "checked": ["photo", "nonsense"],
}  # fmt: skip


def test_what_is_said_is_kept_and_shown(owner: Browser, here: world.World, runtime: Runtime) -> None:
    answer = owner.post("/me", SAID, on="/me", follow_redirects=True)
    assert "Question lists draw on it from now on." in answer.text
    with runtime.store.reading(here.owner_id) as tx:
        mine = profiles.profile(tx)
    assert (mine.role, mine.sectors, mine.checked) == ("planner", ("museums", "care"), frozenset({"photo"}))
    assert mine.spoken["en"] == "I am Sam.\nI plan."
    page = owner.get("/me").text
    assert "museums, care" in page
    assert "Undo" in answer.text


def test_the_card_names_safe_people_until_it_is_put_away(owner: Browser, here: world.World) -> None:
    page = owner.get("/me").text
    assert "Before your first talk" in page
    assert "You know Noor Willemse well" in page
    owner.post("/me/card", on="/me")
    assert "Before your first talk" not in owner.get("/me").text
    assert "What others see of me first" in owner.get("/me").text


def test_organisations_come_and_go(owner: Browser, here: world.World) -> None:
    noor = here.ids["Noor Willemse"]
    owner.post(f"/contacts/{noor}/edit", {"name": "Noor Willemse", "organisation": "Lantern B.V.", "circle": "warm"})
    owner.post(
        "/me/targets", {"name": "Lantern", "why": "quiet work", "link": "https://lantern.example/about"}, on="/me"
    )
    page = owner.get("/me").text
    assert "quiet work" in page
    assert f"/contacts/{noor}" in page.partition('id="targets"')[2]
    refused = owner.post("/me/targets", {"name": "LANTERN"}, on="/me", follow_redirects=True)
    assert "on your list already" in refused.text
    found = page.partition("/me/targets/")[2].partition("/remove")[0]
    gone = owner.post(f"/me/targets/{found}/remove", on="/me", follow_redirects=True)
    assert "Taken off your list." in gone.text


def test_a_link_that_is_none_is_refused(owner: Browser, here: world.World) -> None:
    for link in ("javascript:alert(1)", "lantern.example", "https://"):
        answer = owner.post("/me/targets", {"name": "Lantern", "link": link}, on="/me", follow_redirects=True)
        assert "A link begins with https://" in answer.text
        assert "quiet" not in answer.text.partition('id="targets"')[2].partition("<form")[0]
    assert owner.post("/me/targets/nothing/remove", on="/me").status_code == 404


def test_it_speaks_dutch(owner: Browser, here: world.World, runtime: Runtime) -> None:
    with runtime.store.transaction(here.owner_id) as tx:
        accounts.update_owner(tx, lang="nl")
    page = owner.get("/me").text
    assert "Voor je eerste gesprek" in page
    assert "Hoe ik me voorstel" in page


def test_the_card_can_be_printed_also_after_it_was_put_away(owner: Browser, here: world.World) -> None:
    assert "Who I am, what I can do, what I look for:" in owner.get("/me/card/print").text
    owner.post("/me", SAID, on="/me")
    assert "You know Noor Willemse well" in owner.get("/me/card/print").text
    owner.post("/me/card", on="/me")
    page = owner.get("/me/card/print").text
    for text in ("I plan.", "planner · museums, care", "ten years of teaching"):
        assert text in page
    assert "Noor Willemse" not in page
    assert "<nav" not in page


def test_parts_say_how_much_of_them_is_there(owner: Browser, here: world.World) -> None:
    assert owner.get("/me").text.count("still empty") == 4
    owner.post("/me", SAID, on="/me")
    page = owner.get("/me").text
    assert "2 of 4" in page  # role and sectors, neither wishes nor regions
    assert "1 of 2" in page  # experience, no education
