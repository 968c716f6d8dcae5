"""Calendars and address books read, our events written, on Radicale and Xandikos; and servers that misbehave."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

import pytest
from dulwich import porcelain

from integrations.open import comparing
from integrations.open.books import Books
from integrations.open.calendars import Calendars
from integrations.open.dav import ELSEWHERE, NO_DAV, NOT_THERE, WRONG_LOGIN, Dav
from integrations.open.davhosts import siblings
from integrations.open.davxml import UNREADABLE, Unusable
from integrations.wire import net
from integrations.wire.http import TOO_LONG, Client
from integrations.wire.ical import read_calendar
from keepwarm.errors import AccessRevoked, CursorExpired, Rejected, TryAgainLater
from keepwarm.types import CalendarEvent, ContactCard, OurEvent, Page, Stream, StreamKind
from tests.make import NOW
from tests.servers.dav import PASSWORD, USER, Alter, Asked, Authority, Given, Onwards, door, radicale, xandikos
from tests.servers.dns import Dns

ZONE = "Europe/Amsterdam"
REACH = net.Reach(allow=("localhost",))
MANY = 250


class Counted(Client):
    """Remembers what was asked."""

    def __init__(self, reach: net.Reach = REACH, **login: str) -> None:
        super().__init__(reach, **login)
        self.asked: list[tuple[str, str]] = []

    def call(self, method: str, url: str, **named: Any) -> Any:
        self.asked.append((method, url))
        return super().call(method, url, **named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account on one server; ``home`` is where collections can be made."""

    name: str
    address: str
    home: str
    books: str
    client: Counted
    folder: Path = Path()  # where the server keeps it all
    now: datetime = NOW

    @property
    def dav(self) -> Dav:
        return Dav(self.client, self.address, now=lambda: self.now)

    def calendars(self, **named: Any) -> Calendars:
        return Calendars(self.dav, zone=ZONE, now=lambda: self.now, title="Keepwarm", **named)

    def read(self, place: str, cursor: str = "") -> Iterator[Page]:
        of = StreamKind.CONTACTS if place.startswith(self.books) and "book" in place else StreamKind.CALENDAR
        reader = self.calendars() if of is StreamKind.CALENDAR else Books(self.dav, now=lambda: self.now)
        return reader.changes(
            Stream(id="s", owner_id="o", account_id="a", kind=of, place_ref=place, cursor=cursor)
        )  # fmt: skip

    def raw(self, method: str, path: str, body: str = "", **headers: str) -> Any:
        """What another program of the owner's does."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        url = self.address.rstrip("/") + path
        return Client.call(self.client, method, url, body=body.encode(), headers=named)

    def put(self, path: str, body: str) -> None:
        kind = "text/vcard" if "VCARD" in body else "text/calendar"
        answer = self.raw("PUT", path, body, Content_Type=f"{kind}; charset=utf-8")
        assert answer.status in {200, 201, 204}, answer

    def fill(self, bodies: dict[str, str]) -> None:
        """Many into one collection at once, behind the server's back: each by its own would take 50 ms."""
        for path, body in bodies.items():
            (self.folder / path.lstrip("/")).write_text(body, newline="")
        repo = (self.folder / next(iter(bodies)).lstrip("/")).parent
        if (repo / ".git").is_dir():
            porcelain.add(str(repo), paths=[str(repo / path.rpartition("/")[2]) for path in bodies])
            porcelain.commit(
                str(repo), message=b"many", author=b"Ann <ann@example.org>", committer=b"A <a@example.org>"
            )

    def make(self, name: str, holds: str = "VEVENT") -> str:
        """A new calendar, or with a name that begins with "book" an address book."""
        at = f"{self.books if name.startswith('book') else self.home}{name}/"
        kind = "<D:collection/><R:addressbook/>" if name.startswith("book") else "<D:collection/><C:calendar/>"
        components = (
            f'<C:supported-calendar-component-set><C:comp name="{holds}"/></C:supported-calendar-component-set>'
        )
        props = f"<D:resourcetype>{kind}</D:resourcetype>" + (components if "calendar" in kind else "")
        spaces = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:R="urn:ietf:params:xml:ns:carddav"'
        body = f"<D:mkcol {spaces}><D:set><D:prop>{props}</D:prop></D:set></D:mkcol>"
        answer = self.raw("MKCOL", at, body, Content_Type="application/xml; charset=utf-8")
        assert answer.status == 201, answer
        return at


