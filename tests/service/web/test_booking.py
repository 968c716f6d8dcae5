"""A talk ahead that is noted by hand: whom, when, its list, called off, taken back."""

from __future__ import annotations

from datetime import timedelta

from keepwarm.store import accounts, contacts, views
from keepwarm.store.tables import touch
from keepwarm.zones import local
from tests.service.web import world
from tests.service.web.conftest import Browser
from workers.render import preview_brief
from workers.runtime import Runtime

NEW = "/coming/new"


def filled(runtime: Runtime, *whom: str, days: int = 5, **others: str) -> dict[str, object]:
    on = f"{local(runtime.now(), 'Europe/Amsterdam') + timedelta(days=days):%Y-%m-%d}"
    told = {"contact": list(whom), "on": on, "hour": "10:30", "minutes": "45", "place": "06 1234", "title": "Phone"}
    return told | {"do": "keep"} | others


def noted(runtime: Runtime, here: world.World) -> list[views.TalkRow]:
    with runtime.store.reading(here.owner_id) as tx:
        found = views.upcoming(tx, now=runtime.now(), days=60, stored=True).talks
    return [each for each in found if each.event.title == "Phone"]


def met(runtime: Runtime, event_id: str) -> int:
    with runtime.store.engine.connect() as line:
        return len(line.execute(touch.select().where(touch.c.item_id == int(event_id))).all())


def test_a_talk_in_no_calendar_has_its_questions(owner: Browser, here: world.World, runtime: Runtime) -> None:
    sanne = here.ids["Sanne de Groot"]
    assert f'href="{NEW}"' in owner.get("/coming").text
    assert f"{NEW}?with={sanne}" in owner.get(f"{NEW}?q=sann").text
    page = owner.post(NEW, filled(runtime, sanne), on=NEW, follow_redirects=True).text
    (talk,) = noted(runtime, here)
    wall = local(talk.event.start_at, "Europe/Amsterdam")
    assert (f"{wall:%H:%M}", talk.event.end_at - talk.event.start_at) == ("10:30", timedelta(minutes=45))
    assert (talk.contacts, talk.event.location) == ([sanne], "06 1234")
    assert talk.brief_at is not None
    assert "The question list as it stands" in page
    assert met(runtime, talk.event.id) == 1


def test_it_is_called_off_and_taken_back(owner: Browser, here: world.World, runtime: Runtime) -> None:
    sanne = here.ids["Sanne de Groot"]
    owner.post(NEW, filled(runtime, sanne), on=NEW)
    (talk,) = noted(runtime, here)
    path = f"/coming/talk/{talk.event.id}"
    assert "Call it off here" in owner.get(path).text
    assert "Call it off here" not in owner.get(f"/coming/talk/{here.talk_id}").text
    gone = owner.post(f"{path}/call-off", on=path, follow_redirects=True)
    assert "Called off here" in gone.text
    assert (noted(runtime, here), met(runtime, talk.event.id)) == ([], 0)
    owner.undo(gone.text)
    assert len(noted(runtime, here)) == met(runtime, talk.event.id) == 1


def test_noting_it_is_taken_back(owner: Browser, here: world.World, runtime: Runtime) -> None:
    page = owner.post(NEW, filled(runtime, here.ids["Sanne de Groot"]), on=NEW, follow_redirects=True)
    (talk,) = noted(runtime, here)
    owner.undo(page.text)
    assert (noted(runtime, here), met(runtime, talk.event.id)) == ([], 0)


def test_a_talk_of_a_calendar_is_not_called_off_here(owner: Browser, here: world.World) -> None:
    path = f"/coming/talk/{here.talk_id}"
    assert owner.post(f"{path}/call-off", on=path).status_code == 404


def test_what_is_missing_is_told_and_nothing_typed_is_lost(owner: Browser, here: world.World, runtime: Runtime) -> None:
    sanne, emre = here.ids["Sanne de Groot"], here.ids["Emre Yıldız"]
    for told, says in (
        (filled(runtime), "Choose whom you will talk to"),
        (filled(runtime, sanne, q="emre"), "Choose whom you will talk to"),
        (filled(runtime, sanne, hour="soon"), "Choose a day, an hour"),
        (filled(runtime, sanne, minutes="1"), "Choose a day, an hour"),
        (filled(runtime, sanne, days=-1), "still ahead"),
    ):
        answer = owner.post(NEW, told, on=NEW)
        assert (answer.status_code, says in answer.text, 'value="06 1234"' in answer.text) == (400, True, True), says
    found = owner.post(NEW, filled(runtime, sanne, q="emre", do="find"), on=NEW)
    assert (found.status_code, f'name="add" value="{emre}"' in found.text) == (200, True)
    assert 'value="06 1234"' in found.text
    assert owner.post(NEW, filled(runtime, "nobody"), on=NEW).status_code == 404
    assert noted(runtime, here) == []


def test_who_has_no_address_is_told(owner: Browser, here: world.World, runtime: Runtime) -> None:
    with runtime.store.transaction(here.owner_id) as tx:
        whom = contacts.add_contact(tx, name="Aunt Bea", address="", now=runtime.now())
        contacts.accept(tx, [whom], private=False, circle="warm", now=runtime.now())
    answer = owner.post(NEW, filled(runtime, whom), on=NEW)
    assert (answer.status_code, "has no address yet" in answer.text) == (400, True)


def test_from_the_page_of_a_person(owner: Browser, here: world.World, runtime: Runtime) -> None:
    sanne = here.ids["Sanne de Groot"]
    with runtime.store.reading(here.owner_id) as tx:
        ahead = {
            each for talk in views.upcoming(tx, now=runtime.now(), days=60, stored=True).talks for each in talk.contacts
        }
    free = next(each for each in here.ids.values() if each not in ahead and each != sanne)
    assert f"{NEW}?with={free}" in owner.get(f"/contacts/{free}").text


def test_its_list_says_that_it_was_noted(owner: Browser, here: world.World, runtime: Runtime) -> None:
    owner.post(NEW, filled(runtime, here.ids["Sanne de Groot"]), on=NEW)
    (talk,) = noted(runtime, here)
    with runtime.store.reading(here.owner_id) as tx:
        whose = accounts.owner(tx)
    mail = preview_brief(runtime, whose, talk.event.id, runtime.now())
    assert not isinstance(mail, str)
    for text in (mail.text, mail.html):
        assert "You noted it as “Phone”." in text
        assert "In your calendar" not in text
