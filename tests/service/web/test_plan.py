"""The page of the plan: goals, entries, proposals, the owner's word; each taken back with one click."""

from __future__ import annotations

from keepwarm.store import accounts, introductions, planning, plans, views
from tests.service.web import world
from tests.service.web.conftest import Browser
from workers.runtime import Runtime


def begun(owner: Browser, here: world.World, runtime: Runtime) -> tuple[str, str]:
    """A plan with Sanne in it: its id and the entry's."""
    owner.post("/plan/goals", {"goal": "learn_field", "words": "work with museums"}, on="/plan")
    with runtime.store.reading(here.owner_id) as tx:
        (plan,) = plans.plans(tx)
    owner.post("/plan/entries", {"plan": plan.id, "contact": here.ids["Sanne de Groot"]}, on="/plan")
    with runtime.store.reading(here.owner_id) as tx:
        (entry,) = plans.entries(tx, plan.id)
    return plan.id, entry.id


def state(here: world.World, runtime: Runtime, plan_id: str) -> list[tuple[str, str]]:
    with runtime.store.reading(here.owner_id) as tx:
        found = planning.planned(tx, views.world(tx, runtime.now()), plans.plan(tx, plan_id))
        return [(each.contact.name if each.contact else each.entry.role, each.standing.state) for each in found]


def test_without_a_goal_it_asks_for_one_and_nothing_else(owner: Browser, here: world.World) -> None:
    page = owner.get("/plan").text
    assert "What I am working toward" in page
    assert "People you could add" not in page
    refused = owner.post("/plan/goals", {"goal": "rule"}, on="/plan", follow_redirects=True)
    assert "Choose what you work toward" in refused.text


def test_a_plan_shows_its_people_and_why(owner: Browser, here: world.World, runtime: Runtime) -> None:
    plan, _ = begun(owner, here, runtime)
    page = owner.get("/plan").text
    assert "work with museums" in page
    assert "Sanne de Groot knows you, so this is a good place to begin." in page
    assert "Knows you well: good to ask for tips and names." in page  # somebody else, proposed
    assert state(here, runtime, plan) == [("Sanne de Groot", "to_approach")]


def test_the_owners_word_and_its_undo(owner: Browser, here: world.World, runtime: Runtime) -> None:
    plan, entry = begun(owner, here, runtime)
    answer = owner.post(f"/plan/entries/{entry}/state", {"state": "approached"}, on="/plan", follow_redirects=True)
    assert "Undo" in answer.text
    assert state(here, runtime, plan) == [("Sanne de Groot", "approached")]
    owner.post(f"/plan/entries/{entry}/state", {"state": "not_now", "until": "month"}, on="/plan")
    page = owner.get("/plan").text
    assert "Not now. It comes back on" in page
    owner.post(f"/plan/entries/{entry}/state", {"state": "wonderful"}, on="/plan")
    assert state(here, runtime, plan) == [("Sanne de Groot", "not_now")]


def test_an_entry_says_what_it_is_about(owner: Browser, here: world.World, runtime: Runtime) -> None:
    plan, entry = begun(owner, here, runtime)
    said = {
        "find_out": "who plans\r\nthe shows", "channel": "telephone", "introducer": here.ids["Emre Yıldız"],
        "reading": "https://lantern.example/report", "goal": "present_self",
    }  # fmt: skip
    owner.post(f"/plan/entries/{entry}", said, on="/plan")
    with runtime.store.reading(here.owner_id) as tx:
        (found,) = plans.entries(tx, plan)
    assert (found.channel, found.introducer_id, found.goal) == ("telephone", here.ids["Emre Yıldız"], "present_self")
    assert "who plans" in owner.get("/plan").text
    page = owner.get(f"/plan/entries/{entry}").text
    assert "https://lantern.example/report" in page
    assert owner.get("/plan/entries/nothing").status_code == 404
    assert owner.post(f"/plan/entries/{entry}", {"introducer": "nobody"}, on="/plan").status_code == 404


