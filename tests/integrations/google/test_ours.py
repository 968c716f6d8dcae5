"""Our own calendar at Google: made once, each event once, what the owner did there respected, all of it removable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.base import Opening
from integrations.google.calendarlist import MARKER
from integrations.google.calendars import Calendars
from integrations.google.calls import Calls
from integrations.google.ourevent import REMOVED, body_of, found, id_of
from integrations.google.ours import OurCalendar
from keepwarm.errors import Rejected, TryAgainLater
from keepwarm.store import Store
from keepwarm.types import OurEvent, Skipped, Stream, StreamKind
from tests.emulators.google import Google, Person
from workers.budgets import Purses

START = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
UID = "fu-1@keepwarm"
Open = Callable[..., Opening]


@pytest.fixture
def ours(town: Google, robin: Person, opening: Open) -> OurCalendar:
    return OurCalendar(Calls(opening(town, robin, "calendar")))


def event(**fields: Any) -> OurEvent:
    given = {"uid": UID, "title": "Get in touch with Ann", "description": "Why now", "start_at": START}
    given |= {"end_at": START + timedelta(minutes=15), "zone": "Europe/Amsterdam", "reminder_minutes": 10} | fields
    return OurEvent(**given)


def held(robin: Person, ref: str, uid: str = UID) -> dict[str, Any]:
    there = robin.calendars[ref].events[id_of(uid)]
    assert isinstance(there, dict)
    return there


def calendars(robin: Person) -> list[str]:
    return [each.id for each in robin.calendars.values() if each is not robin.calendar]


# --- The calendar


def test_our_calendar_is_made_once_and_known_by_its_marker(town: Google, robin: Person, ours: OurCalendar) -> None:
    robin.add_calendar("Keepwarm")  # one of that name is not ours
    ref = ours.ensure_calendar()
    assert ours.ensure_calendar() == ref
    assert len(calendars(robin)) == 2
    made = robin.calendars[ref]
    assert (made.summary, made.zone, made.app) == ("Keepwarm", "Europe/Amsterdam", True)


@pytest.mark.parametrize("kind", ["applied-then-500", "applied-then-cut", "truncated", "500", "cut"])
def test_an_uncertain_making_leaves_one_calendar(town: Google, robin: Person, ours: OurCalendar, kind: str) -> None:
    town.faults.add("calendar.calendars.insert", kind)
    with pytest.raises(TryAgainLater):
        ours.ensure_calendar()
    ref = ours.ensure_calendar()
    assert calendars(robin) == [ref]


def test_of_two_calendars_of_ours_it_is_always_the_same(town: Google, robin: Person, ours: OurCalendar) -> None:
    both = [robin.add_calendar("Keepwarm", app=True) for _ in range(2)]
    for each in both:
        each.description = f"Made by hand.\n{MARKER}\n"
    assert ours.ensure_calendar() == min(each.id for each in both)
    assert len(calendars(robin)) == 2


def test_two_workers_at_once_leave_one_calendar(
    town: Google, robin: Person, ours: OurCalendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = ours._made

    def late(zone: str) -> str:
        other = robin.add_calendar("Keepwarm", app=True)
        other.description = MARKER
        return make(zone)

    monkeypatch.setattr(ours, "_made", late)
    ref = ours.ensure_calendar()
    assert calendars(robin) == [ref]


def test_two_workers_make_one_calendar(
    town: Google, robin: Person, opening: Open, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one makes it, another looks later."""
    budget = Purses(store=store, now=town.now, rest=lambda _: None)
    opened = opening(town, robin, "calendar", budget=budget)
    one, two = (OurCalendar(Calls(opened)) for _ in range(2))
    make = two._made

    def late(zone: str) -> str:
        with pytest.raises(TryAgainLater):
            one.ensure_calendar()
        return make(zone)

    monkeypatch.setattr(two, "_made", late)
    ref = two.ensure_calendar()
    assert one.ensure_calendar() == ref
    assert calendars(robin) == [ref]


def test_a_colleagues_calendar_of_the_same_kind_is_not_ours(town: Google, robin: Person, opening: Open) -> None:
    theirs = robin.add_calendar("Keepwarm of Ann", access="reader")
    theirs.description = MARKER
    opened = opening(town, robin, "calendar")
    ref = OurCalendar(Calls(opened)).ensure_calendar()
    places = {each.ref: (each.ours, each.usual) for each in Calendars(Calls(opened), opened).places()}
    assert places == {robin.address: (False, True), theirs.id: (False, False), ref: (True, False)}


# --- An event


