"""Our own calendar at Graph: made once, each event once, what the owner did there respected, all of it removable."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from integrations.base import Opening
from integrations.microsoft.calendars import Calendars
from integrations.microsoft.calls import Calls
from integrations.microsoft.ourevent import KEY, SAID, body_of, found, says, transaction_of
from integrations.microsoft.ours import OurCalendar
from keepwarm.errors import Rejected, TryAgainLater
from keepwarm.store import Store
from keepwarm.types import OurEvent, Skipped, Stream, StreamKind
from tests.emulators.microsoft import Microsoft, Person
from workers.budgets import Purses

START = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
UID = "fu-1@keepwarm"
MADE, INSERT = "POST /me/calendars", "POST /me/calendars/{id}/events"
LOOK, CHANGE = "GET /me/calendars/{id}/events", "PATCH /me/events/{id}"
Open = Callable[..., Opening]


@pytest.fixture
def ours(town: Microsoft, robin: Person, opening: Open) -> OurCalendar:
    return OurCalendar(Calls(opening(town, robin, "calendar")))


@pytest.fixture(params=[(400, True), (400, False), (409, True), (409, False)], ids=str)
def duplicates(town: Microsoft, request: pytest.FixtureRequest) -> Iterator[None]:
    """How Graph says that a transaction is known: by either status, with the old id or without."""
    was = town.duplicate_status, town.tells_existing_id
    town.duplicate_status, town.tells_existing_id = request.param
    yield
    town.duplicate_status, town.tells_existing_id = was


def event(**fields: Any) -> OurEvent:
    given = {"uid": UID, "title": "Get in touch with Ann", "description": "Why now", "start_at": START}
    given |= {"end_at": START + timedelta(minutes=15), "zone": "Europe/Amsterdam", "reminder_minutes": 10} | fields
    return OurEvent(**given)


def events(robin: Person, ref: str) -> list[dict[str, Any]]:
    return list(next(each for each in robin.calendars.values() if each.id == ref).events)


def held(robin: Person, ref: str) -> dict[str, Any]:
    (there,) = events(robin, ref)
    return there


def calendars(robin: Person) -> list[str]:
    return [each.id for each in robin.calendars.values() if each is not robin.calendar]


def calendar(robin: Person, ref: str) -> Any:
    return next(each for each in robin.calendars.values() if each.id == ref)


def effects(town: Microsoft, robin: Person, method: str = "") -> int:
    return sum(each.person == robin.address and each.method.startswith(method) for each in town.history)


def theirs(**fields: Any) -> dict[str, Any]:
    at = {"dateTime": "2026-12-01T10:00:00", "timeZone": "UTC"}
    return {"subject": "Theirs", "start": at, "end": at} | fields


# --- The calendar


def test_our_calendar_is_made_once_and_known_by_its_name(robin: Person, ours: OurCalendar) -> None:
    robin.add_calendar("Choir")
    ref = ours.ensure_calendar()
    assert ours.ensure_calendar() == ref
    assert len(calendars(robin)) == 2
    assert calendar(robin, ref).name == "Keepwarm"


@pytest.mark.parametrize(
    "kind", ["applied-then-500", "applied-then-504", "applied-then-cut", "truncated", "500", "cut"]
)
def test_an_uncertain_making_leaves_one_calendar(town: Microsoft, robin: Person, ours: OurCalendar, kind: str) -> None:
    town.faults.add(MADE, kind)
    with pytest.raises(TryAgainLater):
        ours.ensure_calendar()
    assert [ours.ensure_calendar()] == calendars(robin)


def test_one_of_that_name_is_written_to(robin: Person, ours: OurCalendar) -> None:
    """There can be no second of it."""
    own = robin.add_calendar("keepwarm")
    assert ours.ensure_calendar() == own.id
    assert calendars(robin) == [own.id]


def test_one_of_that_name_which_we_cannot_write_to_is_said_so(robin: Person, ours: OurCalendar) -> None:
    robin.add_calendar("Keepwarm", can_edit=False)
    with pytest.raises(Rejected, match="cannot write to"):
        ours.ensure_calendar()


def test_of_two_calendars_of_ours_it_is_always_the_same(robin: Person, ours: OurCalendar) -> None:
    both = [robin.add_calendar("Keepwarm") for _ in range(2)]
    assert ours.ensure_calendar() == min(each.id for each in both)
    assert len(calendars(robin)) == 2


def test_two_workers_make_one_calendar(
    town: Microsoft, robin: Person, opening: Open, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one makes it, another looks later."""
    budget = Purses(store=store, now=town.now, rest=lambda _: None)
    opened = opening(town, robin, "calendar", budget=budget)
    one, two = (OurCalendar(Calls(opened)) for _ in range(2))
    look, looks = two._ours, list[int]()

    def late() -> list[str]:
        looks.append(1)
        found = look()
        if len(looks) == 2:
            with pytest.raises(TryAgainLater):
                one.ensure_calendar()
        return found

    monkeypatch.setattr(two, "_ours", late)
    ref = two.ensure_calendar()
    assert one.ensure_calendar() == ref
    assert (calendars(robin), len(looks)) == ([ref], 2)