@dataclass(slots=True)
class Held:
    """What a store holds that does as `keepwarm.types.Page` says."""

    items: dict[tuple[str, str], CalendarEvent | ContactCard] = field(default_factory=dict)
    cursor: str = ""

    def take(self, pages: Iterator[Page] | Sequence[Page]) -> list[Page]:
        taken = list(pages)
        for page in taken:
            self._drop(lambda ref, page=page: ref in page.whole)
            for item in page.items:
                assert isinstance(item, CalendarEvent | ContactCard)
                self.items[_key(item)] = item
            if page.everything is not None:
                self._drop(lambda ref, page=page: ref not in page.everything)
            self.cursor = page.cursor or self.cursor
        assert all(page.last == (page is taken[-1]) for page in taken)
        return taken

    def _drop(self, away: Callable[[str], bool]) -> None:
        self.items = {key: item for key, item in self.items.items() if not away(item.resource_ref)}

    def names(self) -> set[str]:
        return {key[0] for key in self.items}


def _key(item: CalendarEvent | ContactCard) -> tuple[str, str]:
    return (item.uid, item.occurrence) if isinstance(item, CalendarEvent) else (item.ref, "")


def ics(uid: str, start: str = "20261201T100000", *, title: str = "Coffee", more: str = "", after: str = "") -> str:
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y//EN", "BEGIN:VEVENT", f"UID:{uid}"),
        *("DTSTAMP:20261101T100000Z", f"DTSTART;TZID={ZONE}:{start}", "DURATION:PT1H", f"SUMMARY:{title}"),
        *filter(None, [more, "END:VEVENT", after, "END:VCALENDAR"]),
    ]
    zone = ["BEGIN:VTIMEZONE", f"TZID:{ZONE}", "BEGIN:STANDARD", "DTSTART:19701025T030000", "TZOFFSETFROM:+0200"]
    zone += ["TZOFFSETTO:+0100", "END:STANDARD", "END:VTIMEZONE"]
    return "\r\n".join([*lines[:3], *zone, *lines[3:], ""])


def series(uid: str, *, count: int = 5) -> str:
    """Weekly, one occurrence left out, one moved."""
    moved = ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261101T100000Z", f"RECURRENCE-ID;TZID={ZONE}:20261208T100000"]
    moved += [f"DTSTART;TZID={ZONE}:20261209T100000", "DURATION:PT1H", "SUMMARY:Moved", "END:VEVENT"]
    more = f"RRULE:FREQ=WEEKLY;COUNT={count}\r\nEXDATE;TZID={ZONE}:20261215T100000"
    return ics(uid, more=more, after="\r\n".join(moved))


def card(uid: str, name: str = "Bo Example") -> str:
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"UID:{uid}", f"FN:{name}", f"N:;{name};;;", f"EMAIL:{uid}@example.com"]
    return "\r\n".join([*lines, "END:VCARD", ""])


