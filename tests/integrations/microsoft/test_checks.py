"""What people and operators see of their connection: each line as it is when one thing is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from integrations.base import House, Opening
from integrations.microsoft import Microsoft as Provider
from integrations.microsoft import checks, consent, operator, refusals
from integrations.wire import oauth
from integrations.wire.tokens import Refusal
from keepwarm.settings import Settings
from keepwarm.types import Check
from tests.emulators.microsoft import Microsoft, Person
from tests.integrations.microsoft import sides
from tests.integrations.microsoft.sides import REACH, Clock

ADDRESS = "https://keepwarm.example.org"
ALL = tuple(consent.PURPOSES)
TRIED = [checks.NAMES[each] for each in checks.TRIES]


@pytest.fixture
def account(town: Microsoft, robin: Person, opening: Callable[..., Opening]) -> Callable[..., Provider]:
    def made(*purposes: str, **more: Any) -> Provider:
        opened = opening(town, robin, *(purposes or ALL))
        return Provider(replace(opened, settings=dict.fromkeys(ALL, False) | dict(opened.settings) | more))

    return made


@pytest.fixture
def house(town: Microsoft, tmp_path: Path, clock: Clock) -> House:
    """Everything set up as docs/microsoft.md says."""
    home = tmp_path / "house"
    home.mkdir()
    ends = (clock() + timedelta(days=300)).date().isoformat()
    settings = sides.operator(town, home, public_url=ADDRESS, microsoft_secret_ends=ends)
    return House(settings=settings, address=ADDRESS, now=clock, secret_of=lambda name: name, reach=REACH)


def changed(house: House, **settings: Any) -> House:
    return replace(house, settings=replace(house.settings, **settings))


def lines(house: House, *opened: Provider) -> dict[str, Check]:
    found = list(Provider.operator_checks(house, opened))
    assert len({each.name for each in found}) == len(found)
    return {each.name: each for each in found}


# --- An account


def test_everything_allowed_is_green(account: Any) -> None:
    found = account().verify()
    assert [each.name for each in found] == [checks.NAMES[each] for each in ALL]
    assert all(each.ok and not each.absent and not each.says for each in found)


def test_what_was_refused_is_absent_and_not_asked_for(town: Microsoft, account: Any) -> None:
    town.requests.clear()
    found = {each.name: each for each in account("mail").verify()}
    assert [name for name, each in found.items() if not each.absent] == [checks.NAMES["mail"]]
    assert all(each.ok for each in found.values())
    assert dict(town.requests) == {"GET /me/mailFolders/{id}": 1}


def test_a_line_costs_the_cheapest_calls_and_no_content(town: Microsoft, account: Any) -> None:
    town.requests.clear()
    before = town.contents.total()
    account().verify()
    assert dict(town.requests) == {
        "GET /me/calendar": 1,
        "GET /me/mailboxSettings": 1,
        "GET /me/contacts": 1,
        "GET /me/mailFolders/{id}": 1,
    }
    assert town.contents.total() == before


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("GET /me/calendar", "calendar"),
        ("GET /me/mailboxSettings", "calendar"),
        ("GET /me/contacts", "contacts"),
        ("GET /me/mailFolders/{id}", "mail"),
    ],
)
@pytest.mark.parametrize("fault", ["429", "500", "503", "cut", "truncated", "403", "404"])
def test_one_line_in_trouble_leaves_the_others(
    town: Microsoft, account: Any, method: str, name: str, fault: str
) -> None:
    town.faults.add(method, fault)
    red = [each for each in account().verify() if not each.ok]
    assert [each.name for each in red] == [checks.NAMES[name]]
    assert all(each.says for each in red)


def test_a_dead_grant_says_to_connect_again(town: Microsoft, robin: Person, account: Any) -> None:
    opened = account()
    town.withdraw(robin, at_once=True)
    found = opened.verify()
    assert {each.says for each in found if not each.ok} == {checks.RECONNECT}
    assert [each.name for each in found if not each.ok] == TRIED


def test_a_permission_to_write_that_is_gone_is_red(account: Any) -> None:
    found = {each.name: each for each in account(scopes=["Mail.Read", None, 7]).verify()}
    assert [found[checks.NAMES[each]].says for each in ("send", "draft")] == [checks.REFUSED] * 2


def test_a_permission_is_known_however_it_is_spelled(account: Any) -> None:
    found = {each.name: each for each in account(scopes=["mail.send", "MAIL.READWRITE"]).verify()}
    assert all(found[checks.NAMES[each]].ok for each in ("send", "draft"))


def test_a_slip_of_ours_in_one_line_leaves_the_others(account: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(checks.TRIES, "mail", ((None, ()),))
    assert [each.says for each in account().verify() if not each.ok] == [checks.TROUBLE]


# --- The operator


def test_a_whole_set_up_is_green(house: House, account: Any) -> None:
    found = lines(house, account())
    assert list(found) == [
        checks.APP, checks.FILE, checks.ADDRESS, checks.REDIRECT, checks.SECRET, checks.ENDS, *TRIED, checks.NEWS
    ]  # fmt: skip
    assert [each.name for each in found.values() if not each.ok or each.absent] == []
    assert (found[checks.NEWS].says, found[checks.NEWS].where) == (checks.BY_PUSH, f"{ADDRESS}/webhooks/microsoft")
    assert found[checks.REDIRECT].where == f"{ADDRESS}/oauth/microsoft/callback"


def test_before_an_account_is_there_what_needs_one_is_absent(house: House) -> None:
    found = lines(house)
    assert [name for name, each in found.items() if each.absent] == TRIED
    assert {found[name].says for name in TRIED} == {checks.CONNECT_FIRST}
    assert all(each.ok for each in found.values())


def test_without_an_app_that_is_the_only_line(house: House) -> None:
    assert lines(changed(house, microsoft_client="")) == {
        checks.APP: Check(name=checks.APP, ok=False, says=operator.NO_CLIENT)
    }


def test_without_a_secret_nothing_more_is_tried(town: Microsoft, house: House, tmp_path: Path) -> None:
    town.requests.clear()
    found = lines(changed(house, microsoft_secret=str(tmp_path / "none")))
    assert [(name, each.ok) for name, each in found.items()] == [(checks.APP, True), (checks.FILE, False)]
    assert (found[checks.FILE].says, found[checks.FILE].where) == (operator.NO_SECRET, str(tmp_path / "none"))
    assert town.requests.total() == 0


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("https://keepwarm.example.org", ""),
        ("https://keepwarm.example.org:8443", ""),
        ("https://203.0.113.7", ""),
        ("https://localhost", ""),
        ("http://localhost:8420", ""),
        ("http://127.0.0.1:8420", checks.BY_MANIFEST),
        ("http://[::1]:8420", checks.BAD_ADDRESS),
        ("http://keepwarm.example.org", checks.BAD_ADDRESS),
        ("http://localhost.example.org", checks.BAD_ADDRESS),
        ("http://127.0.0.1.example.org", checks.BAD_ADDRESS),
        ("ftp://localhost", checks.BAD_ADDRESS),
        ("https://", checks.BAD_ADDRESS),
        ("", checks.BAD_ADDRESS),
    ],
)
def test_an_address_is_one_that_microsoft_sends_people_back_to(house: House, address: str, says: str) -> None:
    found = checks._address(replace(house, address=address))
    assert (found.ok, found.says) == (says != checks.BAD_ADDRESS, says)


# --- The secret


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"client_secret": "another"}, refusals.WRONG_SECRET),
        ({"secret_expired": True}, refusals.SECRET_OVER),
        ({"client_id": "99999999-2222-3333-4444-555555555555"}, refusals.UNKNOWN_APP),
    ],
)
def test_a_secret_that_microsoft_does_not_take_says_why(
    town: Microsoft, house: House, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], says: str
) -> None:
    with monkeypatch.context() as patch:
        for name, held in changes.items():
            patch.setattr(town, name, held)
        found = lines(house)[checks.SECRET]
        assert (found.ok, found.says, found.where) == (False, says, "localhost")
    assert lines(house)[checks.SECRET].ok


REFUSED: dict[str, tuple[str, str, str]] = {
    "a code that nobody gave": ("invalid_grant", "AADSTS70000: ...", ""),
    "the same, otherwise": ("invalid_request", "AADSTS9002313: ...", ""),
    "nothing that we know": ("x", "", ""),
    "another redirect": ("invalid_grant", "AADSTS50011: ...", refusals.ADD_REDIRECT),
    "another platform": ("invalid_request", "AADSTS9002327: ...", refusals.NOT_WEB),
    "no such tenant": ("invalid_request", "AADSTS90002: ...", refusals.UNKNOWN_TENANT),
    "one tenant": ("invalid_request", "AADSTS50194: ...", refusals.ONE_TENANT),
    "personal accounts": ("invalid_request", "AADSTS9002346: ...", refusals.PERSONAL_ALONE),
    "no number": ("invalid_client", "", refusals.WRONG_SECRET),
}


@pytest.mark.parametrize(("word", "about", "says"), REFUSED.values(), ids=list(REFUSED))
def test_what_is_wrong_with_the_set_up_is_told_by_number(
    house: House, monkeypatch: pytest.MonkeyPatch, word: str, about: str, says: str
) -> None:
    monkeypatch.setattr(oauth, "probed", lambda *_: Refusal(word=word, about=about))
    found = checks._secret(house)
    assert (found.ok, found.says) == (not says, says)


@pytest.mark.parametrize("fault", ["503", "429", "cut"])
def test_a_microsoft_that_is_away_is_no_wrong_secret(town: Microsoft, house: House, fault: str) -> None:
    town.faults.add("oauth.token", fault)
    found = lines(house)[checks.SECRET]
    assert not found.ok
    assert found.says not in refusals.OPERATORS.values()


ENDS: list[tuple[int | None, str]] = [
    (400, ""), (31, ""), (30, checks.ENDS_SOON), (1, checks.ENDS_SOON), (0, checks.ENDS_SOON),
    (-1, refusals.SECRET_OVER), (None, checks.NO_END),
]  # fmt: skip


@pytest.mark.parametrize(("days", "says"), ENDS)
def test_a_secrets_end_is_told_a_month_before(house: House, clock: Clock, days: int | None, says: str) -> None:
    ends = "" if days is None else (clock() + timedelta(days=days)).date().isoformat()
    found = lines(changed(house, microsoft_secret_ends=ends))[checks.ENDS]
    assert (found.says, found.where, found.absent) == (says, ends, days is None)
    assert found.ok is (days is None or not says)


@pytest.mark.parametrize(
    ("told", "ends"), [("2027-11-30", date(2027, 11, 30)), ("", None), ("soon", None), ("2027-02-30", None)]
)
def test_the_day_on_which_a_secret_ends(told: str, ends: date | None) -> None:
    assert checks.secret_ends(Settings(home="", microsoft_secret_ends=told)) == ends


# --- Graph and its news


@pytest.mark.parametrize(
    ("method", "purpose"),
    [("GET /me/calendar", "calendar"), ("GET /me/contacts", "contacts"), ("GET /me/mailFolders/{id}", "mail")],
)
def test_what_cannot_be_read_is_named(town: Microsoft, house: House, account: Any, method: str, purpose: str) -> None:
    opened = account()
    town.faults.add(method, "403")
    red = [each for each in lines(house, opened).values() if not each.ok]
    assert [(each.name, each.where) for each in red] == [(checks.NAMES[purpose], "localhost")]


def test_each_is_tried_through_an_account_that_allows_it(house: House, account: Any) -> None:
    found = lines(house, account("calendar"), account("mail"))
    assert {each: found[checks.NAMES[each]].absent for each in checks.TRIES} == {
        "calendar": False,
        "contacts": True,
        "mail": False,
    }


@pytest.mark.parametrize(
    ("public", "says"),
    [(ADDRESS, checks.BY_PUSH), ("", checks.BY_POLL), ("http://keepwarm.example.org", checks.BY_POLL)],
)
def test_which_way_news_comes_is_said(house: House, public: str, says: str) -> None:
    found = lines(changed(house, public_url=public))[checks.NEWS]
    assert (found.ok, found.says, bool(found.where)) == (True, says, says == checks.BY_PUSH)
