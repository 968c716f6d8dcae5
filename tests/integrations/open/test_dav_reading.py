"""Calendars and address books on Radicale and Xandikos: found, read from the beginning, and followed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from integrations.open.books import Books
from integrations.open.calendars import Calendars
from integrations.open.dav import NOT_THERE, WRONG_LOGIN, Dav
from integrations.wire.ical import read_calendar
from keepwarm.errors import AccessRevoked, CursorExpired, Rejected
from keepwarm.types import CalendarEvent, ContactCard, Page
from tests.integrations.open.dav import (
    CALENDAR,
    ZONE,
    Account,
    Counted,
    Held,
    card,
    ics,
    key_of,
    multistatus,
    response,
    series,
)
from tests.make import NOW
from tests.servers.dav import PASSWORD, USER, Alter, Asked, Authority, Given, Onwards, door

MANY = 250


# Places


def test_places_are_found_from_any_address_and_only_those_with_events_count(account: Account) -> None:
    place, tasks = account.make("places"), account.make("tasks", holds="VTODO")  # Xandikos: everything everywhere
    book = account.make("book-places")
    for start in ("", "/.well-known/caldav", account.home, place):
        url = account.address.rstrip("/") + start if start else ""
        found = {each.ref for each in Calendars(account.dav, url, zone=ZONE, now=lambda: NOW, title="K").places()}
        assert place in found, start
        assert tasks not in found or account.name == "xandikos"
        assert book not in found
    found = {each.ref for each in Books(account.dav, now=lambda: NOW).places()}
    assert book in found
    assert place not in found


def test_a_server_without_the_well_known_address_is_asked_at_its_root(false: Callable[[Alter], Account]) -> None:
    def alter(asked: Asked, onwards: Onwards) -> Given:
        if asked.path.startswith("/.well-known/"):
            return Given(status=404)
        return multistatus(response("/", CALENDAR))

    account = false(alter)
    url = f"{account.address}.well-known/caldav"
    found = Calendars(account.dav, url, zone=ZONE, now=lambda: NOW, title="K").places()
    assert [each.ref for each in found] == ["/"]


def test_wrong_password_asks_the_owner_to_connect_anew(addresses: dict[str, str]) -> None:
    client = Counted(user=USER, password="wrong")
    with pytest.raises(AccessRevoked, match=WRONG_LOGIN):
        Books(Dav(client, addresses["radicale"], now=lambda: NOW), now=lambda: NOW).places()
    client.close()


# Reading


@pytest.fixture
def full(account: Account) -> tuple[str, dict[str, str]]:
    """A calendar with very many events, and what is in each resource."""
    made = _FULL.get(account.address)
    if made is None:
        place = account.make("full")
        bodies = {f"{place}{number:03}.ics": ics(f"e{number}@x") for number in range(MANY)}
        bodies |= {f"{place}s{number}.ics": series(f"s{number}@x") for number in range(5)}
        bodies[f"{place}broken.ics"] = ics("broken@x", title="x" * 600_000)
        account.fill(bodies)
        made = _FULL[account.address] = (place, bodies)
    return made


_FULL: dict[str, tuple[str, dict[str, str]]] = {}


def expected(bodies: dict[str, str]) -> dict[tuple[str, str], str]:
    """What a store should hold, and in which resource."""
    found: dict[tuple[str, str], str] = {}
    for path, body in bodies.items():
        for each in read_calendar(body.encode(), zone=ZONE, now=NOW):
            if isinstance(each, CalendarEvent):
                found[key_of(each)] = path
    return found


def expected_key(bodies: dict[str, str], path: str) -> tuple[str, str]:
    return next(iter(expected({path: bodies[path]})))


def stored(held: Held) -> dict[tuple[str, str], str]:
    return {key: item.resource_ref for key, item in held.items.items()}


def test_first_reading_brings_everything_and_the_next_costs_one_request(
    account: Account, full: tuple[str, dict[str, str]]
) -> None:
    place, bodies = full
    held = Held()
    pages = held.take(account.read(place))
    assert len(pages) == 3
    assert stored(held) == expected(bodies)
    assert len(expected(bodies)) == len(bodies) - 1 + 5 * 3  # another test may have added to them
    assert [each.reason for page in pages for each in page.broken] == ["The event is larger than 512 KiB."]
    assert pages[-1].everything == frozenset(bodies)
    assert sorted(ref for page in pages for ref in page.whole) == sorted(bodies.keys() - {f"{place}broken.ics"})
    account.client.asked.clear()
    again = list(account.read(place, held.cursor))
    assert again == [Page(cursor=held.cursor, last=True)]
    assert len(account.client.asked) == 1


def test_resuming_after_any_page_loses_nothing(account: Account, full: tuple[str, dict[str, str]]) -> None:
    place, bodies = full
    for stop in (1, 2):
        held, pages = Held(), account.read(place)
        for _ in range(stop):
            page = next(pages)
            held.take([replace(page, last=True)])
        early, told = f"{place}000-new-{stop}.ics", page.whole[-1]
        account.put(early, ics(f"new{stop}@x"))  # it sorts before what was told
        uid = expected_key(bodies, told)[0]
        account.put(told, ics(uid, title=f"Changed {stop}"))  # told already, and changed since
        bodies |= {early: ics(f"new{stop}@x"), told: ics(uid, title=f"Changed {stop}")}
        held.take(account.read(place, held.cursor))
        held.take(account.read(place, held.cursor))
        assert stored(held) == expected(bodies), stop
        assert held.items[expected_key(bodies, told)].title == f"Changed {stop}"  # type: ignore[union-attr]
    assert list(account.read(place, held.cursor))[-1].everything is None


def test_resuming_in_the_midst_of_changes_loses_nothing(account: Account) -> None:
    place = account.make("midst")
    account.put(f"{place}first.ics", ics("first@x"))
    held = Held()
    held.take(account.read(place))
    account.raw("DELETE", f"{place}first.ics")
    bodies = {f"{place}{number:03}.ics": ics(f"e{number}@x") for number in range(120)}
    account.fill(bodies)
    held.take([replace(next(iter(account.read(place, held.cursor))), last=True)])
    assert len(held.items) == 101
    account.raw("DELETE", f"{place}001.ics")  # told already, and gone since
    del bodies[f"{place}001.ics"]
    held.take(account.read(place, held.cursor))
    held.take(account.read(place, held.cursor))
    assert stored(held) == expected(bodies)


def test_only_what_was_added_changed_or_removed_is_told(account: Account) -> None:
    place = account.make("changes")
    for uid in ("a", "b", "c"):
        account.put(f"{place}{uid}.ics", ics(f"{uid}@x"))
    held = Held()
    held.take(account.read(place))
    account.put(f"{place}b.ics", ics("b@x", title="Tea"))
    account.put(f"{place}d.ics", ics("d@x"))
    account.raw("DELETE", f"{place}a.ics")
    [page] = held.take(account.read(place, held.cursor))
    assert {item.resource_ref for item in page.items} == {f"{place}b.ics", f"{place}d.ics"}
    assert sorted(page.whole) == [f"{place}{uid}.ics" for uid in "abd"]
    assert page.everything is None
    assert held.names() == {"b@x", "c@x", "d@x"}
    assert {item.title for item in page.items if isinstance(item, CalendarEvent)} == {"Tea", "Coffee"}


def test_an_occurrence_that_left_its_series_is_dropped(account: Account) -> None:
    place = account.make("shorter")
    account.put(f"{place}s.ics", series("s@x"))
    held = Held()
    held.take(account.read(place))
    assert len(held.items) == 4
    account.put(f"{place}s.ics", series("s@x", count=4))
    held.take(account.read(place, held.cursor))
    assert sorted(occurrence for _, occurrence in held.items) == [
        f"2026-12-{day}T09:00:00Z" for day in ("01", "08", "22")
    ]


def test_a_dead_token_asks_to_begin_anew(account: Account) -> None:
    place = account.make("dead")
    account.put(f"{place}a.ics", ics("a@x"))
    [page] = account.read(place)
    dead = re.sub(r'"token": "[^"]*"', '"token": "http://radicale.org/ns/sync/' + "0" * 64 + '"', page.cursor)
    assert dead != page.cursor
    with pytest.raises(CursorExpired):
        list(account.read(place, dead))
    for nonsense in ("nonsense", "[]", '{"token": 5}', '{"known": "x"}', '{"full": "never"}'):
        with pytest.raises(CursorExpired):
            list(account.read(place, nonsense))


def test_a_calendar_is_compared_in_full_after_thirty_days(account: Account) -> None:
    place = account.make("later")
    account.put(f"{place}a.ics", ics("a@x"))
    [page] = account.read(place)
    in_time, late = (replace(account, now=NOW + timedelta(days=days)) for days in (30, 31))
    assert [each.items for each in in_time.read(place, page.cursor)] == [()]
    [again] = late.read(place, page.cursor)
    assert [item.resource_ref for item in again.items] == [f"{place}a.ics"]
    assert again.everything == {f"{place}a.ics"}
    assert [each.items for each in late.read(place, again.cursor)] == [()]


def test_a_calendar_that_is_gone_is_refused(account: Account) -> None:
    with pytest.raises(Rejected, match=NOT_THERE):
        list(account.read(f"{account.home}never/"))


def test_cards_are_read_and_followed(account: Account) -> None:
    book = account.make("book-many")
    account.fill({f"{book}{number:03}.vcf": card(f"p{number}") for number in range(MANY)})
    held = Held()
    assert len(held.take(account.read(book))) == 3
    assert held.names() == {f"p{number}" for number in range(MANY)}
    account.put(f"{book}001.vcf", card("p1", "Cy Example"))
    account.raw("DELETE", f"{book}002.vcf")
    account.put(f"{book}new.vcf", card("new"))
    [page] = held.take(account.read(book, held.cursor))
    assert sorted(item.name for item in page.items if isinstance(item, ContactCard)) == ["Bo Example", "Cy Example"]
    assert held.names() == {f"p{number}" for number in range(MANY)} - {"p2"} | {"new"}
    late = replace(account, now=NOW + timedelta(days=400))
    assert [each.items for each in late.read(book, held.cursor)] == [()]


# Servers without sync-collection


@pytest.fixture(params=["unsaid", "refused"])
def by_etags(account: Account, authority: Authority, request: pytest.FixtureRequest) -> Iterator[Account]:
    """The account behind a door that knows no sync-collection; it may pretend to (refused) until it is asked."""

    def alter(asked: Asked, onwards: Onwards) -> Given:
        if asked.method == "REPORT" and b"sync-collection" in asked.body:
            return Given(status=403)
        if request.param == "unsaid":
            body = asked.body.replace(b"<D:supported-report-set/>", b"").replace(b"<D:sync-token/>", b"")
            asked = replace(asked, body=body)
        return onwards(asked)

    with door(authority, to=account.port, tls=True, alter=alter) as address:
        made = replace(account, address=address, client=Counted(user=USER, password=PASSWORD))
        yield made
        made.client.close()


def test_without_sync_collection_etags_are_compared(by_etags: Account, request: pytest.FixtureRequest) -> None:
    place = by_etags.make(f"etags-{request.node.callspec.id}")
    bodies = {f"{place}{number:03}.ics": ics(f"e{number}@x") for number in range(120)}
    by_etags.fill(bodies)
    held = Held()
    first = next(iter(by_etags.read(place)))  # stopped after a page
    held.take([replace(first, last=True)])
    by_etags.put(f"{place}000.ics", ics("e0@x", title="Tea"))
    bodies[f"{place}000.ics"] = ics("e0@x", title="Tea")
    [rest] = held.take(by_etags.read(place, held.cursor))
    assert len(rest.items) == 21
    assert stored(held) == expected(bodies)
    by_etags.client.asked.clear()
    assert [(page.items, page.last) for page in by_etags.read(place, held.cursor)] == [((), True)]
    assert len(by_etags.client.asked) == 1
    by_etags.put(f"{place}001.ics", ics("e1@x", title="Tea"))
    by_etags.raw("DELETE", f"{place}002.ics")
    del bodies[f"{place}002.ics"]
    [page] = held.take(by_etags.read(place, held.cursor))
    assert [item.resource_ref for item in page.items] == [f"{place}001.ics"]
    assert stored(held) == expected(bodies)
    late = replace(by_etags, now=NOW + timedelta(days=31))
    assert sum(len(page.items) for page in late.read(place, held.cursor)) == len(bodies)