def test_an_event_is_private_free_and_rings(town: Google, robin: Person, ours: OurCalendar) -> None:
    ref = ours.ensure_calendar()
    put = ours.put_event(ref, event(url="https://keepwarm.example/contacts/1"))
    there = held(robin, ref)
    assert there["start"] == {"dateTime": "2026-12-01T09:30:00+01:00", "timeZone": "Europe/Amsterdam"}
    assert there["reminders"] == {"useDefault": False, "overrides": [{"method": "popup", "minutes": 10}]}
    assert there["source"] == {"title": "Keepwarm", "url": "https://keepwarm.example/contacts/1"}
    assert there["extendedProperties"] == {"private": {"keepwarm": UID}}
    assert (there["visibility"], there["transparency"]) == ("private", "transparent")
    assert "attendees" not in there
    assert town.history[-1].more["send_updates"] == "none"
    assert (put.remote_ref, put.start_at, put.end_at) == (there["id"], START, START + timedelta(minutes=15))


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"reminder_minutes": -5}, {
            "reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 0}]},
        }),
        ({"reminder_minutes": 10**6}, {
            "reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 40_320}]},
        }),
        ({"description": '<a href="https://evil.example">x</a>'}, {"description": '‹a href="https://evil.example"›x‹/a›'}),
        ({"zone": "UTC"}, {"start": {"dateTime": "2026-12-01T08:30:00+00:00", "timeZone": "UTC"}}),
        ({"uid": "é" * 3_000}, {"extendedProperties": {"private": {"keepwarm": "é" * 1_024}}}),
    ],
)  # fmt: skip
def test_what_is_written_fits_what_google_takes(
    ours: OurCalendar, robin: Person, fields: dict[str, Any], says: dict[str, Any]
) -> None:
    ref = ours.ensure_calendar()
    ours.put_event(ref, event(**fields))
    there = held(robin, ref, fields.get("uid", UID))
    assert {name: there[name] for name in says} == says


@pytest.mark.parametrize("url", ["javascript:alert(1)", "mailto:ann@example.com", "", "/contacts/1", "ftp://x.example"])
def test_only_pages_are_linked(url: str) -> None:
    assert "source" not in body_of(event(url=url))


def test_a_second_put_writes_nothing(town: Google, robin: Person, ours: OurCalendar) -> None:
    ref = ours.ensure_calendar()
    first = ours.put_event(ref, event())
    effects = len(town.history)
    assert ours.put_event(ref, event()) == ours.get_event(ref, UID) == first
    assert len(town.history) == effects
    assert len(robin.calendars[ref].events) == 1


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        *(
            ("calendar.events.insert", kind)
            for kind in ("applied-then-500", "applied-then-cut", "truncated", "500", "cut")
        ),
        ("calendar.events.get", "500"),
        ("calendar.events.get", "cut"),
    ],
)
def test_an_uncertain_put_leaves_one_event(
    town: Google, robin: Person, ours: OurCalendar, kind: str, method: str
) -> None:
    ref = ours.ensure_calendar()
    town.faults.add(method, kind)
    with pytest.raises(TryAgainLater):
        ours.put_event(ref, event())
    ours.put_event(ref, event())
    assert len(robin.calendars[ref].events) == 1
    assert [each.method for each in town.history if each.person == robin.address].count("calendar.events.insert") == 1


def test_a_taken_id_that_google_does_not_notice_is_noticed_by_us(
    town: Google, robin: Person, ours: OurCalendar
) -> None:
    """RELIABILITY.md B2: it is looked for before any attempt, the second above all."""
    ref = ours.ensure_calendar()
    town.faults.add("calendar.events.insert", "applied-then-500")
    town.faults.add("calendar.events.insert", "doubled-id", times=None)
    with pytest.raises(TryAgainLater):
        ours.put_event(ref, event())
    robin.calendars[ref].move(id_of(UID), START + timedelta(days=1), START + timedelta(days=1, hours=1))
    ours.put_event(ref, event(title="Other"))
    methods = [each.method for each in town.history if each.person == robin.address]
    assert methods.count("calendar.events.insert") == 1