def test_two_workers_at_once_leave_one_calendar(
    town: Microsoft, robin: Person, ours: OurCalendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, looks = ours._ours, list[Any]()

    def late() -> list[str]:
        looks.append(look())
        if len(looks) == 1:
            robin.add_calendar("Keepwarm")
        return [] if len(looks) == 1 else look()

    monkeypatch.setattr(ours, "_ours", late)
    assert [ours.ensure_calendar()] == calendars(robin)


def test_a_calendar_that_the_owner_renamed_stays_ours(town: Microsoft, robin: Person, ours: OurCalendar) -> None:
    ref = ours.ensure_calendar()
    robin.add_calendar("Choir")
    ours.put_event(ref, event())
    calendar(robin, ref).name = "Stay in touch"
    assert ours.ensure_calendar() == ref
    ours.remove_all()
    assert [calendar(robin, each).name for each in calendars(robin)] == ["Choir"]


def test_our_events_moved_into_the_main_calendar_do_not_make_it_ours(robin: Person, ours: OurCalendar) -> None:
    robin.calendar.put(theirs(singleValueExtendedProperties=[{"id": KEY, "value": UID}]))
    assert ours.ensure_calendar() != robin.calendar.id


# --- An event


def test_an_event_is_private_free_and_rings(town: Microsoft, robin: Person, ours: OurCalendar) -> None:
    ref = ours.ensure_calendar()
    put = ours.put_event(ref, event(url="https://keepwarm.example/contacts/1"))
    there = held(robin, ref)
    assert there["start"] == {"dateTime": "2026-12-01T09:30:00", "timeZone": "Europe/Amsterdam"}
    assert there["body"] == {"contentType": "text", "content": "Why now\n\nhttps://keepwarm.example/contacts/1"}
    names = ("sensitivity", "showAs", "isReminderOn", "reminderMinutesBeforeStart", "responseRequested")
    assert [there[name] for name in names] == ["private", "free", True, 10, False]
    assert [each["value"] for each in there["singleValueExtendedProperties"] if each["id"] == KEY] == [UID]
    assert "attendees" not in there
    assert town.history[-1].more["mailed"] == []
    assert (put.start_at, put.end_at) == (START, START + timedelta(minutes=15))
    assert put.remote_ref == robin.ids.given(there["_key"])


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"reminder_minutes": -5}, {"reminderMinutesBeforeStart": 0}),
        ({"reminder_minutes": 10**6}, {"reminderMinutesBeforeStart": 40_320}),
        ({"zone": "UTC"}, {"start": {"dateTime": "2026-12-01T08:30:00", "timeZone": "UTC"}}),
        ({"start_at": datetime(2026, 10, 25, 0, 30, tzinfo=UTC)}, {
            "start": {"dateTime": "2026-10-25T02:30:00", "timeZone": "Europe/Amsterdam"},
        }),
        ({"start_at": datetime(2026, 10, 25, 1, 30, tzinfo=UTC)}, {
            "start": {"dateTime": "2026-10-25T01:30:00", "timeZone": "UTC"},  # the clock shows 2:30 a second time
        }),
        ({"url": "javascript:alert(1)"}, {"body": {"contentType": "text", "content": "Why now"}}),
        ({"url": "/contacts/1"}, {"body": {"contentType": "text", "content": "Why now"}}),
        ({"description": "", "url": ""}, {"body": {"contentType": "text", "content": ""}}),
        ({"uid": "it's ours@keepwarm"}, {"subject": "Get in touch with Ann"}),
    ],
)  # fmt: skip
def test_what_is_written_is_what_was_meant(
    robin: Person, ours: OurCalendar, fields: dict[str, Any], says: dict[str, Any]
) -> None:
    ref = ours.ensure_calendar()
    put = ours.put_event(ref, event(**fields))
    there = held(robin, ref)
    assert {name: there[name] for name in says} == says
    assert put.start_at == fields.get("start_at", START)
    assert ours.get_event(ref, fields.get("uid", UID)) == put


