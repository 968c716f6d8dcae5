"""The first steps: each does what it says, can be left out and come back to, and nothing happens before it is shown."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask

from keepwarm.store import accounts, changes, contacts, follow_ups, outbox, plans, talks, views
from keepwarm.store.contacts import ContactRow
from keepwarm.types import Address, CalendarEvent, Participant, Reply, Role
from tests.service.web import world
from tests.service.web.conftest import Browser, signed_in
from workers import prepare, sync, tasks
from workers.runtime import Runtime

NOW = datetime.fromisoformat("2026-11-23T09:00:00+00:00")


@pytest.fixture
def newcomer(app: Flask, runtime: Runtime, account: str, now: datetime) -> Browser:
    """Somebody whose files are read and who has chosen nobody yet."""
    world.keep(runtime.store, account, now, world.mails(now, world.OWNER))
    return signed_in(app, account)


def people(runtime: Runtime, owner_id: str, state: str = "active") -> dict[str, ContactRow]:
    with runtime.store.reading(owner_id) as tx:
        return {row.name: row for row in contacts.contacts(tx, states=[state], now=runtime.now())}


def settings(runtime: Runtime, owner_id: str) -> dict[str, object]:
    with runtime.store.reading(owner_id) as tx:
        return accounts.owner(tx).settings


def undo(runtime: Runtime, owner_id: str) -> None:
    with runtime.store.transaction(owner_id) as tx:
        changes.undo(tx, runtime.now())


# --- the way ------------------------------------------------------------------------------------------------------


def test_leaving_everything_out_leads_through_to_today(newcomer: Browser, runtime: Runtime, account: str) -> None:
    where = newcomer.get("/first/").location
    seen = []
    while where != "/first/done":
        seen.append(where)
        where = newcomer.post("/first/go-on", {"step": where.rpartition("/")[2]}, on=where).location
    assert [each.rpartition("/")[2] for each in seen] == [
        "goal", "connect", "meet", "pick", "origins", "plan", "rhythm",
    ]  # fmt: skip
    assert newcomer.post("/first/done", on="/first/done").location == "/"
    assert people(runtime, account) == {}
    assert newcomer.get("/first/").location == "/first/done"
    assert "First steps" not in newcomer.get("/settings").text


def test_what_was_left_off_is_where_it_goes_on(newcomer: Browser) -> None:
    newcomer.post("/first/go-on", {"step": "goal"}, on="/first/goal")
    newcomer.post("/first/go-on", {"step": "meet"}, on="/first/meet")
    assert newcomer.get("/first/").location == "/first/pick"  # files were given, so connecting is done
    assert "Go on where I was" in newcomer.get("/").text
    assert newcomer.get("/first/goal").text.count('class="settled"') == 3  # and files were given
    assert 'href="/first/"' in newcomer.get("/settings").text


REFUSED = {
    "photo.jpg": (b"\xff\xd8\xff\xe0 no picture", "This is not a kind of file we can read."),
    "notes.txt": (b"Call the plumber.\n", "This is not a kind of file we can read."),
    "empty.mbox": (b"", "There is nothing in it."),
    "broken.zip": (b"PK\x03\x04 and no more", "The archive is damaged and cannot be opened."),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_of_no_use_is_said_to_be_so_where_one_is(app: Flask, runtime: Runtime, account: str, name: str) -> None:
    newcomer, (body, why) = signed_in(app, account), REFUSED[name]
    sent = {"back": "connect", "files": (io.BytesIO(body), name)}
    page = newcomer.post("/files", sent, on="/first/connect", content_type="multipart/form-data", follow_redirects=True)
    assert "Being read." in page.text
    with runtime.store.reading(account) as tx:
        (batch,) = accounts.batches(tx)
    sync.sync_stream(runtime, batch.stream_id)
    for where in ("/first/meet", "/first/connect", f"/files/{batch.id}"):
        page = newcomer.get(where)
        assert f"Nothing of {name} could be used. {why}" in page.text, where
        assert "Keepwarm reads mailboxes" in page.text, where
        assert "Everything is read." not in page.text, where
        assert "See the new people" not in page.text, where
        assert "✓" not in page.text, where
    assert "nothing in it could be used" in newcomer.get("/files").text
    newcomer.post("/first/go-on", {"step": "goal"}, on="/first/goal")
    assert newcomer.get("/first/").location == "/first/connect"


def test_a_step_that_is_none_changes_nothing(newcomer: Browser, runtime: Runtime, account: str) -> None:
    assert newcomer.post("/first/go-on", {"step": "done"}, on="/first/goal").status_code == 400
    assert "first" not in settings(runtime, account)


# --- what for -----------------------------------------------------------------------------------------------------


def test_a_goal_becomes_a_plan_in_the_language_chosen(newcomer: Browser, runtime: Runtime, account: str) -> None:
    chosen = {"goal": "learn_field", "words": "Werk op het water", "lang": "nl", "zone": "Europe/Brussels"}
    assert newcomer.post("/first/goal", chosen, on="/first/goal").location == "/first/connect"
    with runtime.store.reading(account) as tx:
        (plan,), owner = plans.plans(tx), accounts.owner(tx)
    assert (plan.goal, plan.words) == ("learn_field", "Werk op het water")
    assert (owner.lang, owner.zone) == ("nl", "Europe/Brussels")
    assert "Je doel heeft nu een plan." in newcomer.get("/first/connect").text
    newcomer.post("/first/goal", {"goal": "stay"}, on="/first/goal")
    with runtime.store.reading(account) as tx:
        assert plans.main_goal(tx) == ""
    undo(runtime, account)
    with runtime.store.reading(account) as tx:
        assert plans.main_goal(tx) == "learn_field"


@pytest.mark.parametrize("goal", ["", "fame", "none"])
def test_a_goal_that_is_none_is_told(newcomer: Browser, runtime: Runtime, account: str, goal: str) -> None:
    answer = newcomer.post("/first/goal", {"goal": goal, "lang": "nl"}, on="/first/goal")
    assert (answer.status_code, "Nothing was changed" in answer.text) == (400, True)
    with runtime.store.reading(account) as tx:
        assert (plans.plans(tx), accounts.owner(tx).lang) == ([], "en")


# --- connecting ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("back", "where"),
    [("connect", "/first/meet"), ("//evil.example.com", "/files/"), ("", "/files/")],
)
def test_files_lead_back_to_the_step_they_came_from(newcomer: Browser, back: str, where: str) -> None:
    sent = {"files": (io.BytesIO(b"From x\n\n"), "Sent.mbox"), "back": back}
    answer = newcomer.post("/files", sent, on="/first/connect", content_type="multipart/form-data")
    assert answer.location.startswith(where)
    assert "evil" not in answer.location


def test_an_account_that_fails_keeps_the_way_back(newcomer: Browser) -> None:
    told = {"address": "not an address", "password": "x", "back": "connect"}
    page = newcomer.post("/accounts/connect", told, on="/first/connect")
    assert page.status_code == 400
    assert 'name="back" value="connect"' in page.text
    assert 'href="/first/connect"' in page.text


# --- a first look --------------------------------------------------------------------------------------------------


def meeting(who: str, address: str, now: datetime = NOW, *, hours: int = 50, own: str = world.OWNER) -> CalendarEvent:
    return world.event("first-1", "Kennismaken", now + timedelta(hours=hours), own, [(who, address)])


def test_nothing_connected_is_fine(app: Flask, account: str) -> None:
    page = signed_in(app, account).get("/first/meet").text
    assert "Nothing is connected yet" in page
    assert "data-live" not in page


def test_the_next_meeting_shows_its_questions_before_anybody_is_chosen(
    newcomer: Browser, runtime: Runtime, account: str, now: datetime
) -> None:
    world.keep(runtime.store, account, now, [meeting("Vera Stranger", "vera@far.example.com")], path="c.ics")
    page = newcomer.get("/first/meet").text
    assert "Vera Stranger" in page
    assert len(re.findall(r"<li>[^<]+\?<p class=\"faint\">", page)) >= 4
    event_id = re.search(r"/first/meet/(\d+)/send", page)
    assert event_id
    newcomer.post(f"/first/meet/{event_id[1]}/ask", {"text": "Since when?"}, on="/first/meet")
    assert "Since when?" in newcomer.get("/first/meet").text
    assert people(runtime, account) == {}, "looking takes nobody in"

    assert newcomer.post(f"/first/meet/{event_id[1]}/send", on="/first/meet").location == "/first/meet"
    assert people(runtime, account).keys() == {"Vera Stranger"}
    with runtime.store.reading(account) as tx:
        (row,) = outbox.rows(tx)
        talk = views.talk(tx, event_id[1], runtime.now())
        assert talks.talk_choice(tx, event_id[1]) is not None
    assert (row.kind, row.payload) == ("brief", {"asked": True})
    assert isinstance(talk, views.TalkRow)
    undo(runtime, account)
    assert people(runtime, account) == {}


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        (meeting("Noor Willemse", "noor.willemse@example.net"), True),  # a mail shows her
        (meeting("Colleague", "col@house.example.com", own="me@house.example.com"), False),
        (meeting("Gmail Friend", "friend@gmail.com", own="me@gmail.com"), True),
        (meeting("Past", "past@far.example.com", hours=-3), False),
        (meeting("Far Away", "far@far.example.com", hours=24 * 40), False),
        (replace(meeting("Team", "team@far.example.com"), all_day=True), False),
        (world.event("m", "Five", NOW + timedelta(1), world.OWNER, [("P", f"p{n}@x.org") for n in range(5)]), False),
        (
            replace(
                meeting("Room", "room@far.example.com"),
                participants=(
                    Participant(role=Role.ORGANISER, address=Address(address=world.OWNER)),
                    Participant(
                        role=Role.ATTENDEE, address=Address(address="room@far.example.com"), reply=Reply.ACCEPTED,
                        resource=True,
                    ),
                ),
            ),
            False,
        ),
    ],
)  # fmt: skip
def test_a_meeting_counts_with_one_to_three_people_from_outside(
    newcomer: Browser, runtime: Runtime, account: str, now: datetime, event: CalendarEvent, shown: bool
) -> None:
    with runtime.store.transaction(account) as tx:
        for own in ("me@house.example.com", "me@gmail.com"):
            accounts.set_own_address(tx, own, own=True)
    world.keep(runtime.store, account, now, [event], path="c.ics")
    assert ('id="meeting"' in newcomer.get("/first/meet").text) is shown


@pytest.mark.parametrize(
    ("guests", "says"),
    [
        ([("Ann", "ann@far.example.com")], "Ann comes into your network with it"),
        (
            [("Ann", "ann@far.example.com"), ("Bea", "bea@far.example.com")],
            "Ann and Bea come into your network with it",
        ),
    ],
)
def test_one_comes_in_and_two_come_in(
    newcomer: Browser, runtime: Runtime, account: str, now: datetime, guests: list[tuple[str, str]], says: str
) -> None:
    found = world.event("first-1", "Kennismaken", now + timedelta(hours=50), world.OWNER, guests)
    world.keep(runtime.store, account, now, [found], path="c.ics")
    assert says in newcomer.get("/first/meet").text


def test_a_meeting_of_nobody_is_not_found(newcomer: Browser) -> None:
    assert newcomer.post("/first/meet/17/send", on="/first/meet").status_code == 404
    assert newcomer.post("/first/meet/x/ask", {"text": "a"}, on="/first/meet").status_code == 404


# --- fifteen of forty ----------------------------------------------------------------------------------------------


def test_one_tap_takes_in_and_a_second_one_changes_it(newcomer: Browser, runtime: Runtime, account: str) -> None:
    noor = people(runtime, account, "proposed")["Noor Willemse"]
    for choice, state, circle in (
        ("lukewarm", "active", "lukewarm"),
        ("warm", "active", "warm"),
        ("out", "ignored", ""),
    ):
        answer = newcomer.post("/first/pick", {"tap": f"{noor.id} {choice}"}, on="/first/pick")
        assert answer.location == f"/first/pick#p-{noor.id}"
        row = people(runtime, account, state)["Noor Willemse"]
        assert not circle or row.circle == circle
        page = newcomer.get("/first/pick").text
        assert re.search(rf'value="{noor.id} {choice}" class="on {choice}" aria-pressed="true"', page)
        assert "Undo" in page or choice == "lukewarm"
    undo(runtime, account)
    assert "Noor Willemse" in people(runtime, account)


def test_marks_are_saved_together_and_only_what_changed_changes(
    newcomer: Browser, runtime: Runtime, account: str
) -> None:
    rows = people(runtime, account, "proposed")
    marks = {"Noor Willemse": "warm", "Emre Yıldız": "lukewarm", "Tomas Lind": "out", "Aisha Rahmani": "nonsense"}
    told: dict[str, object] = {f"choice-{rows[name].id}": choice for name, choice in marks.items()}
    assert newcomer.post("/first/pick", told, on="/first/pick").location == "/first/origins"
    assert people(runtime, account).keys() == {"Noor Willemse", "Emre Yıldız"}
    assert people(runtime, account, "ignored").keys() == {"Tomas Lind"}
    assert "2 of 15" in newcomer.get("/first/pick").text
    with runtime.store.reading(account) as tx:
        before = len(changes.changes(tx))
        assert (changes.latest(tx).what, changes.latest(tx).label) == ("judge", "3")
    newcomer.post("/first/pick", told, on="/first/pick")
    with runtime.store.reading(account) as tx:
        assert len(changes.changes(tx)) == before
    undo(runtime, account)  # all that the page said, at once
    assert people(runtime, account).keys() | people(runtime, account, "ignored").keys() == set()


def test_the_strongest_come_first_and_forty_at_most(app: Flask, runtime: Runtime, account: str, now: datetime) -> None:
    many = [(f"Person {n:02}", f"p{n}@example.com", n % 7 + 1, n % 5 + 1, 10 + n) for n in range(60)]
    world.keep(runtime.store, account, now, world.mails(now, world.OWNER, many))
    page = signed_in(app, account).get("/first/pick").text
    strengths = [min(int(n) % 7 + 1, int(n) % 5 + 1) for n in re.findall(r"<strong><bdi>Person (\d\d)", page)]
    assert len(strengths) == 40
    assert strengths == sorted(strengths, reverse=True)


def test_somebody_elses_people_cannot_be_tapped(newcomer: Browser, runtime: Runtime, now: datetime) -> None:
    other = world.settle(runtime.store, now, email="other@example.org")
    foreign = other.ids["Noor Willemse"]
    assert newcomer.post("/first/pick", {"tap": f"{foreign} out"}, on="/first/pick").status_code == 404
    assert "Noor Willemse" in people(runtime, other.owner_id)


IN: dict[str, Callable[[Browser, str], object]] = {
    "one of forty": lambda browser, who: browser.post("/first/pick", {"tap": f"{who} warm"}, on="/first/pick"),
    "new people": lambda browser, who: browser.post("/judge", {"id": who, "action": "warm"}),
    "a corner": lambda browser, _: browser.post("/first/origins", {"friends": "Tomas Lind"}, on="/first/origins"),
}
RHYTHM = {"digest": "yes", "brief": "yes", "calendar": "yes", "people": "5", "day": "1", "quiet": "20:00"}
ENDS: dict[str, tuple[str, dict[str, object]]] = {
    "settled": ("/first/rhythm", {**RHYTHM}),
    "left out": ("/first/go-on", {"step": "rhythm"}),
    "done with it": ("/first/done", {}),
}


@pytest.fixture
def beginner(newcomer: Browser) -> Browser:
    """The same after the first step."""
    newcomer.post("/first/go-on", {"step": "goal"}, on="/first/goal")
    return newcomer


@pytest.mark.parametrize("way", IN)
@pytest.mark.parametrize("end", ENDS)
def test_the_calendar_waits_until_its_owner_saw_what_goes_into_it(
    way: str, end: str, beginner: Browser, runtime: Runtime, account: str
) -> None:
    IN[way](beginner, people(runtime, account, "proposed")["Tomas Lind"].id)
    prepare.prepare_owner(runtime, account)
    assert _planned(runtime, account) == 0
    page = beginner.get("/first/rhythm").text
    assert "Get in touch with Tomas Lind" in page
    assert "before you go on or leave this step out. If you do neither, it begins on Monday 30 November" in page
    assert beginner.post("/first/rhythm", {**RHYTHM, "look": "yes"}, on="/first/rhythm").status_code == 303
    prepare.prepare_owner(runtime, account)
    assert _planned(runtime, account) == 0, "looking is no going on"
    where, told = ENDS[end]
    beginner.post(where, told, on="/first/rhythm")
    prepare.prepare_owner(runtime, account)
    assert _planned(runtime, account) == 1
    assert "Nothing of this begins" not in beginner.get("/first/rhythm").text


def test_whoever_leaves_in_the_middle_is_served_all_the_same(
    beginner: Browser, runtime: Runtime, account: str, now: datetime
) -> None:
    IN["one of forty"](beginner, people(runtime, account, "proposed")["Tomas Lind"].id)
    prepare.prepare_owner(runtime.at(now + timedelta(days=7, seconds=-1)), account)
    assert _planned(runtime, account) == 0
    prepare.prepare_owner(runtime.at(now + timedelta(days=7)), account)
    assert _planned(runtime, account) == 1


def test_what_stands_in_the_calendar_already_is_said_instead(
    newcomer: Browser, runtime: Runtime, account: str, now: datetime
) -> None:
    """Whoever never began the steps is served at once, and finds that here."""
    IN["new people"](newcomer, people(runtime, account, "proposed")["Tomas Lind"].id)
    assert "None of it stands in your calendar yet" in newcomer.get("/first/rhythm").text
    prepare.prepare_owner(runtime, account)
    tasks.drain(runtime)
    page = newcomer.get("/first/rhythm").text
    assert "Nothing of this begins" not in page
    assert "One of these stands in your calendar already" in page
    assert page.count("stands there already") == 1


def _planned(runtime: Runtime, owner_id: str) -> int:
    with runtime.store.reading(owner_id) as tx:
        return len(follow_ups.follow_ups(tx))


# --- whom no mailbox knows --------------------------------------------------------------------------------------------


def test_names_come_in_with_their_corner_as_one_change(newcomer: Browser, runtime: Runtime, account: str) -> None:
    told = {
        "family": ["Tante Riet, De Bakkerij", "", ""],
        "chance": ["Guus <guus@example.org>"],
        "colleagues": ["emre yıldız"],  # a mail shows him already
    }
    assert newcomer.post("/first/origins", told, on="/first/origins").location == "/first/plan"
    rows = people(runtime, account)
    assert {name: (row.circle, row.origins, row.organisation) for name, row in rows.items()} == {
        "Tante Riet": ("warm", ["family"], "De Bakkerij"),
        "Guus": ("lukewarm", ["chance"], ""),
        "Emre Yıldız": ("warm", ["mail", "colleagues"], rows["Emre Yıldız"].organisation),
    }
    assert rows["Guus"].addresses == ["guus@example.org"]
    assert "There already: Tante Riet" in newcomer.get("/first/origins").text
    undo(runtime, account)
    assert people(runtime, account) == {}
    assert "Emre Yıldız" in people(runtime, account, "proposed")


def test_the_own_address_is_not_taken_for_somebody_elses(newcomer: Browser, runtime: Runtime, account: str) -> None:
    newcomer.post("/first/origins", {"friends": f"Sam again <{world.OWNER}>"}, on="/first/origins")
    assert people(runtime, account)["Sam again"].addresses == []


def test_nobody_named_goes_on(newcomer: Browser, runtime: Runtime, account: str) -> None:
    assert newcomer.post("/first/origins", {"family": ["", " "]}, on="/first/origins").location == "/first/plan"
    assert people(runtime, account) == {}


# --- three talks ----------------------------------------------------------------------------------------------------


def test_a_talk_is_proposed_with_channel_questions_and_words(newcomer: Browser, runtime: Runtime, account: str) -> None:
    newcomer.post("/first/goal", {"goal": "explore_market"}, on="/first/goal")
    noor = people(runtime, account, "proposed")["Noor Willemse"]
    newcomer.post("/first/pick", {"tap": f"{noor.id} warm"}, on="/first/pick")
    assert "Choose 3 people" in newcomer.get("/first/plan").text
    assert newcomer.post("/first/plan", {"contact": noor.id}, on="/first/plan").location == "/first/plan"
    page = newcomer.get("/first/plan").text
    for each in ("Noor Willemse knows you", "By mail.", "tips and names", "<textarea"):
        assert each in page
    assert re.search(r'<ol class="questions"><li>', page)
    with runtime.store.reading(account) as tx:
        entry = plans.plan_entry(tx, noor.id)
    assert entry
    newcomer.post("/first/plan", {"entry": entry.id, "goal": "learn_vacancy"}, on="/first/plan")
    with runtime.store.reading(account) as tx:
        assert (plans.plan_entry(tx, noor.id) or entry).goal == "learn_vacancy"
    newcomer.post("/first/plan", {"entry": entry.id, "do": "remove"}, on="/first/plan")
    with runtime.store.reading(account) as tx:
        assert plans.plan_entry(tx, noor.id) is None


def test_without_a_goal_there_is_nothing_to_plan(newcomer: Browser) -> None:
    assert "needs no plan" in newcomer.get("/first/plan").text
    assert newcomer.post("/first/plan", {"contact": "x"}, on="/first/plan").status_code == 404


# --- rhythm ---------------------------------------------------------------------------------------------------------


def test_switches_are_kept_and_the_rest_of_the_settings_stays(
    newcomer: Browser, runtime: Runtime, account: str
) -> None:
    with runtime.store.transaction(account) as tx:
        accounts.update_owner(tx, settings={"stopped": ["nudge"], "digest_time": "09:15"})
    newcomer.post("/first/rhythm", {"people": "3", "day": "4", "quiet": "18:00", "look": "yes"}, on="/first/rhythm")
    kept = settings(runtime, account)
    assert kept["stopped"] == ["brief", "digest", "note", "nudge"]
    assert (kept["weekly_people"], kept["digest_weekday"], kept["quiet_from"]) == (3, 4, "18:00")
    assert (kept["weekly_follow_ups"], kept["digest_time"]) == (0, "09:15")
    newcomer.post("/first/rhythm", {"digest": "yes", "brief": "yes", "calendar": "yes"}, on="/first/rhythm")
    assert settings(runtime, account)["stopped"] == ["nudge"]
    assert "weekly_follow_ups" not in settings(runtime, account)


def test_without_reminders_none_is_written(newcomer: Browser, runtime: Runtime, account: str) -> None:
    rows = people(runtime, account, "proposed")
    with runtime.store.transaction(account) as tx:
        contacts.accept(tx, [row.id for row in rows.values()], now=runtime.now())
    assert "Get in touch with" in newcomer.get("/first/rhythm").text
    newcomer.post("/first/rhythm", {"digest": "yes"}, on="/first/rhythm")
    assert "Nothing for now" in newcomer.get("/first/rhythm").text
    prepare.prepare_owner(runtime, account)
    assert _planned(runtime, account) == 0


# --- the last look ---------------------------------------------------------------------------------------------------


def test_the_first_digest_is_shown_and_sent_when_asked(newcomer: Browser, runtime: Runtime, account: str) -> None:
    tomas = people(runtime, account, "proposed")["Tomas Lind"]
    newcomer.post("/first/pick", {"tap": f"{tomas.id} warm"}, on="/first/pick")
    page = newcomer.get("/first/done").text
    assert "Tuesday 24 November, 08:30." in page
    shown = newcomer.get("/first/done/digest")
    assert "Tomas Lind" in shown.text
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    newcomer.post("/first/done/send", on="/first/done")
    newcomer.post("/first/done/send", on="/first/done")
    with runtime.store.reading(account) as tx:
        (row,) = outbox.rows(tx)
    assert (row.kind, row.payload) == ("sample", {"of": "digest", "asked": True})


def test_the_last_look_tells_what_will_come(newcomer: Browser, runtime: Runtime, account: str) -> None:
    IN["one of forty"](newcomer, people(runtime, account, "proposed")["Tomas Lind"].id)
    assert "Your first weekly mail comes on Tuesday 24 November, 08:30." in newcomer.get("/first/done").text
    assert "The questions for a talk come before it" in newcomer.get("/first/done").text
    newcomer.post("/settings/held", {"held": "yes"})
    page = newcomer.get("/first/done").text
    assert "Everything is held, so no mail comes" in page
    assert "mail comes on" not in page
    newcomer.post("/first/sample", on="/first/goal")
    page = newcomer.get("/first/done").text
    assert "In the sample no mail comes" in page
    assert "mail comes on" not in page


def test_nothing_to_say_is_said(app: Flask, account: str) -> None:
    browser = signed_in(app, account)
    assert "comes on Tuesday" not in browser.get("/first/done").text
    assert "There is nothing to say yet" in browser.get("/first/done").text
    assert browser.get("/first/done/digest").status_code == 404