def test_an_id_that_is_taken_meanwhile_is_looked_at(
    town: Google, robin: Person, ours: OurCalendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = ours.ensure_calendar()
    look, looks = ours._held, list[Any]()

    def late(calendar: str, event_id: str) -> Any:
        looks.append(look(calendar, event_id))
        if len(looks) == 1:
            robin.calendars[ref].put(body_of(event()))
        return looks[-1]

    monkeypatch.setattr(ours, "_held", late)
    assert ours.put_event(ref, event()).start_at == START
    assert len(looks) == 2


def test_another_text_changes_the_event_and_leaves_what_the_owner_added(
    town: Google, robin: Person, ours: OurCalendar
) -> None:
    ref = ours.ensure_calendar()
    first = ours.put_event(ref, event(url="https://keepwarm.example/1"))
    robin.calendars[ref].put({"id": id_of(UID), "colorId": "4", "location": "Zuid"})
    later = event(title="Call Ann", start_at=START + timedelta(days=1), end_at=START + timedelta(days=1, hours=1))
    second = ours.put_event(ref, replace(later, written=True, sequence=1))
    there = held(robin, ref)
    assert (there["summary"], there["colorId"], there["location"]) == ("Call Ann", "4", "Zuid")
    assert "source" not in there
    assert second.start_at == START + timedelta(days=1)
    assert second.fingerprint != first.fingerprint


def test_an_event_made_a_whole_day_gets_its_hour_back(town: Google, robin: Person, ours: OurCalendar) -> None:
    ref = ours.ensure_calendar()
    ours.put_event(ref, event())
    robin.calendars[ref].move(id_of(UID), {"date": "2026-12-04"}, {"date": "2026-12-05"})
    moved = ours.get_event(ref, UID)
    assert moved is not None
    assert moved.start_at == datetime(2026, 12, 4, tzinfo=UTC)
    assert ours.put_event(ref, event(written=True)).start_at == START
    assert held(robin, ref)["start"] == {"dateTime": "2026-12-01T09:30:00+01:00", "timeZone": "Europe/Amsterdam"}


def test_what_changed_meanwhile_is_looked_at_again(
    town: Google, robin: Person, ours: OurCalendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If-Match: 412 the first time."""
    ref = ours.ensure_calendar()
    ours.put_event(ref, event())
    look, looks = ours._held, list[Any]()

    def stale(calendar: str, event_id: str) -> Any:
        looks.append(look(calendar, event_id))
        if len(looks) < at_most:
            robin.calendars[ref].put({"id": event_id, "colorId": str(len(looks))})
        return looks[-1]

    monkeypatch.setattr(ours, "_held", stale)
    at_most = 2
    ours.put_event(ref, event(title="Call Ann", written=True))
    assert len(looks) == 2
    assert held(robin, ref)["summary"] == "Call Ann"
    at_most, looks[:] = 99, []
    with pytest.raises(TryAgainLater):
        ours.put_event(ref, event(title="Write to Ann", written=True))
    assert len(looks) == 3
    assert held(robin, ref)["summary"] == "Call Ann"


def test_what_the_owner_moved_can_be_seen(town: Google, robin: Person, ours: OurCalendar) -> None:
    ref = ours.ensure_calendar()
    first = ours.put_event(ref, event())
    robin.calendars[ref].move(id_of(UID), START + timedelta(days=2), START + timedelta(days=2, minutes=15))
    there = ours.get_event(ref, UID)
    assert there is not None
    assert there.fingerprint != first.fingerprint
    assert (there.start_at, there.end_at) == (START + timedelta(days=2), START + timedelta(days=2, minutes=15))


@pytest.mark.parametrize("written", [True, False])
def test_what_the_owner_deleted_stays_deleted(town: Google, robin: Person, ours: OurCalendar, written: bool) -> None:
    """Its id is used for good (409), and Google remembers; whatever we remember ourselves."""
    ref = ours.ensure_calendar()
    ours.put_event(ref, event())
    robin.calendars[ref].remove(id_of(UID))
    effects = len(town.history)
    there = ours.get_event(ref, UID)
    assert there is not None
    assert there.deleted_by_user
    assert ours.put_event(ref, event(written=written)).deleted_by_user
    ours.delete_event(ref, UID)
    assert ours.put_event(ref, event(written=written)).deleted_by_user
    assert held(robin, ref)["status"] == "cancelled"
    assert len(town.history) == effects


def test_what_is_known_to_have_been_written_and_is_nowhere_was_deleted(
    town: Google, robin: Person, ours: OurCalendar
) -> None:
    ref = ours.ensure_calendar()
    assert ours.put_event(ref, event(written=True)).deleted_by_user
    assert ours.get_event(ref, UID) is None
    assert robin.calendars[ref].events == {}


def test_what_we_removed_may_come_back_and_then_be_deleted_by_the_owner(
    town: Google, robin: Person, ours: OurCalendar
) -> None:
    ref = ours.ensure_calendar()
    first = ours.put_event(ref, event())
    for _ in range(2):
        ours.delete_event(ref, UID)
    assert ours.get_event(ref, UID) is None
    assert held(robin, ref)["status"] == "cancelled"
    assert ours.put_event(ref, event()) == first
    assert held(robin, ref)["status"] == "confirmed"
    assert REMOVED not in held(robin, ref)["extendedProperties"]["private"]
    robin.calendars[ref].remove(id_of(UID))
    assert ours.put_event(ref, event()).deleted_by_user


def test_a_removal_that_broke_off_is_taken_back_by_the_next_put(town: Google, robin: Person, ours: OurCalendar) -> None:
    ref = ours.ensure_calendar()
    ours.put_event(ref, event())
    town.faults.add("calendar.events.delete", "500")
    with pytest.raises(TryAgainLater):
        ours.delete_event(ref, UID)
    assert REMOVED in held(robin, ref)["extendedProperties"]["private"]
    ours.put_event(ref, event(written=True))
    assert REMOVED not in held(robin, ref)["extendedProperties"]["private"]


def test_an_event_nobody_made_is_none_and_its_removal_quiet(town: Google, ours: OurCalendar) -> None:
    ref = ours.ensure_calendar()
    assert ours.get_event(ref, "fu-2@keepwarm") is None
    ours.delete_event(ref, "fu-2@keepwarm")


def test_a_calendar_that_went_meanwhile_is_made_anew_later(town: Google, robin: Person, ours: OurCalendar) -> None:
    ref = ours.ensure_calendar()
    del robin.calendars[ref]
    with pytest.raises(TryAgainLater):
        ours.put_event(ref, event())
    again = ours.ensure_calendar()
    assert ours.put_event(again, event()).start_at == START


def test_a_calendar_of_another_installation_is_said_so(town: Google, robin: Person, ours: OurCalendar) -> None:
    ref = ours.ensure_calendar()
    robin.calendars[ref].app = False
    with pytest.raises(Rejected, match="another installation"):
        ours.put_event(ref, event())


@pytest.mark.parametrize("told", [
    {}, {"start": 7}, {"start": {"dateTime": "x"}}, {"summary": ["x"], "start": {"date": "2026-12-01"}},
    {"etag": "\ud800", "start": None}, {"extendedProperties": [], "reminders": "x", "source": 3},
])  # fmt: skip
def test_what_nobody_can_read_any_more_is_told_without_times(told: dict[str, Any]) -> None:
    there = found({"id": "abcde"} | told)
    assert there.remote_ref == "abcde"
    assert there.fingerprint
    assert (there.start_at is None) == ("date" not in str(told.get("start")) or "dateTime" in str(told.get("start")))


def test_our_events_are_no_input(town: Google, robin: Person, opening: Open, ours: OurCalendar) -> None:
    ref = ours.ensure_calendar()
    ours.put_event(ref, event())
    opened = opening(town, robin, "calendar")
    there = Stream(id="s", owner_id="o", account_id="a", kind=StreamKind.CALENDAR, place_ref=ref)
    (page,) = Calendars(Calls(opened), opened).changes(there)
    assert page.items == ()
    assert page.skipped == (Skipped(position=id_of(UID), reason="ours"),)


# --- All of it


def test_everything_of_ours_can_be_removed(town: Google, robin: Person, ours: OurCalendar) -> None:
    theirs = robin.calendar.put({"start": {"date": "2026-12-01"}, "end": {"date": "2026-12-02"}, "summary": "Theirs"})
    ref = ours.ensure_calendar()
    for number in range(3):
        ours.put_event(ref, event(uid=f"fu-{number}@keepwarm"))
    robin.calendars[ref].remove(id_of("fu-0@keepwarm"))
    for _ in range(2):
        ours.remove_all()
        assert calendars(robin) == []
    assert robin.calendar.events[theirs]["status"] == "confirmed"


def test_a_calendar_in_which_the_owner_wrote_stays(town: Google, robin: Person, ours: OurCalendar) -> None:
    ref = ours.ensure_calendar()
    ours.put_event(ref, event())
    theirs = robin.calendars[ref].put({"start": {"date": "2026-12-01"}, "end": {"date": "2026-12-02"}})
    ours.remove_all()
    assert held(robin, ref)["status"] == "cancelled"
    assert robin.calendars[ref].events[theirs]["status"] == "confirmed"
    assert ours.put_event(ref, event()).deleted_by_user is False  # connected anew, it is written anew


def test_nothing_is_made_to_be_removed(town: Google, robin: Person, ours: OurCalendar) -> None:
    robin.add_calendar("Keepwarm")
    effects = len(town.history)
    ours.remove_all()
    assert len(town.history) == effects
    assert len(calendars(robin)) == 1
