"""What people and operators see of their connection: each line as it is when one thing is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from integrations.base import House, Opening
from integrations.google import Google as Provider
from integrations.google import checks, consent, operator, pubsub, push
from integrations.google.calls import DISABLED
from integrations.wire import oauth
from keepwarm.settings import Settings
from keepwarm.types import Check
from tests.emulators.google import Google, Person
from tests.integrations.google.sides import REACH, Clock

ADDRESS = "https://keepwarm.example.org"
HOOK = f"{ADDRESS}/webhooks/google/gmail"
ACCOUNT = "push@keepwarm-test.iam.gserviceaccount.com"
ALL = tuple(consent.PURPOSES)


@pytest.fixture
def account(town: Google, robin: Person, opening: Callable[..., Opening]) -> Callable[..., Provider]:
    def made(*purposes: str, **more: Any) -> Provider:
        opened = opening(town, robin, *(purposes or ALL))
        settings = dict.fromkeys(ALL, False) | dict(opened.settings) | more
        return Provider(replace(opened, settings=settings))

    return made


@pytest.fixture
def house(town: Google, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> House:
    """Everything set up as docs/google.md says, with pushes and a key to look at the subscription."""
    monkeypatch.setattr(pubsub, "PURSE", pubsub.Purse())
    town.subscriptions.clear()
    topic, home = town.topic("mail"), tmp_path / "house"
    home.mkdir()
    settings = Settings(
        home=str(home),
        public_url=ADDRESS,
        google_base=town.base,
        google_client=str(town.client_file(home, [f"{ADDRESS}/oauth/google/callback"])),
        google_topic=topic,
        google_subscription=town.subscribe("mail", topic, push=HOOK, account=ACCOUNT),
        google_push_account=ACCOUNT,
        google_pull_key=str(town.service_key_file(home)),
    )
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


def test_what_was_refused_is_absent_and_not_asked_for(town: Google, account: Any) -> None:
    town.requests.clear()
    found = {each.name: each for each in account("mail").verify()}
    assert [name for name, each in found.items() if not each.absent] == [checks.NAMES["mail"]]
    assert all(each.ok for each in found.values())
    assert dict(town.requests) == {"gmail.users.getProfile": 1}


def test_a_line_costs_the_cheapest_calls(town: Google, account: Any) -> None:
    town.requests.clear()
    account().verify()
    assert dict(town.requests) == {
        "calendar.calendarList.list": 1,
        "people.people.connections.list": 1,
        "people.otherContacts.list": 1,
        "gmail.users.getProfile": 1,
    }


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("gmail.users.getProfile", "mail"),
        ("calendar.calendarList.list", "calendar"),
        ("people.people.connections.list", "contacts"),
        ("people.otherContacts.list", "contacts"),
    ],
)
def test_a_service_that_is_not_switched_on_is_named(town: Google, account: Any, method: str, name: str) -> None:
    town.faults.add(method, "403-disabled")
    red = [each for each in account().verify() if not each.ok]
    assert red == [Check(name=checks.NAMES[name], ok=False, says=DISABLED, where=checks.SERVICES[name])]


@pytest.mark.parametrize("fault", ["429", "500", "503", "cut", "truncated", "403-quota", "403-scope"])
def test_one_line_in_trouble_leaves_the_others(town: Google, account: Any, fault: str) -> None:
    town.faults.add("calendar.calendarList.list", fault)
    found = account().verify()
    assert [each.name for each in found if not each.ok] == [checks.NAMES["calendar"]]
    assert all(each.says for each in found if not each.ok)


def test_a_dead_grant_says_to_connect_again(town: Google, robin: Person, account: Any) -> None:
    opened = account()
    town.withdraw(robin)
    assert {each.says for each in opened.verify() if not each.ok} == {checks.RECONNECT}


def test_a_permission_to_send_that_is_gone_is_red(account: Any) -> None:
    found = {each.name: each for each in account(scopes=[]).verify()}
    assert not found[checks.NAMES["send"]].ok
    assert not found[checks.NAMES["draft"]].ok


def test_a_slip_of_ours_in_one_line_leaves_the_others(account: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(checks.TRIES, "mail", ((None, ()),))
    assert [each.says for each in account().verify() if not each.ok] == [checks.TROUBLE]


# --- The operator


def test_a_whole_set_up_is_green(house: House, account: Any) -> None:
    found = lines(house, account())
    assert [each.name for each in found.values() if not each.ok or each.absent] == []
    assert found[checks.NEWS].says == checks.BY_PUSH


def test_before_an_account_is_there_what_needs_one_is_absent(house: House) -> None:
    found = lines(house)
    absent = {name for name, each in found.items() if each.absent}
    assert absent == {*checks.SERVICES.values(), checks.TESTING, checks.TOPIC}
    assert all(each.ok for each in found.values())


def test_without_a_client_that_is_the_only_line(house: House) -> None:
    found = lines(changed(house, google_client=""))
    assert found == {checks.FILE: Check(name=checks.FILE, ok=False, says=operator.NO_CLIENT)}


def test_a_redirect_that_the_file_does_not_name_is_to_be_added(town: Google, house: House) -> None:
    town.client_file(Path(house.settings.home), ["https://old.example.org/oauth/google/callback"])
    found = lines(house)[checks.REDIRECT]
    assert (found.ok, found.says) == (False, checks.ADD_REDIRECT)
    assert found.where == f"{ADDRESS}/oauth/google/callback"


def test_a_file_without_redirects_is_no_failure(house: House) -> None:
    file = Path(house.settings.google_client)
    told = json.loads(file.read_text())
    del told["web"]["redirect_uris"]
    file.write_text(json.dumps(told))
    found = lines(house)[checks.REDIRECT]
    assert (found.ok, found.says) == (True, checks.SEE_REDIRECT)


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("https://keepwarm.example.org", True),
        ("https://keepwarm.example.org:8443", True),
        ("http://localhost:8420", True),
        ("http://127.0.0.1:8420", True),
        ("http://[::1]:8420", True),
        ("https://localhost", True),
        ("http://keepwarm.example.org", False),
        ("https://203.0.113.7", False),
        ("https://[2001:db8::7]", False),
        ("https://keepwarm", False),
        ("http://127.0.0.1.example.org", False),
        ("ftp://localhost", False),
        ("", False),
    ],
)
def test_an_address_is_one_that_google_sends_people_back_to(house: House, address: str, good: bool) -> None:
    found = checks._address(replace(house, address=address))
    assert (found.ok, found.says) == (good, "" if good else checks.BAD_ADDRESS)


def test_a_secret_that_google_does_not_know_is_red(town: Google, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(town, "client_secret", "another")
        assert lines(house)[checks.CLIENT].says == oauth.WRONG_CLIENT
    assert lines(house)[checks.CLIENT].ok


def test_a_google_that_is_away_is_no_wrong_secret(town: Google, house: House) -> None:
    town.faults.add("oauth.token", "503")
    found = lines(house)[checks.CLIENT]
    assert not found.ok
    assert found.says != oauth.WRONG_CLIENT


@pytest.mark.parametrize(
    ("method", "service"),
    [
        ("gmail.users.getProfile", "Gmail API"),
        ("calendar.calendarList.list", "Google Calendar API"),
        ("people.people.connections.list", "People API"),
    ],
)
def test_a_service_to_switch_on_is_named(town: Google, house: House, account: Any, method: str, service: str) -> None:
    opened = account()
    town.faults.add(method, "403-disabled")
    assert lines(house, opened)[service] == Check(name=service, ok=False, says=checks.ENABLE, where=service)


def test_a_service_is_tried_through_an_account_that_allows_it(house: House, account: Any) -> None:
    found = lines(house, account("calendar"), account("mail"))
    assert {name: found[name].absent for name in checks.SERVICES.values()} == {
        "Google Calendar API": False,
        "People API": True,
        "Gmail API": False,
    }


def test_an_app_in_testing_is_red_and_says_which_button(house: House, account: Any) -> None:
    found = lines(house, account("mail"), account("mail", grant_ends_at="2026-11-30T09:00:00+00:00"))
    assert (found[checks.TESTING].ok, found[checks.TESTING].says) == (False, checks.PUBLISH)


def test_a_topic_that_gmail_may_not_write_to_is_red(town: Google, house: House, account: Any) -> None:
    shut = changed(house, google_topic=town.topic("shut", gmail_may_publish=False))
    found = lines(shut, account("mail"))[checks.TOPIC]
    assert (found.ok, found.says) == (False, push.NO_RIGHT)
    assert "gmail-api-push@system.gserviceaccount.com" in found.says


SUBSCRIPTIONS: dict[str, tuple[dict[str, Any], dict[str, str], str]] = {
    "as it should be": ({"push": HOOK, "account": ACCOUNT}, {}, ""),
    "an audience of our own": ({"push": HOOK, "account": ACCOUNT, "audience": "us"}, {"google_audience": "us"}, ""),
    "another topic": ({"push": HOOK, "account": ACCOUNT, "topic": "other"}, {}, checks.OTHER_TOPIC),
    "another address": ({"push": f"{HOOK}/", "account": ACCOUNT}, {}, checks.OTHER_ENDPOINT),
    "not signed": ({"push": HOOK}, {}, checks.OTHER_ACCOUNT),
    "another account": ({"push": HOOK, "account": "x@example.org"}, {}, checks.OTHER_ACCOUNT),
    "another audience there": ({"push": HOOK, "account": ACCOUNT, "audience": "x"}, {}, checks.OTHER_AUDIENCE),
    "another audience here": ({"push": HOOK, "account": ACCOUNT}, {"google_audience": "us"}, checks.OTHER_AUDIENCE),
    "it does not push": ({}, {}, checks.NOT_PUSHED),
    "it pushes, and we pull": ({"push": HOOK, "account": ACCOUNT}, {"google_push_account": ""}, pubsub.PUSHED),
    "we pull": ({}, {"google_push_account": ""}, ""),
}


@pytest.mark.parametrize(("there", "here", "says"), SUBSCRIPTIONS.values(), ids=list(SUBSCRIPTIONS))
def test_a_subscription_that_is_not_ours_says_in_what(
    town: Google, house: House, there: dict[str, Any], here: dict[str, str], says: str
) -> None:
    topic = town.topic(there.get("topic", "mail"))
    town.subscribe("mail", topic, **{name: held for name, held in there.items() if name != "topic"})
    found = lines(changed(house, **here))[checks.SUBSCRIPTION]
    assert (found.ok, found.says, found.absent) == (not says, says, False)


def test_a_subscription_that_cannot_be_looked_at_is_absent(town: Google, house: House) -> None:
    assert lines(changed(house, google_pull_key=""))[checks.SUBSCRIPTION].says == checks.UNSEEN
    town.faults.add("pubsub.projects.subscriptions.get", "403-scope")
    found = lines(house)[checks.SUBSCRIPTION]
    assert (found.says, found.absent, found.ok) == (checks.VIEWER, True, True)


def test_a_subscription_that_is_not_there_is_red(town: Google, house: House) -> None:
    gone = changed(house, google_subscription=f"projects/{town.project}/subscriptions/none")
    assert lines(gone)[checks.SUBSCRIPTION].says == pubsub.NO_SUBSCRIPTION


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, checks.BY_PUSH),
        ({"google_push_account": ""}, checks.BY_PULL),
        ({"public_url": ""}, checks.BY_PULL),
        ({"google_push_account": "", "google_pull_key": ""}, checks.BY_POLL),
        ({"google_topic": ""}, checks.BY_POLL),
        ({"google_subscription": ""}, checks.BY_POLL),
    ],
)
def test_which_way_news_comes_is_said(house: House, settings: dict[str, str], says: str) -> None:
    found = lines(changed(house, **settings))[checks.NEWS]
    assert (found.ok, found.says) == (True, says)