def ours(uid: str = "talk-1@keepwarm", **fields: Any) -> OurEvent:
    values = {"title": "Write to Bo", "description": "Two lines,\nand a comma", "url": "https://keepwarm.example/x"}
    times = {"start_at": NOW + timedelta(days=3), "end_at": NOW + timedelta(days=3, minutes=15), "zone": ZONE}
    return OurEvent(uid=uid, **(values | times | {"reminder_minutes": 10} | fields))  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small ones: each look at what there is here takes a few."""
    monkeypatch.setattr(comparing, "BLOCK", 100)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), "*.home.test", "*.else.test", "*.deep.home.test", "*.co.uk")


@pytest.fixture(scope="module")
def addresses(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    folder = tmp_path_factory.mktemp("dav")
    with radicale(authority, folder / "radicale") as one, xandikos(authority, folder / "xandikos") as other:
        _FOLDERS[one] = folder / "radicale" / "collections" / "collection-root"
        _FOLDERS[other] = folder / "xandikos" / "data"
        yield {"radicale": one, "xandikos": other}


_FOLDERS: dict[str, Path] = {}


@pytest.fixture(autouse=True)
def trusting(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.pem))
    net.tls_context.cache_clear()
    yield
    net.tls_context.cache_clear()


@pytest.fixture(params=["radicale", "xandikos"])
def account(request: pytest.FixtureRequest, addresses: dict[str, str], trusting: None) -> Iterator[Account]:
    made = account_at(request.param, addresses[request.param])
    if made.name == "radicale":
        made.raw("PROPFIND", "/ann/", Depth="0")  # the first visit makes the home
    yield made
    made.client.close()


def account_at(name: str, address: str) -> Account:
    homes = {"radicale": ("/ann/", "/ann/"), "xandikos": ("/user/calendars/", "/user/contacts/")}
    home, books = homes[name]
    client = Counted(user=USER, password=PASSWORD)
    folder = _FOLDERS.get(address, Path())
    return Account(name=name, address=address, home=home, books=books, client=client, folder=folder)


@pytest.fixture
def false(authority: Authority) -> Iterator[Callable[[Alter], Account]]:
    """An account on a server that answers as the test says."""
    opened: list[Any] = []

    def make(alter: Alter) -> Account:
        before = door(authority, alter=alter)
        made = account_at("radicale", before.__enter__())
        opened.extend((before, made.client))
        return made

    yield make
    for before, client in zip(opened[::2], opened[1::2], strict=True):
        client.close()
        before.__exit__(None, None, None)


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
        return multistatus(response("/", "<resourcetype><collection/><C:calendar/></resourcetype>"))

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
def full(account: Account, request: pytest.FixtureRequest) -> tuple[str, dict[str, str]]:
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
                found[_key(each)] = path
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

    port = int(account.address.rstrip("/").rpartition(":")[2])
    with door(authority, to=port, tls=True, alter=alter) as address:
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


# Writing


@pytest.fixture
def writer(account: Account) -> Iterator[tuple[Account, Calendars, str]]:
    """Our own calendar, new and empty; away again afterwards."""
    made = account.calendars()
    place = made.ensure_calendar()
    yield account, made, place
    account.raw("DELETE", place)


Writer = tuple[Account, Calendars, str]


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


# Servers that misbehave


def multistatus(*responses: str, token: str = "") -> Given:
    spaces = 'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
    ends = f"<sync-token>{token}</sync-token>" if token else ""
    body = f"<multistatus {spaces}>{''.join(responses)}{ends}</multistatus>"
    return Given(status=207, body=body.encode(), headers={"Content-Type": "application/xml"})


def response(href: str, props: str = "", status: str = "") -> str:
    told = f"<propstat><prop>{props}</prop><status>HTTP/1.1 200 OK</status></propstat>" if props else ""
    said = f"<status>HTTP/1.1 {status}</status>" if status else ""
    return f"<response><href>{href}</href>{told}{said}</response>"


def syncing(bodies: dict[str, str], *, listed: Sequence[str] = (), entry: str = "") -> Alter:
    """A server with these resources, which offers sync-collection. ``listed``: more hrefs it tells of."""

    def alter(asked: Asked, onwards: Onwards) -> Given:
        if asked.method == "PROPFIND":
            return multistatus(response(asked.path, "<sync-token>t0</sync-token>"))
        if asked.method == "GET":
            return Given(status=200, body=bodies[asked.path].encode())
        if b"sync-collection" in asked.body:
            return multistatus(*(response(href, "<getetag>1</getetag>") for href in (*bodies, *listed)), token="t1")
        wanted = re.findall(r"<D:href>([^<]*)</D:href>", asked.body.decode())
        data = ((href, escape(bodies[href], quote=False)) for href in wanted)
        return multistatus(*(response(href, f"<C:calendar-data>{body}</C:calendar-data>") for href, body in data))

    return alter


def test_an_address_on_another_server_is_never_followed(false: Callable[[Alter], Account]) -> None:
    seen: list[bytes] = []
    inner = syncing(
        {"/ann/c/a.ics": ics("a@x")},
        listed=["https://evil.example/x.ics", "//evil.example/y.ics", "http://localhost/z.ics", "https://[/bad"],
    )

    def alter(asked: Asked, onwards: Onwards) -> Given:
        seen.append(asked.body)
        return inner(asked, onwards)

    account = false(alter)
    [page] = account.read("/ann/c/")
    assert [item.resource_ref for item in page.items] == ["/ann/c/a.ics"]
    assert page.everything is None  # not all was seen: nothing is gone for that
    assert not any(b"evil" in body or b"z.ics" in body for body in seen)
    assert all(url.startswith(account.address) for _, url in account.client.asked)


def test_a_redirect_to_another_server_is_named(false: Callable[[Alter], Account]) -> None:
    other = false(lambda *_: Given(status=207, body=b"<multistatus xmlns='DAV:'/>"))
    account = false(lambda *_: Given(status=302, headers={"Location": other.address}))
    with pytest.raises(Rejected, match=ELSEWHERE):
        account.calendars().places()


# A home on another host of the same provider


LOOPBACK = {(f"*.{name}", "A"): ["127.0.0.1"] for name in ("home.test", "else.test", "deep.home.test", "co.uk")}


@dataclass(slots=True)
class Provider:
    """Hosts of one server: the one that people know, and the one where a home lies. ``{name}`` in hrefs is a host.

    ``seen``: method, host, path and whether the login came along.
    """

    home: str = "https://p07-caldav.home.test:{port}/7/calendars/"
    principal: str = "/7/principal/"
    members: Sequence[str] = ("/7/calendars/own/",)
    events: dict[str, bytes] = field(default_factory=dict)
    seen: list[tuple[str, str, str, bool]] = field(default_factory=list)
    own: bool = False  # our calendar was made

    def __call__(self, asked: Asked, onwards: Onwards) -> Given:
        host, _, port = asked.headers["host"].partition(":")
        self.seen.append((asked.method, host, asked.path, "authorization" in asked.headers))
        if asked.method in {"MKCALENDAR", "PUT", "DELETE", "GET"}:
            return self._written(asked)
        if asked.method == "REPORT":
            hrefs = [*self.events, *(() if b"multiget" in asked.body else self.listed(port))]
            told = [
                f"<getetag>1</getetag><C:calendar-data>{escape(self.body(each))}</C:calendar-data>" for each in hrefs
            ]
            return multistatus(*map(response, hrefs, told), token="t1")
        if asked.path == "/":
            return self._told(asked, "current-user-principal", self.principal.replace("{port}", port))
        if asked.path.endswith("/principal/"):
            return self._told(asked, "C:calendar-home-set", self.home.replace("{port}", port))
        kind = "<resourcetype><collection/><C:calendar/></resourcetype><sync-token>t0</sync-token>"
        if asked.headers["depth"] == "0":
            return multistatus(response(asked.path, kind))
        mine = ["/7/calendars/keepwarm/"] if self.own else []
        return multistatus(*(response(each.replace("{port}", port), kind) for each in (*self.members, *mine)))

    def listed(self, port: str) -> list[str]:
        """Members on other hosts, the account's own among them."""
        return [f"https://{name}:{port}/7/calendars/own/x.ics" for name in ("caldav.home.test", "p08-caldav.home.test")]

    def body(self, href: str) -> str:
        return self.events.get(href, b"").decode()

    def hosts(self, *, login: bool) -> set[str]:
        return {host for _, host, _, along in self.seen if along or not login}

    def _told(self, asked: Asked, name: str, href: str) -> Given:
        return multistatus(response(asked.path, f"<{name}><href>{href}</href></{name}>"))

    def _written(self, asked: Asked) -> Given:
        if asked.method == "MKCALENDAR":
            self.own = True
            return Given(status=201)
        if asked.method == "PUT":
            self.events[asked.path] = asked.body
            return Given(status=201)
        found = self.events.get(asked.path)
        if asked.method == "DELETE" and found is not None:
            del self.events[asked.path]
        return Given(status=200, body=found) if found is not None else Given(status=404)


