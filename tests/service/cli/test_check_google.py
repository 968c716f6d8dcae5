"""`keepwarm check google` and `connect google`, over the emulator: what the operator has to do, where one goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from integrations.google.consent import PURPOSES
from keepwarm.store import accounts
from keepwarm.types import Grant, Place, StreamKind
from service.cli.session import open_runtime
from tests.emulators.google import Google
from tests.integrations.google.sides import Clock, towns
from tests.service.cli.conftest import Command

HERE = "http://127.0.0.1:8420"
ME = "robin@town.example"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Google]:
    with towns(tmp_path_factory.mktemp("town"), Clock()) as made:
        yield made


@pytest.fixture
def operator(town: Google, keepwarm: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Whoever runs Keepwarm, with a client that is set up as it should be."""
    monkeypatch.setenv("KEEPWARM_ALLOW_HOSTS", "localhost")
    monkeypatch.setenv("KEEPWARM_BROKER_URL", "memory://")
    monkeypatch.setenv("KEEPWARM_GOOGLE_BASE", town.base)
    file = town.client_file(tmp_path, [f"{HERE}/oauth/google/callback"])
    monkeypatch.setenv("KEEPWARM_GOOGLE_CLIENT", str(file))
    return keepwarm


def connected(town: Google, *purposes: str) -> None:
    """An account of the only owner, as after the page of consent."""
    person = town.person(ME)
    scopes = [scope for each in purposes for scope in PURPOSES[each]]
    runtime = open_runtime()
    with closing(runtime.store) as store:
        with store.system() as tx:
            (owner,) = accounts.owners(tx)
        settings = {"address": ME, "sub": person.sub, "scopes": scopes, "names": {"c_1": "Office"}, "refused": ["mail"]}
        with store.transaction(owner.id) as tx:
            now = runtime.now()
            made = accounts.ensure_account(
                tx, provider="google", name=ME, settings=settings | dict.fromkeys(purposes, True), by="sub", now=now
            )
            grant = Grant(values=dict(person.grant(*scopes)))
            accounts.keep_grant(tx, made.id, runtime.keys.seal(owner.id, made.id, grant), runtime.keys.id)
            accounts.set_places(tx, made.id, [Place(ref="c_1", name="", kind=StreamKind.CALENDAR)], now)


def test_without_a_client_it_says_what_to_set(keepwarm: Command) -> None:
    answer = keepwarm("check", "google", "--json")
    assert answer.status == 1
    assert answer.value[0]["ok"] is False
    assert "KEEPWARM_GOOGLE_CLIENT" in answer.value[0]["says"]
    assert "KEEPWARM_GOOGLE_CLIENT" in answer.err
    assert keepwarm("connect", "google").status == 1


def test_a_set_up_that_works_is_told_line_by_line(operator: Command, town: Google) -> None:
    operator("accounts")  # makes the owner
    connected(town, "calendar", "contacts", "mail")
    answer = operator("check", "google", "--json")
    assert answer.status == 0, answer.err
    assert all(set(each) == {"name", "ok", "absent", "where", "says"} for each in answer.value)
    assert {each["name"]: each["absent"] for each in answer.value}["public address"] is True
    text = operator("check", "google").out
    assert "Google Calendar API" in text
    assert town.client_secret not in text
    assert ME not in text


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("KEEPWARM_PUBLIC_URL", "http://keepwarm.example.org", "https://"),
        ("KEEPWARM_GOOGLE_CLIENT", "/nowhere/client.json", "KEEPWARM_GOOGLE_CLIENT"),
    ],
)
def test_what_stops_it_is_an_error(
    operator: Command, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, says: str
) -> None:
    monkeypatch.setenv(variable, value)
    answer = operator("check", "google")
    assert answer.status == 1
    assert says in answer.err


def test_the_check_of_the_box_is_as_it_was(operator: Command) -> None:
    answer = operator("check", "--json")
    assert answer.status == 0
    assert all(set(each) == {"name", "ok", "says"} for each in answer.value)
    assert operator("check", "yahoo").status == 2


def test_connecting_needs_a_browser_and_says_where(operator: Command) -> None:
    answer = operator("connect", "google", "--json")
    assert (answer.status, answer.value) == (0, {"open": f"{HERE}/accounts/connect"})
    assert f"{HERE}/accounts/connect" in operator("connect", "google").out


def test_accounts_tell_what_was_allowed(operator: Command, town: Google) -> None:
    operator("accounts")
    connected(town, "calendar", "contacts")
    (held,) = operator("accounts", "--json").value
    assert held["purposes"] == {"calendar": True, "contacts": True, "mail": False, "send": False, "draft": False}
    assert set(held) == {"id", "provider", "name", "connected_at", "servers", "purposes", "streams"}
    text = operator("accounts").out
    assert "calendar Office" in text
    assert "You did not allow this at Google." in text
    gone = operator("disconnect", ME)
    assert (gone.status, "given back at Google" in gone.out) == (0, True)
    assert town.person(ME).sub not in town.grants.granted
