"""Servers of calendars that misbehave: answers that are wrong, too large, cut or withheld."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from integrations.open import comparing
from integrations.open.dav import NO_DAV
from integrations.open.davxml import UNREADABLE, Unusable
from integrations.wire.http import TOO_LONG
from keepwarm.errors import Rejected, TryAgainLater
from tests.integrations.open.dav import Account, Held, card, ics, multistatus, response, since, syncing
from tests.make import NOW
from tests.servers.dav import Alter, Asked, Given, Onwards

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
            new = (href for href in held if told[href][1] > since(asked))
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
        at = since(asked)
        more = [response("/ann/c/", status="507 Insufficient Storage")] if at < 4 else []
        hrefs = list(bodies)[at : at + 2]
        return multistatus(*(response(href, "<getetag>1</getetag>") for href in hrefs), *more, token=str(at + 2))

    held = Held()
    [page] = held.take(false(alter).read("/ann/c/"))
    assert held.names() == {f"e{number}@x" for number in range(6)}
    assert page.everything == frozenset(bodies)
    assert '"token": "6"' in held.cursor