def test_a_transaction_is_one_of_an_event_in_a_calendar_as_it_was() -> None:
    one = transaction_of(event(), "c")
    assert UUID(one).version == 8
    assert str(UUID(one)) == one == transaction_of(event(title="Other"), "c")
    others = {
        transaction_of(event(), "d"),
        transaction_of(event(sequence=1), "c"),
        transaction_of(event(uid="x@keepwarm"), "c"),
    }
    assert len(others | {one}) == 4


def test_a_second_put_writes_nothing(town: Microsoft, robin: Person, ours: OurCalendar) -> None:
    ref = ours.ensure_calendar()
    first = ours.put_event(ref, event())
    before = effects(town, robin)
    assert ours.put_event(ref, event()) == ours.get_event(ref, UID) == first
    assert effects(town, robin) == before
    assert len(events(robin, ref)) == 1


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        *(
            (INSERT, kind)
            for kind in ("applied-then-500", "applied-then-504", "applied-then-cut", "truncated", "500", "cut")
        ),
        (LOOK, "500"),
        (LOOK, "truncated"),
        (LOOK, "cut"),
    ],
)
def test_an_uncertain_put_leaves_one_event(
    town: Microsoft, robin: Person, ours: OurCalendar, kind: str, method: str
) -> None:
    ref = ours.ensure_calendar()
    town.faults.add(method, kind)
    with pytest.raises(TryAgainLater):
        ours.put_event(ref, event())
    assert ours.put_event(ref, event()).start_at == START
    assert len(events(robin, ref)) == effects(town, robin, INSERT) == 1


def test_a_transaction_that_graph_does_not_notice_is_noticed_by_us(
    town: Microsoft, robin: Person, ours: OurCalendar
) -> None:
    """It is looked for before any attempt, the second above all (RELIABILITY.md B2)."""
    ref = ours.ensure_calendar()
    town.faults.add(INSERT, "applied-then-500")
    town.faults.add(INSERT, "doubled-transaction", times=None, after=1)
    with pytest.raises(TryAgainLater):
        ours.put_event(ref, event())
    ours.put_event(ref, event(title="Other"))
    assert held(robin, ref)["subject"] == "Other"