@pytest.fixture
def provider(false: Callable[[Alter], Account]) -> Iterator[Callable[..., Account]]:
    """An account whose address is on a host of that name, at a provider like this."""
    with Dns(LOOPBACK) as dns:
        clients: list[Counted] = []

        def make(answers: Alter, host: str = "caldav.home.test") -> Account:
            made = false(answers)
            client = Counted(net.Reach(allow=("127.0.0.0/8",), resolver=dns.where), user=USER, password=PASSWORD)
            clients.append(client)
            return replace(made, client=client, address=made.address.replace("localhost", host))

        yield make
        for each in clients:
            each.close()


@pytest.mark.parametrize("principal", ["/7/principal/", "https://p03-caldav.home.test:{port}/7/principal/"])
def test_a_home_on_a_sibling_host_is_read_and_written_with_the_login(
    provider: Callable[..., Account], principal: str
) -> None:
    hosts = Provider(principal=principal)
    account = provider(hosts)
    port = account.address.rstrip("/").rpartition(":")[2]
    home = f"https://p07-caldav.home.test:{port}/7/calendars/"
    assert [each.ref for each in account.calendars().places()] == [f"{home}own/"]
    place = account.calendars().ensure_calendar()
    assert place == account.calendars().ensure_calendar() == f"{home}keepwarm/"
    made = account.calendars().put_event(place, ours())
    assert account.calendars().put_event(place, ours(written=True)) == made
    assert account.calendars().get_event(place, ours().uid) == made
    hosts.events["/7/calendars/own/a.ics"] = ics("a@x").encode()
    hosts.seen.clear()
    [page] = account.read(f"{home}own/")  # a day later, with nothing but the reference
    assert [item.resource_ref for item in page.items] == ["/7/calendars/own/a.ics"]
    assert hosts.hosts(login=False) == {"p07-caldav.home.test"}  # and no member elsewhere was asked for
    assert page.everything is None
    account.calendars().delete_event(place, ours().uid)
    assert account.calendars().get_event(place, ours().uid) is None
    assert all(login for *_, login in hosts.seen)


