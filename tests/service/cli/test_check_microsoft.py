"""`keepwarm check microsoft` and `connect microsoft`, over the emulator: the same commands as for Google."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulators.microsoft import Microsoft
from tests.integrations.microsoft.sides import Clock, towns
from tests.service.cli.conftest import Command

HERE = "http://localhost:8420"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Microsoft]:
    with towns(tmp_path_factory.mktemp("town"), Clock()) as made:
        made.redirect_uris.append(f"{HERE}/oauth/microsoft/callback")
        yield made


@pytest.fixture
def operator(town: Microsoft, keepwarm: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Whoever runs Keepwarm on their own machine, with an app that is registered as it should be."""
    secret = tmp_path / "secret"
    secret.write_text(town.client_secret)
    told = {
        "ALLOW_HOSTS": "localhost", "BROKER_URL": "memory://", "PUBLIC_URL": HERE, "MICROSOFT_BASE": town.base,
        "MICROSOFT_CLIENT": town.client_id, "MICROSOFT_SECRET": str(secret),
    }  # fmt: skip
    for name, value in told.items():
        monkeypatch.setenv(f"KEEPWARM_{name}", value)
    return keepwarm


def test_without_a_registration_it_says_what_to_set(keepwarm: Command) -> None:
    answer = keepwarm("check", "microsoft", "--json")
    assert (answer.status, answer.value[0]["ok"]) == (1, False)
    assert "KEEPWARM_MICROSOFT_CLIENT" in answer.value[0]["says"]
    assert "KEEPWARM_MICROSOFT_CLIENT" in answer.err
    assert keepwarm("connect", "microsoft").status == 1


def test_a_set_up_that_works_is_told_line_by_line(operator: Command, town: Microsoft) -> None:
    operator("accounts")  # makes the owner
    answer = operator("check", "microsoft", "--json")
    assert answer.status == 0, answer.err
    assert all(set(each) == {"name", "ok", "absent", "where", "says"} for each in answer.value)
    lines = {each["name"]: each for each in answer.value}
    assert lines["redirect address"]["where"] == f"{HERE}/oauth/microsoft/callback"
    assert lines["public address"]["absent"] is True  # this machine alone: that is no fault
    assert town.client_secret not in operator("check", "microsoft").out


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("PUBLIC_URL", "http://keepwarm.example.org", "https://"),
        ("MICROSOFT_SECRET", "/nowhere/secret", "KEEPWARM_MICROSOFT_SECRET"),
        ("MICROSOFT_SECRET_ENDS", "2020-01-31", "KEEPWARM_MICROSOFT_SECRET_ENDS"),
        ("MICROSOFT_CLIENT", "11111111-2222-3333-4444-555555555555", "does not know this app"),
    ],
)
def test_what_stops_it_is_an_error(
    operator: Command, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, says: str
) -> None:
    monkeypatch.setenv(f"KEEPWARM_{variable}", value)
    answer = operator("check", "microsoft")
    assert answer.status == 1
    assert says in answer.err


def test_connecting_needs_a_browser_and_says_where(operator: Command) -> None:
    answer = operator("connect", "microsoft", "--json")
    assert (answer.status, answer.value) == (0, {"open": f"{HERE}/accounts/connect"})
    assert (
        "Print the address of the page on which Microsoft is connected"
        in operator("connect", "microsoft", "--help").out
    )