@pytest.mark.usefixtures("duplicates")
def test_what_was_inserted_and_is_not_found_yet_is_looked_after(
    town: Microsoft, robin: Person, ours: OurCalendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = ours.ensure_calendar()
    ours.put_event(ref, event())
    look, looks = ours._marked, list[str]()

    def late(calendar: str, uid: str) -> Any:
        looks.append(uid)
        return [] if len(looks) == 1 else look(calendar, uid)

    monkeypatch.setattr(ours, "_marked", late)
    put = ours.put_event(ref, event(title="Other"))
    assert (put.start_at, put.deleted_by_user) == (START, False)
    assert held(robin, ref)["subject"] == "Other"


@pytest.mark.usefixtures("duplicates")
def test_what_the_owner_deleted_before_we_noted_it_stays_deleted(
    town: Microsoft, robin: Person, ours: OurCalendar
) -> None:
    ref = ours.ensure_calendar()
    town.faults.add(INSERT, "applied-then-500")
    with pytest.raises(TryAgainLater):
        ours.put_event(ref, event())
    calendar(robin, ref).cancel(held(robin, ref)["_key"])
    for _ in range(2):
        assert ours.put_event(ref, event()).deleted_by_user
    assert events(robin, ref) == []


def test_of_two_that_two_workers_made_the_first_stays(town: Microsoft, robin: Person, ours: OurCalendar) -> None:
    ref = ours.ensure_calendar()
    ours.put_event(ref, event())
    twin = {name: part for name, part in held(robin, ref).items() if not name.startswith("_") and name != "iCalUId"}
    calendar(robin, ref).put(twin)
    ours.put_event(ref, event(title="Call Ann", written=True))
    assert held(robin, ref)["subject"] == "Call Ann"


def test_another_text_changes_the_event_and_leaves_what_the_owner_added(
    town: Microsoft, robin: Person, ours: OurCalendar
) -> None:
    ref = ours.ensure_calendar()
    first = ours.put_event(ref, event(url="https://keepwarm.example/1"))
    calendar(robin, ref).put({"id": first.remote_ref, "categories": ["Blue"], "location": {"displayName": "Zuid"}})
    later = event(title="Call Ann", start_at=START + timedelta(days=1), end_at=START + timedelta(days=1, hours=1))
    second = ours.put_event(ref, replace(later, written=True, sequence=1))
    there = held(robin, ref)
    assert (there["subject"], there["categories"], there["location"]["displayName"]) == ("Call Ann", ["Blue"], "Zuid")
    assert there["body"]["content"] == "Why now"
    assert second.start_at == START + timedelta(days=1)
    assert second.remote_ref == first.remote_ref
    assert second.fingerprint != first.fingerprint


def test_what_graph_makes_of_a_text_is_never_compared(town: Microsoft, robin: Person, ours: OurCalendar) -> None:
    ref = ours.ensure_calendar()
    put = ours.put_event(ref, event())
    calendar(robin, ref).put({"id": put.remote_ref, "body": {"contentType": "html", "content": "<html>Why now</html>"}})
    before = effects(town, robin)
    assert ours.put_event(ref, event(written=True)) == put
    assert effects(town, robin) == before


def test_an_event_made_a_whole_day_gets_its_hour_back(town: Microsoft, robin: Person, ours: OurCalendar) -> None:
    ref = ours.ensure_calendar()
    put = ours.put_event(ref, event())
    days = [{"dateTime": f"2026-12-0{day}T00:00:00", "timeZone": "Europe/Amsterdam"} for day in (4, 5)]
    calendar(robin, ref).put({"id": put.remote_ref, "isAllDay": True, "start": days[0], "end": days[1]})
    moved = ours.get_event(ref, UID)
    assert moved is not None
    assert moved.start_at == datetime(2026, 12, 4, tzinfo=UTC)
    assert ours.put_event(ref, event(written=True)).start_at == START
    assert held(robin, ref)["isAllDay"] is False


def test_what_changed_meanwhile_is_looked_at_again(
    robin: Person, ours: OurCalendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If-Match: 412 the first time."""
    ref = ours.ensure_calendar()
    put = ours.put_event(ref, event())
    look, looks = ours._held, list[Any]()

    def stale(calendar_ref: str, uid: str) -> Any:
        looks.append(look(calendar_ref, uid))
        if len(looks) < at_most:
            calendar(robin, ref).put({"id": put.remote_ref, "categories": [str(len(looks))]})
        return looks[-1]

    monkeypatch.setattr(ours, "_held", stale)
    at_most = 2
    ours.put_event(ref, event(title="Call Ann", written=True))
    assert len(looks) == 2
    assert held(robin, ref)["subject"] == "Call Ann"
    at_most, looks[:] = 99, []
    with pytest.raises(TryAgainLater):
        ours.put_event(ref, event(title="Write to Ann", written=True))
    assert len(looks) == 3
    assert held(robin, ref)["subject"] == "Call Ann"


@pytest.mark.parametrize("kind", ["applied-then-500", "applied-then-cut", "500"])
def test_an_uncertain_change_is_made_once(town: Microsoft, robin: Person, ours: OurCalendar, kind: str) -> None:
    ref = ours.ensure_calendar()
    ours.put_event(ref, event())
    town.faults.add(CHANGE, kind)
    with pytest.raises(TryAgainLater):
        ours.put_event(ref, event(title="Call Ann", written=True))
    ours.put_event(ref, event(title="Call Ann", written=True))
    assert held(robin, ref)["subject"] == "Call Ann"
    assert effects(town, robin, CHANGE) == 1


def test_what_the_owner_moved_can_be_seen_and_is_not_moved_back_unseen(robin: Person, ours: OurCalendar) -> None:
    ref = ours.ensure_calendar()
    first = ours.put_event(ref, event())
    ours.get_event(ref, UID)
    later = START + timedelta(days=2)
    calendar(robin, ref).move(first.remote_ref, later, later + timedelta(minutes=15))
    with pytest.raises(TryAgainLater):  # moved between the look and the put
        ours.put_event(ref, event(title="Call Ann", written=True))
    there = ours.get_event(ref, UID)
    assert there is not None
    assert there.fingerprint != first.fingerprint
    assert (there.start_at, there.end_at) == (later, later + timedelta(minutes=15))


def test_what_the_owner_deleted_stays_deleted(town: Microsoft, robin: Person, ours: OurCalendar) -> None:
    ref = ours.ensure_calendar()
    put = ours.put_event(ref, event())
    calendar(robin, ref).remove(put.remote_ref)
    before = effects(town, robin)
    assert ours.get_event(ref, UID) is None
    for _ in range(2):
        assert ours.put_event(ref, event(written=True)).deleted_by_user
        ours.delete_event(ref, UID)
    assert events(robin, ref) == []
    assert effects(town, robin) == before


def test_what_we_removed_may_come_back_as_another_version(robin: Person, ours: OurCalendar) -> None:
    """The engine counts a version up where it wants an event anew."""
    ref = ours.ensure_calendar()
    first = ours.put_event(ref, event())
    for _ in range(2):
        ours.delete_event(ref, UID)
    assert ours.get_event(ref, UID) is None
    again = ours.put_event(ref, event(sequence=1))
    assert (again.start_at, again.fingerprint) == (START, first.fingerprint)


def test_an_event_nobody_made_is_none_and_its_removal_quiet(ours: OurCalendar) -> None:
    ref = ours.ensure_calendar()
    assert ours.get_event(ref, "fu-2@keepwarm") is None
    ours.delete_event(ref, "fu-2@keepwarm")


def test_a_calendar_that_went_meanwhile_is_made_anew_later(robin: Person, ours: OurCalendar) -> None:
    ref = ours.ensure_calendar()
    del robin.calendars[calendar(robin, ref).key]
    with pytest.raises(TryAgainLater):
        ours.put_event(ref, event())
    again = ours.ensure_calendar()
    assert ours.put_event(again, event()).start_at == START


def test_what_was_not_allowed_is_said_so(town: Microsoft, robin: Person, opening: Open) -> None:
    with pytest.raises(Rejected, match="not allowed"):
        OurCalendar(Calls(opening(town, robin, "contacts"))).ensure_calendar()
    town.breaches.clear()


@pytest.mark.parametrize("told", [
    {}, {"start": 7}, {"start": {"dateTime": "x"}}, {"subject": ["x"], "start": {"dateTime": "2026-12-01T00:00:00"}},
    {"@odata.etag": "\ud800", "start": None}, {"singleValueExtendedProperties": "x", "isReminderOn": 3},
])  # fmt: skip
def test_what_nobody_can_read_any_more_is_told_without_times(told: dict[str, Any]) -> None:
    there = found({"id": "abc"} | told)
    assert there.remote_ref == "abc"
    assert there.fingerprint
    assert (there.start_at is None) == ("2026" not in str(told))
    assert not says({"id": "abc"} | told, body_of(event()))


def test_a_property_is_known_in_whatever_case_it_comes_back() -> None:
    wanted = body_of(event())
    key, said = (each["value"] for each in wanted["singleValueExtendedProperties"])
    held = [{"id": KEY.upper(), "value": key}, {"id": SAID.lower(), "value": said}]
    assert says(wanted | {"singleValueExtendedProperties": held}, wanted)
    assert not says(wanted | {"singleValueExtendedProperties": held}, body_of(event(description="Other")))


def test_our_events_are_no_input_wherever_the_owner_moved_them(
    town: Microsoft, robin: Person, opening: Open, ours: OurCalendar
) -> None:
    ref = ours.ensure_calendar()
    put = ours.put_event(ref, event())
    opened = opening(town, robin, "calendar")
    there = Stream(id="s", owner_id="o", account_id="a", kind=StreamKind.CALENDAR, place_ref=ref)
    (page,) = Calendars(Calls(opened), opened).changes(there)
    assert page.items == ()
    assert page.skipped == (Skipped(position=put.remote_ref, reason="ours"),)


# --- All of it


def test_everything_of_ours_can_be_removed(robin: Person, ours: OurCalendar) -> None:
    robin.calendar.put(theirs())
    ref = ours.ensure_calendar()
    for number in range(3):
        put = ours.put_event(ref, event(uid=f"fu-{number}@keepwarm"))
    calendar(robin, ref).remove(put.remote_ref)
    for _ in range(2):
        ours.remove_all()
        assert calendars(robin) == []
    assert [each["subject"] for each in robin.calendar.events] == ["Theirs"]
    again = ours.ensure_calendar()
    assert ours.put_event(again, event(uid="fu-0@keepwarm")).deleted_by_user is False  # connected anew, written anew


def test_a_calendar_in_which_the_owner_wrote_stays(robin: Person, ours: OurCalendar) -> None:
    ref = ours.ensure_calendar()
    ours.put_event(ref, event())
    calendar(robin, ref).put(theirs())
    ours.remove_all()
    assert [each["subject"] for each in events(robin, ref)] == ["Theirs"]


def test_nothing_is_made_to_be_removed(town: Microsoft, robin: Person, ours: OurCalendar) -> None:
    robin.add_calendar("Choir")
    before = effects(town, robin)
    ours.remove_all()
    assert effects(town, robin) == before
    assert len(calendars(robin)) == 1
