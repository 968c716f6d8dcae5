"""Talks that were held: the five fields, talks in no calendar, the log; and the offer to say thanks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keepwarm.store import contacts, notes, views
from tests import make
from tests.service.web import world
from tests.service.web.conftest import Browser
from workers.runtime import Runtime

SAID = {
    "said": "went well",
    "tips": "ask Guus",
    "names": "Guus Gijs, Lantern",
    "mine": "a book",
    "mine_on": "2099-01-01",
}


def held(runtime: Runtime, here: world.World) -> str:
    """The id of a talk with Sanne two days ago."""
    start = runtime.now() - timedelta(days=2)
    talk = make.event(["s.degroot@example.net"], start=start, uid="held", organiser=world.OWNER, title="Coffee")
    make.imported(runtime.store, here.owner_id, talk, path="held.ics", now=runtime.now())
    with runtime.store.reading(here.owner_id) as tx:
        return next(
            each.id for each in views.events_between(tx, start, start + timedelta(hours=1)) if each.uid == "held"
        )


def test_a_talk_that_is_over_asks_how_it_went(owner: Browser, here: world.World, runtime: Runtime) -> None:
    event = held(runtime, here)
    for page in ("/", "/talks"):
        assert f"/talks/{event}" in owner.get(page).text
    assert "How did it go?" in owner.get(f"/talks/{event}").text
    answer = owner.post(f"/talks/{event}", SAID, on=f"/talks/{event}", follow_redirects=True)
    assert "A word of thanks does good" in answer.text
    assert "Thank you for our" in answer.text
    assert f'href="/talks/{event}"' not in owner.get("/talks").text
    assert "went well" in owner.get("/talks").text
    with runtime.store.reading(here.owner_id) as tx:
        names = {row.name for row in contacts.contacts(tx, states=["active"], now=runtime.now())}
        (note,) = notes.all_notes(tx, "went well")
    assert "Guus Gijs" in names
    assert str(note.event_id) == event


def test_nothing_typed_keeps_nothing(owner: Browser, here: world.World, runtime: Runtime) -> None:
    event = held(runtime, here)
    answer = owner.post(f"/talks/{event}", {}, on=f"/talks/{event}", follow_redirects=True)
    assert "There was nothing to keep yet." in answer.text
    assert owner.get(f"/talks/{here.talk_id}").status_code == 404  # still ahead
    assert owner.get("/talks/12345").status_code == 404
    assert owner.get("/talks/nonsense").status_code == 404


def test_a_day_still_ahead_is_told_and_keeps_nothing(owner: Browser, here: world.World, runtime: Runtime) -> None:
    sanne = here.ids["Sanne de Groot"]
    tomorrow = f"{runtime.now() + timedelta(days=1):%Y-%m-%d}"
    for path, on, data in (
        ("/talks", "/talks", {"contact": sanne}),
        (f"/contacts/{sanne}/note", f"/contacts/{sanne}", {}),
    ):
        answer = owner.post(path, {**data, **SAID, "on": tomorrow}, on=on)
        assert answer.status_code == 400
        assert "The day you chose is still ahead" in answer.text
    with runtime.store.reading(here.owner_id) as tx:
        assert notes.all_notes(tx, "went well") == []
    today = f"{runtime.now():%Y-%m-%d}"
    assert f'name="on" value="{today}" max="{today}"' in owner.get(f"/talks/new?with={sanne}").text


def test_a_talk_in_no_calendar_with_two_people(owner: Browser, here: world.World, runtime: Runtime) -> None:
    two = [here.ids["Sanne de Groot"], here.ids["Emre Yıldız"]]
    owner.post("/talks", {"contact": two, **SAID, "on": "2020-05-01"}, on="/talks")
    with runtime.store.reading(here.owner_id) as tx:
        found = notes.all_notes(tx, "went well")
        promised = [notes.promises(tx, each) for each in two]
    assert {each.contact_id for each in found} == set(two)
    assert {f"{each.at:%Y-%m-%d}" for each in found} == {"2020-05-01"}
    assert [len([one for one in each if one.text == "a book"]) for each in promised] == [1, 0]
    refused = owner.post("/talks", {"said": "with nobody"}, on="/talks", follow_redirects=True)
    assert "Choose whom you talked to" in refused.text
    assert owner.post("/talks", {"contact": "nobody", "said": "x"}, on="/talks").status_code == 404


@pytest.mark.parametrize(
    ("path", "says", "leads"),
    [
        ("/coming", "What is still to come: talks from your calendar, and follow-ups.", "/talks"),
        ("/talks", "What is behind you: talks to write down, and what was said.", "/coming"),
    ],
)
def test_what_is_ahead_and_what_was_held_say_which_they_are_and_lead_to_each_other(
    owner: Browser, here: world.World, path: str, says: str, leads: str
) -> None:
    lead = owner.get(path).text.partition('<p class="lead">')[2].partition("</p>")[0]
    assert lead.startswith(says)
    assert f'<a href="{leads}">' in lead


def test_the_log_can_be_searched(owner: Browser, here: world.World) -> None:
    owner.post("/talks", {"contact": here.ids["Sanne de Groot"], "said": "about the bees"}, on="/talks")
    assert "about the bees" in owner.get("/talks?q=BEES").text
    assert "about the bees" not in owner.get("/talks?q=wasps").text
    assert "Nothing found." in owner.get("/talks?q=wasps").text


def test_whom_it_was_with_is_found_by_a_few_letters(owner: Browser, here: world.World) -> None:
    sanne, emre = here.ids["Sanne de Groot"], here.ids["Emre Yıldız"]
    assert "What was it about?" not in owner.get("/talks/new").text
    assert f"/talks/new?with={sanne}" in owner.get("/talks/new?q=sann").text
    page = owner.get(f"/talks/new?with={sanne}&q=emre").text
    assert f'name="contact" value="{sanne}"' in page
    assert f'name="add" value="{emre}"' in page
    assert "Nobody in your network fits" in owner.get("/talks/new?q=xyzzy").text
    assert "What was it about?" not in owner.get("/talks/new?with=nobody").text
    back = owner.post("/talks", {"contact": sanne}, on="/talks")
    assert (back.status_code, f'name="contact" value="{sanne}"' in back.text) == (400, True)


def test_the_log_of_a_period_and_of_one_person(owner: Browser, here: world.World) -> None:
    sanne, emre = here.ids["Sanne de Groot"], here.ids["Emre Yıldız"]
    for who, said, on in ((sanne, "about bees", "2026-03-01"), (emre, "about boats", "2026-05-31")):
        owner.post("/talks", {"contact": who, "said": said, "on": on}, on="/talks")
    for asked, found in (
        ("from=2026-05-01", ["boats"]),
        ("to=2026-05-31", ["boats", "bees"]),
        ("to=2026-05-30", ["bees"]),
        (f"with={sanne}", ["bees"]),
        (f"with={sanne}&from=2026-04-01", []),
        ("from=soon", ["boats", "bees"]),
        ("with=nobody", []),
    ):
        for page in ("/talks", "/talks/print"):
            text = owner.get(f"{page}?{asked}").text
            assert [each for each in ("boats", "bees") if f"about {each}" in text] == found, (page, asked)


def test_on_paper_the_log_reads_from_the_beginning(owner: Browser, here: world.World) -> None:
    sanne = here.ids["Sanne de Groot"]
    for said, on in (("first", "2026-03-01"), ("second", "2026-05-31")):
        owner.post("/talks", {"contact": sanne, "said": said, "on": on}, on="/talks")
    page = owner.get(f"/talks/print?with={sanne}").text
    assert page.index("first") < page.index("second")
    assert "with Sanne de Groot" in page
    assert "<nav" not in page