@pytest.mark.parametrize(
    "home",
    [
        "https://p07-caldav.else.test:{port}/7/calendars/",
        "https://home.test:{port}/7/calendars/",
        "https://p07.deep.home.test:{port}/7/calendars/",
        "https://p07-caldav.home.test/7/calendars/",
        "http://p07-caldav.home.test:{port}/7/calendars/",
        "https://p07-caldav.home.test.:{port}/7/calendars/",
        "https://caldav.home.test@p07.else.test:{port}/7/calendars/",
        "//p07.else.test:{port}/7/calendars/",
        "https://[/",
    ],
)
@pytest.mark.parametrize("named", ["home", "principal"])
def test_a_home_or_principal_elsewhere_is_refused(provider: Callable[..., Account], home: str, named: str) -> None:
    hosts = Provider(**{named: home.replace("calendars", "principal") if named == "principal" else home})
    account = provider(hosts)
    account.calendars().places()
    assert hosts.hosts(login=False) == {"caldav.home.test"}


def test_a_reference_elsewhere_is_refused(provider: Callable[..., Account]) -> None:
    hosts = Provider()
    account = provider(hosts)
    port = account.address.rstrip("/").rpartition(":")[2]
    for ref in (
        f"https://p07.else.test:{port}/7/",
        "https://p07-caldav.home.test/7/",
        "7/calendars/own/",
        "https://[/",
    ):
        with pytest.raises(Rejected):
            list(account.read(ref))
        with pytest.raises(Rejected):
            account.calendars().put_event(ref, ours())
    assert hosts.seen == []


def test_a_home_below_a_public_suffix_is_refused(provider: Callable[..., Account]) -> None:
    hosts = Provider(home="https://other.co.uk:{port}/7/calendars/")
    provider(hosts, "caldav.co.uk").calendars().places()
    assert hosts.hosts(login=False) == {"caldav.co.uk"}


@pytest.mark.parametrize("host", ["caldav.home.test", "p08-caldav.home.test", "p07-caldav.else.test"])
def test_a_member_beside_its_home_is_never_followed(provider: Callable[..., Account], host: str) -> None:
    hosts = Provider(members=(f"https://{host}:{{port}}/7/calendars/own/", "/7/calendars/good/"))
    found = provider(hosts).calendars().places()
    assert [each.ref.rpartition("/7/")[2] for each in found] == ["calendars/good/"]
    assert hosts.hosts(login=False) == {"caldav.home.test", "p07-caldav.home.test"}


@pytest.mark.parametrize(
    ("own", "other", "same"),
    [
        ("caldav.icloud.com", "p07-caldav.icloud.com", True),
        ("contacts.icloud.com", "p120-contacts.icloud.com", True),
        ("dav.example.co.uk", "p1.example.co.uk", True),
        ("caldav.icloud.com", "icloud.com", False),
        ("icloud.com", "other.com", False),
        ("caldav.icloud.com", "a.b.icloud.com", False),
        ("caldav.icloud.com", "caldav.icloud.com.evil.example", False),
        ("caldav.icloud.com", "evilicloud.com", False),
        ("ann.co.uk", "bob.co.uk", False),
        ("ann.com.au", "bob.com.au", False),
        ("ann.poznan.pl", "bob.poznan.pl", False),
        ("ann.duckdns.org", "bob.duckdns.org", False),
        ("10.0.0.1", "11.0.0.1", False),
        ("localhost", "other", False),
        ("a.b..c", "x.b..c", False),
        ("a.home.test", ".home.test", False),
        ("fe80::1", "fe80::2", False),
    ],
)
def test_only_a_host_below_the_same_registered_domain_is_a_sibling(own: str, other: str, same: bool) -> None:
    assert siblings(("https", own, 443), ("https", other, 443)) is same
    assert not siblings(("https", own, 443), ("https", other, 8443))
    assert not siblings(("https", own, 443), ("http", other, 443))