def test_roles_order_and_goals(owner: Browser, here: world.World, runtime: Runtime) -> None:
    plan, entry = begun(owner, here, runtime)
    owner.post("/plan/entries", {"plan": plan, "role": "curator", "organisation": "Lantern"}, on="/plan")
    assert [name for name, _ in state(here, runtime, plan)] == ["Sanne de Groot", "curator"]
    owner.post(f"/plan/entries/{entry}/move", {"to": "later"}, on="/plan")
    assert [name for name, _ in state(here, runtime, plan)] == ["curator", "Sanne de Groot"]
    assert "This is your own order." in owner.get("/plan").text
    owner.post("/plan/order", {"plan": plan}, on="/plan")
    assert [name for name, _ in state(here, runtime, plan)] == ["Sanne de Groot", "curator"]
    empty = owner.post("/plan/entries", {"plan": plan}, on="/plan", follow_redirects=True)
    assert "An entry needs a person, a role or an organisation." in empty.text
    owner.post(f"/plan/entries/{entry}/remove", on="/plan")
    assert [name for name, _ in state(here, runtime, plan)] == ["curator"]
    owner.post(f"/plan/goals/{plan}", {"action": "rest"}, on="/plan")
    assert "This plan rests." in owner.get("/plan").text
    owner.post(f"/plan/goals/{plan}", {"goal": "present_self", "words": "be seen"}, on="/plan")
    owner.post("/plan/goals", {"goal": "learn_vacancy"}, on="/plan")
    assert owner.get("/plan").text.count('aria-current="page"') == 2  # the page, and the goal
    owner.post(f"/plan/goals/{plan}", {"action": "remove"}, on="/plan")
    assert owner.get(f"/plan?id={plan}").status_code == 200
    assert owner.post(f"/plan/goals/{plan}", {"action": "rest"}, on="/plan").status_code == 404


def test_a_proposal_not_wanted_stays_away(owner: Browser, here: world.World, runtime: Runtime) -> None:
    plan, _ = begun(owner, here, runtime)
    emre = here.ids["Emre Yıldız"]
    assert f'value="{emre}"><button class="quiet">Add' in owner.get("/plan").text
    owner.post("/plan/passed", {"plan": plan, "contact": emre}, on="/plan")
    assert f'value="{emre}"><button class="quiet">Add' not in owner.get("/plan").text


def test_it_speaks_dutch(owner: Browser, here: world.World, runtime: Runtime) -> None:
    begun(owner, here, runtime)
    with runtime.store.transaction(here.owner_id) as tx:
        accounts.update_owner(tx, lang="nl")
    page = owner.get("/plan").text
    assert "Sanne de Groot kent je, dus dat is een goed begin." in page
    assert "nog niet benaderd" in page


def test_introductions_stand_in_the_plan(owner: Browser, here: world.World, runtime: Runtime) -> None:
    emre, sanne = here.ids["Emre Yıldız"], here.ids["Sanne de Groot"]
    asked = owner.post("/plan/introductions", {"via": emre, "contact": sanne}, on="/plan", follow_redirects=True)
    assert "You asked Emre Yıldız today." in asked.text
    again = owner.post("/plan/introductions", {"via": emre, "contact": sanne}, on="/plan", follow_redirects=True)
    assert "You asked this before" in again.text
    with runtime.store.reading(here.owner_id) as tx:
        (found,) = introductions.introductions(tx, views.world(tx, runtime.now()))
    owner.post(f"/plan/introductions/{found.id}", {"said": "introduced"}, on="/plan")
    assert "Emre Yıldız introduced you to Sanne de Groot. Say thanks now" in owner.get("/plan").text
    assert owner.post(f"/plan/introductions/{found.id}", {"said": "wonderful"}, on="/plan").status_code == 400
    owner.post(f"/plan/introductions/{found.id}", {"said": "remove"}, on="/plan")
    assert "Say thanks now" not in owner.get("/plan").text
    assert owner.post(f"/plan/introductions/{found.id}", {"said": "agreed"}, on="/plan").status_code == 404


def test_somebody_is_found_and_added(owner: Browser, here: world.World, runtime: Runtime) -> None:
    plan, _ = begun(owner, here, runtime)
    assert f"/plan/add?id={plan}" in owner.get("/plan").text
    assert "<option" not in owner.get("/plan").text.split("People you could add")[1].split("This goal")[0]
    page = owner.get(f"/plan/add?id={plan}&q=emre").text
    assert f'name="contact" value="{here.ids["Emre Yıldız"]}"' in page
    assert "is in your plan" in owner.get(f"/plan/add?id={plan}&q=sanne").text
    assert owner.get("/plan/add").status_code == 200


def test_who_introduces_is_found_by_name(owner: Browser, here: world.World, runtime: Runtime) -> None:
    plan, entry = begun(owner, here, runtime)
    path, emre = f"/plan/entries/{entry}/introducer", here.ids["Emre Yıldız"]
    assert f'name="contact" value="{emre}"' in owner.get(f"{path}?q=emre").text
    owner.post(path, {"contact": emre}, on=path)
    assert "Emre Yıldız" in owner.get(f"/plan/entries/{entry}").text
    owner.post(f"/plan/entries/{entry}", {"find_out": "who plans"}, on="/plan")
    with runtime.store.reading(here.owner_id) as tx:
        assert [each.introducer_id for each in plans.entries(tx, plan)] == [emre]  # other words leave it alone
    owner.post(path, {}, on=path)
    with runtime.store.reading(here.owner_id) as tx:
        assert [each.introducer_id for each in plans.entries(tx, plan)] == [None]
    assert owner.get("/plan/entries/nothing/introducer").status_code == 404
    assert owner.post(path, {"contact": "nobody"}, on=path).status_code == 404
