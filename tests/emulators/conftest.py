"""Fixtures for the tests of the emulated Google: a town, one person, a client with their token."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulators.asking import SCOPES, Client, Clock
from tests.emulators.google import Google, Person, google
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