BOMB = (
    b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">%s]><multistatus xmlns="DAV:">&lol9;</multistatus>"""
    % (b"".join(b'<!ENTITY lol%d "%s">' % (each, b"&lol%d;" % (each - 1) * 10) for each in range(1, 10)))
)


DTD = b"""<?xml version="1.0"?><!DOCTYPE a><multistatus xmlns="DAV:"/>"""


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        (Given(status=207, body=BOMB), Unusable, UNREADABLE),
        (Given(status=207, body=DTD), Unusable, UNREADABLE),
        (Given(status=207, body=b"x" * (5 << 20)), Unusable, TOO_LONG),
        (Given(status=207, body=b'{"json": true}'), Unusable, UNREADABLE),
        (Given(status=207, body=b"<html/>"), Unusable, UNREADABLE),
        (Given(status=207, body=b"<a>" * 100_000), Unusable, UNREADABLE),
        (Given(status=207, body=b'<?xml version="1.0" encoding="x-none"?><a/>'), Unusable, UNREADABLE),
        (Given(status=207, body=b"<a>" + b"<b/>" * 900_000 + b"</a>"), Unusable, UNREADABLE),
        (multistatus(*["<response>" + "<href/>" * 9_000 + "</response>"]), Unusable, UNREADABLE),
        (Given(status=200, body=b"<html>hello</html>"), Rejected, NO_DAV),
        (Given(status=404), Rejected, NO_DAV),
        (Given(status=302, headers={"Location": "http://localhost/"}), Rejected, "not encrypted"),
    ],
    ids=["bomb", "dtd", "5MiB", "json", "html", "deep", "encoding", "elements", "hrefs", "200", "404", "plain"],
)
def test_a_wrong_answer_is_refused_by_name(
    false: Callable[[Alter], Account], given: Given, error: type[Rejected], says: str
) -> None:
    account = false(lambda *_: given)
    with pytest.raises(Rejected, match=re.escape(says)) as raised:
        account.calendars().places()
    assert type(raised.value) is error


def test_a_busy_server_is_asked_again_when_it_says(false: Callable[[Alter], Account]) -> None:
    account = false(lambda *_: Given(status=503, headers={"Retry-After": "300"}))
    with pytest.raises(TryAgainLater) as raised:
        list(account.read("/ann/c/", '{"way": "sync", "full": "2026-11-23", "token": "t"}'))
    assert raised.value.after == timedelta(minutes=5)


def test_what_breaks_the_answer_costs_itself_alone(false: Callable[[Alter], Account]) -> None:
    bodies = {f"/ann/c/{number:02}.ics": ics(f"e{number}@x") for number in range(20)}
    bodies["/ann/c/03.ics"] = ics("e3@x", title="bell \x07")  # no XML may hold it; a GET may
    bodies["/ann/c/07.ics"] = ics("e7@x", more="ATTACH:" + "x" * (5 << 20))
    held = Held()
    account = false(syncing(bodies))
    [page] = held.take(account.read("/ann/c/"))
    assert held.names() == {f"e{number}@x" for number in range(20)} - {"e7@x"}
    assert [method for method, _ in account.client.asked].count("GET") == 2
    assert [each.reason for each in page.broken] == ["This entry is larger than we read."]
    assert "/ann/c/07.ics" not in page.whole
    assert "/ann/c/07.ics" in (page.everything or ())


@pytest.mark.parametrize("number", [5_001, 12_000])
@pytest.mark.parametrize("way", ["sync", "etags"])
def test_a_collection_of_very_many_entries_is_read(
    false: Callable[[Alter], Account], monkeypatch: pytest.MonkeyPatch, number: int, way: str
) -> None:
    monkeypatch.setattr(comparing, "BLOCK", 250)
    bodies = {f"/ann/c/{each:05}.ics": ics(f"e{each}@x") for each in range(number)}

    def alter(asked: Asked, onwards: Onwards) -> Given:
        if asked.method == "PROPFIND" and way == "etags":
            hrefs = bodies if asked.headers["depth"] == "1" else [asked.path]
            return multistatus(*(response(href, "<getetag>1</getetag>") for href in hrefs))
        return syncing(bodies)(asked, onwards)

    pages = false(alter).read("/ann/c/")
    first = next(pages)
    assert [item.resource_ref for item in first.items] == sorted(bodies)[:250]  # type: ignore[union-attr]
    pages.close()  # type: ignore[attr-defined]


