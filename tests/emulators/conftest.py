"""Fixtures for the tests of the emulators: a town of each, one person in it, a client with their token."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulators import graph
from tests.emulators.asking import SCOPES, Client, Clock
from tests.emulators.google import Google, Person, google
from tests.emulators.microsoft import Microsoft, microsoft
from tests.emulators.microsoft import Person as Somebody
from tests.servers.dav import Authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def town(authority: Authority, clock: Clock) -> Iterator[Google]:
    with google(authority, clock) as opened:
        yield opened


@pytest.fixture
def robin(town: Google) -> Person:
    return town.person("robin@example.com", name="Robin Example")


@pytest.fixture
def client(town: Google, robin: Person, authority: Authority) -> Iterator[Client]:
    made = Client(town=town, pem=str(authority.pem), token=robin.grant(*SCOPES)["access_token"])
    yield made
    made.line.close()


@pytest.fixture
def outlook(authority: Authority, clock: Clock) -> Iterator[Microsoft]:
    with microsoft(authority, clock) as opened:
        yield opened


@pytest.fixture
def anna(outlook: Microsoft) -> Somebody:
    return outlook.person("anna@example.com", name="Anna Example")


@pytest.fixture
def msgraph(outlook: Microsoft, anna: Somebody, authority: Authority) -> Iterator[graph.Graph]:
    token = anna.grant(*graph.SCOPES)["access_token"]
    made = graph.Graph(town=outlook, pem=str(authority.pem), token=token)
    yield made
    made.line.close()
