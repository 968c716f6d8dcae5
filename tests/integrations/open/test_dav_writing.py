"""Our events on Radicale and Xandikos: written once, moved and deleted by hand, and removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.open.calendars import Calendars
from keepwarm.errors import Rejected, TryAgainLater
from tests.integrations.open.dav import CALENDAR, Account, ics, multistatus, ours, response
from tests.servers.dav import Alter, Asked, Given, Onwards

Writer = tuple[Account, Calendars, str]


@pytest.fixture
def writer(account: Account) -> Iterator[Writer]:
    """Our own calendar, new and empty; away again afterwards."""
    made = account.calendars()
    place = made.ensure_calendar()
    yield account, made, place
    account.raw("DELETE", place)


def resources(account: Account, place: str) -> list[str]:
    [*_, page] = account.read(place)
    return sorted(page.everything or ())


def test_our_calendar_is_made_once_and_marked(writer: Writer) -> None:
    account, calendars, place = writer
    assert calendars.ensure_calendar() == place
    assert account.calendars().ensure_calendar() == place
    assert [(each.ref, each.name) for each in calendars.places() if each.ours] == [(place, "Keepwarm")]


def test_second_put_leaves_one_event_and_does_not_write(writer: Writer) -> None:
    account, calendars, place = writer
    first = calendars.put_event(place, ours())
    account.client.asked.clear()
    assert calendars.put_event(place, ours(written=True)) == first
    assert {method for method, _ in account.client.asked} == {"GET"}
    assert resources(account, place) == [first.remote_ref]
    assert (first.start_at, first.end_at) == (ours().start_at, ours().end_at)
    body = account.raw("GET", first.remote_ref).body
    assert b"ATTENDEE" not in body
    assert b"ORGANIZER" not in body


@pytest.mark.parametrize(
    "change", [{"title": "Other"}, {"description": "Other"}, {"reminder_minutes": 30}, {"url": "https://x.example/"}]
)
def test_what_changed_is_written(writer: Writer, change: dict[str, Any]) -> None:
    account, calendars, place = writer
    calendars.put_event(place, ours())
    account.client.asked.clear()
    found = calendars.put_event(place, ours(written=True, sequence=1, **change))
    assert [method for method, _ in account.client.asked] == ["GET", "PUT", "GET"]
    assert calendars.get_event(place, ours().uid) == found
    assert len(resources(account, place)) == 1


def test_an_event_that_the_user_moved_is_seen(writer: Writer) -> None:
    account, calendars, place = writer
    before = calendars.put_event(place, ours())
    body = account.raw("GET", before.remote_ref).body.decode()
    account.put(before.remote_ref, body.replace("20261126T100000", "20261127T090000").replace("T101500", "T104500"))
    moved = calendars.get_event(place, ours().uid)
    assert moved is not None
    assert moved.start_at == datetime(2026, 11, 27, 8, tzinfo=UTC)
    assert moved.fingerprint != before.fingerprint
    assert not moved.deleted_by_user


def test_an_event_that_the_user_deleted_is_never_made_again(writer: Writer) -> None:
    account, calendars, place = writer
    made = calendars.put_event(place, ours())
    account.raw("DELETE", made.remote_ref)
    assert calendars.get_event(place, ours().uid) is None
    assert calendars.put_event(place, ours(written=True)).deleted_by_user
    assert resources(account, place) == []


def test_deleting_twice_is_quiet(writer: Writer) -> None:
    account, calendars, place = writer
    calendars.put_event(place, ours())
    calendars.delete_event(place, ours().uid)
    calendars.delete_event(place, ours().uid)
    assert resources(account, place) == []


def test_an_event_that_stands_under_another_name_is_taken_over(writer: Writer) -> None:
    account, calendars, place = writer
    made = calendars.put_event(place, ours())
    body = account.raw("GET", made.remote_ref).body.decode()
    account.raw("DELETE", made.remote_ref)
    account.put(f"{place}other-name.ics", body.replace("Write to Bo", "Changed by hand"))
    account.put(f"{place}similar.ics", body.replace("talk-1@keepwarm", "talk-1@keepwarm.example"))
    assert calendars.put_event(place, ours()).remote_ref == f"{place}other-name.ics"  # it was not known to be written
    assert resources(account, place) == [f"{place}other-name.ics", f"{place}similar.ics"]
    assert b"Write to Bo" in account.raw("GET", f"{place}other-name.ics").body
    assert not calendars.put_event(place, ours(written=True)).deleted_by_user
    calendars.delete_event(place, ours().uid)
    assert resources(account, place) == [f"{place}similar.ics"]


def test_removing_all_leaves_what_is_not_ours(writer: Writer) -> None:
    account, calendars, place = writer
    for number in range(3):
        calendars.put_event(place, ours(f"talk-{number}@keepwarm"))
    account.put(f"{place}theirs.ics", ics("theirs@x"))
    calendars.remove_all(place)
    assert resources(account, place) == [f"{place}theirs.ics"]
    account.raw("DELETE", f"{place}theirs.ics")
    calendars.put_event(place, ours())
    calendars.remove_all(place)
    assert place not in {each.ref for each in calendars.places()}


def test_removing_ours_makes_no_calendar(account: Account) -> None:
    account.client.asked.clear()
    account.calendars().remove_ours()
    assert "MKCALENDAR" not in {method for method, _ in account.client.asked}
    place = account.calendars().ensure_calendar()
    account.calendars().put_event(place, ours())
    account.calendars().remove_ours()
    assert place not in {each.ref for each in account.calendars().places()}


def test_removing_ours_empties_the_chosen_calendar(account: Account) -> None:
    place = account.make("chosen-too")
    account.calendars().put_event(place, ours())
    account.calendars(chosen=place).remove_ours()
    assert resources(account, place) == []


def test_a_chosen_calendar_is_emptied_of_ours_and_stays(account: Account) -> None:
    place = account.make("chosen")
    calendars = account.calendars()
    calendars.put_event(place, ours())
    calendars.remove_all(place)
    assert place in {each.ref for each in calendars.places()}
    assert resources(account, place) == []


def test_a_calendar_that_is_gone_takes_no_event(account: Account) -> None:
    with pytest.raises(Rejected):
        account.calendars().put_event(f"{account.home}never/", ours())


def test_where_no_calendar_can_be_made_the_chosen_one_serves(false: Callable[[Alter], Account]) -> None:
    def alter(asked: Asked, onwards: Onwards) -> Given:
        if asked.method == "MKCALENDAR":
            return Given(status=403)
        return multistatus(response("/ann/c/", CALENDAR))

    account = false(alter)
    with pytest.raises(Rejected, match="does not let us make a calendar"):
        account.calendars().ensure_calendar()
    assert account.calendars(chosen="/ann/c").ensure_calendar() == "/ann/c/"


def test_somebody_else_writing_at_the_same_moment_is_waited_for(false: Callable[[Alter], Account]) -> None:
    puts: list[Asked] = []

    def alter(asked: Asked, onwards: Onwards) -> Given:
        if asked.method == "PUT":
            puts.append(asked)
            return Given(status=412)
        if asked.method == "PROPFIND":
            return multistatus(response(asked.path, "<resourcetype/>"))
        return Given(status=200, body=ics("talk-1@keepwarm").encode(), headers={"ETag": f'W/"{len(puts)}"'})

    with pytest.raises(TryAgainLater):
        false(alter).calendars().put_event("/ann/c/", ours())
    assert [each.headers["if-match"] for each in puts] == ['"0"', '"1"', '"2"']  # each after another look