def test_a_collection_too_large_for_one_answer_is_named_so(false: Callable[[Alter], Account]) -> None:
    long = "x" * 1_000
    bodies = {f"/ann/c/{long}{each:05}.ics": "" for each in range(5_000)}
    with pytest.raises(Rejected, match="There is more in this calendar"):
        list(false(syncing(bodies)).read("/ann/c/"))


WITHHELD = "this is not what was asked for"


@pytest.fixture(params=["sync", "etags"])
def changing(request: pytest.FixtureRequest, false: Callable[[Alter], Account]) -> tuple[Account, dict[str, str]]:
    """A server whose entries a test changes as it goes; every change gives them another version."""
    held: dict[str, str] = {}
    told: dict[str, tuple[str, int]] = {}  # the body and the version of each as they were asked for last

    def alter(asked: Asked, onwards: Onwards) -> Given:
        for href, body in held.items():
            if href not in told or told[href][0] != body:
                told[href] = (body, max((version for _, version in told.values()), default=0) + 1)
        if asked.method == "PROPFIND" and asked.headers["depth"] == "0":
            return multistatus(response(asked.path, "<sync-token>t</sync-token>" if by_token else "<getetag/>"))
        if asked.method == "PROPFIND":
            return multistatus(*(response(href, f"<getetag>{told[href][1]}</getetag>") for href in held))
        if b"sync-collection" in asked.body:
            since = int((re.findall(rb"<D:sync-token>(\d*)</D:sync-token>", asked.body)[0]) or b"0")
            new = (href for href in held if told[href][1] > since)
            latest = str(max(version for _, version in told.values()))
            return multistatus(*(response(href, "<getetag>1</getetag>") for href in new), token=latest)
        return syncing(held)(asked, onwards)

    by_token = request.param == "sync"
    return false(alter), held


