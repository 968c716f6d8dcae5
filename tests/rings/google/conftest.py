"""A town for each test, and homes in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from integrations.google import calendars, contacts, events, gmail, listing
from integrations.wire import net
from tests.emulators.google import Google
from tests.rings.google.home import GOOGLE, Clock, Homes, MakeHome, opened
from tests.rings.google.wires import straight
from tests.servers.dav import Authority
from workers import public


@pytest.fixture(scope="package")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    """Trusted while this ring runs."""
    made = Authority(tmp_path_factory.mktemp("authority"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(made.pem))
        net.tls_context.cache_clear()
        yield made
    net.tls_context.cache_clear()


@pytest.fixture(autouse=True)
def reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our public address leads to us."""
    monkeypatch.setattr(public, "problem", lambda _: "")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def town(authority: Authority, clock: Clock) -> Iterator[Google]:
    with opened(authority, clock) as made:
        yield made


@pytest.fixture
def homes(town: Google, clock: Clock, tmp_path: Path, migrated: Path) -> Iterator[Homes]:
    with ExitStack() as stack:
        yield Homes(side=GOOGLE, town=town, clock=clock, folder=tmp_path, migrated=migrated, stack=stack)


@pytest.fixture
def quick(town: Google, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests go straight to the town's desk."""
    straight(town, monkeypatch)


@pytest.fixture
def make_home(homes: Homes) -> MakeHome:
    """A new, connected home at each call."""
    return homes.connected


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that little makes several pages of each list."""
    monkeypatch.setattr(listing, "LISTED", "5")
    monkeypatch.setattr(gmail, "MOST", 3)
    monkeypatch.setitem(events._READING, "maxResults", "4")
    monkeypatch.setitem(events._NAMING, "maxResults", "5")
    monkeypatch.setattr(calendars, "BLOCK", 2)
    monkeypatch.setattr(contacts, "PAGE", 3)