def test_an_entry_that_cannot_be_read_once_stays_and_is_read_again(
    changing: tuple[Account, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    account, bodies = changing
    monkeypatch.setattr(comparing, "BLOCK", 2)
    bodies |= {f"/ann/c/{number}.ics": ics(f"e{number}@x") for number in range(5)}
    held = Held()
    held.take(account.read("/ann/c/"))
    everybody = held.names()
    bodies["/ann/c/1.ics"] = bodies["/ann/c/4.ics"] = WITHHELD
    pages = held.take(account.read("/ann/c/", held.cursor))
    assert held.names() == everybody == {f"e{number}@x" for number in range(5)}
    assert sum(len(page.broken) for page in pages) == 2
    calm = held.take(replace(account, now=NOW + timedelta(minutes=50)).read("/ann/c/", held.cursor))
    assert [(page.items, page.broken) for page in calm] == [((), ())]
    waits = [replace(account, now=NOW + timedelta(hours=hours)) for hours in (1, 1.5, 2, 3, 4, 8)]
    told = [sum(len(page.broken) for page in held.take(each.read("/ann/c/", held.cursor))) for each in waits]
    assert told == [2, 0, 2, 0, 2, 2]


def test_an_entry_that_can_be_read_again_is_as_it_stands_now(false: Callable[[Alter], Account]) -> None:
    bodies = {"/ann/c/a.ics": ics("a@x"), "/ann/c/b.ics": ics("b@x")}
    good = syncing(bodies)
    bad = {"now": False}

    def alter(asked: Asked, onwards: Onwards) -> Given:
        given = good(asked, onwards)
        if b"sync-collection" in asked.body and b"t1" in asked.body:
            return multistatus(response("/ann/c/a.ics", "<getetag>2</getetag>") if bad["now"] else "", token="t1")
        return replace(given, body=given.body.replace(b":2026", b":0001")) if bad["now"] else given

    held, account = Held(), false(alter)
    held.take(account.read("/ann/c/"))
    bodies["/ann/c/a.ics"] = ics("a@x", title="Tea")
    bad["now"] = True
    held.take(account.read("/ann/c/", held.cursor))
    assert held.items[("a@x", "")].title == "Coffee"  # type: ignore[union-attr]
    bad["now"] = False
    held.take(replace(account, now=NOW + timedelta(hours=2)).read("/ann/c/", held.cursor))
    assert held.items[("a@x", "")].title == "Tea"  # type: ignore[union-attr]
    assert held.names() == {"a@x", "b@x"}


def test_a_card_that_cannot_be_read_is_kept_until_it_is_gone(false: Callable[[Alter], Account]) -> None:
    bodies = {"/ann/book/a.vcf": card("a"), "/ann/book/b.vcf": card("b")}
    listed, held = list(bodies), Held()

    def cards(asked: Asked, onwards: Onwards) -> Given:
        given = syncing(bodies)(asked, onwards)
        if b"sync-collection" in asked.body and b"t1" in asked.body:
            gone = (response(href, status="404 Not Found") for href in listed if href not in bodies)
            return multistatus(*(response(href, "<getetag>2</getetag>") for href in bodies), *gone, token="t1")
        spaces = b"xmlns:C='urn:ietf:params:xml:ns:carddav'"
        return replace(given, body=given.body.replace(b"C:calendar-data>", b"C:address-data>")
                       .replace(b'xmlns:C="urn:ietf:params:xml:ns:caldav"', spaces))  # fmt: skip

    account = false(cards)
    held.take(account.read("/ann/book/"))
    assert len(held.items) == 2
    bodies["/ann/book/a.vcf"] = WITHHELD
    held.take(account.read("/ann/book/", held.cursor))
    assert len(held.items) == 2
    del bodies["/ann/book/a.vcf"]
    held.take(account.read("/ann/book/", held.cursor))
    assert len(held.items) == 1
    assert "aside" not in held.cursor


def test_a_listing_that_is_cut_goes_on(false: Callable[[Alter], Account]) -> None:
    bodies = {f"/ann/c/{number}.ics": ics(f"e{number}@x") for number in range(6)}
    inner = syncing(bodies)

    def alter(asked: Asked, onwards: Onwards) -> Given:
        if b"sync-collection" not in asked.body:
            return inner(asked, onwards)
        at = int((re.findall(rb"<D:sync-token>(\d*)</D:sync-token>", asked.body)[0]) or b"0")
        more = [response("/ann/c/", status="507 Insufficient Storage")] if at < 4 else []
        hrefs = list(bodies)[at : at + 2]
        return multistatus(*(response(href, "<getetag>1</getetag>") for href in hrefs), *more, token=str(at + 2))

    held = Held()
    [page] = held.take(false(alter).read("/ann/c/"))
    assert held.names() == {f"e{number}@x" for number in range(6)}
    assert page.everything == frozenset(bodies)
    assert '"token": "6"' in held.cursor


def test_where_no_calendar_can_be_made_the_chosen_one_serves(false: Callable[[Alter], Account]) -> None:
    def alter(asked: Asked, onwards: Onwards) -> Given:
        if asked.method == "MKCALENDAR":
            return Given(status=403)
        kind = "<resourcetype><collection/><C:calendar/></resourcetype>"
        return multistatus(response("/ann/c/", kind))

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


@pytest.mark.parametrize(
    ("href", "path"),
    [
        ("/ann/cal/e1.ics", "/ann/cal/e1.ics"),
        ("/ann/cal/", "/ann/cal/"),
        ("/a%20b/c@d~e+f=g:h,i-j_k", "/a%20b/c@d~e+f=g:h,i-j_k"),
        ("https://dav.example.org/ann/e1.ics", "/ann/e1.ics"),
        ("e1.ics", "/ann/e1.ics"),
        ("/ann/./e1.ics", "/ann/e1.ics"),
        ("/ann/../bob/e1.ics", "/bob/e1.ics"),
        ("/ann/e1.ics?x=1", "/ann/e1.ics?x=1"),
        ("/ann/e1.ics#x", "/ann/e1.ics"),
        ("//evil.example.org/e1.ics", ""),
        ("https://evil.example.org/e1.ics", ""),
        ("/ann/e1.ics\x7f", ""),
        ("", ""),
    ],
)
def test_an_href_is_a_path_on_the_one_origin(href: str, path: str) -> None:
    assert Dav(Client(REACH), "https://dav.example.org/ann/", now=lambda: NOW).path(href) == path
