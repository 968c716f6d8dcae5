"""A town for each test, and homes in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from integrations.microsoft import contacts, rounds, view
from integrations.wire import net
from tests.emulators.microsoft import Microsoft
from tests.rings.consent.wires import straight
from tests.rings.microsoft.home import MICROSOFT, Clock, Homes, MakeHome, connected, opened
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
def town(authority: Authority, clock: Clock) -> Iterator[Microsoft]:
    with opened(authority, clock) as made:
        yield made


@pytest.fixture
def homes(town: Microsoft, clock: Clock, tmp_path: Path, migrated: Path) -> Iterator[Homes]:
    with ExitStack() as stack:
        yield Homes(side=MICROSOFT, town=town, clock=clock, folder=tmp_path, migrated=migrated, stack=stack)


@pytest.fixture
def quick(town: Microsoft, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests go straight to the town's desk."""
    straight(MICROSOFT, town, monkeypatch)


@pytest.fixture
def make_home(homes: Homes) -> MakeHome:
    """A new, connected home at each call."""
    return partial(connected, homes)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that little makes several pages of each list."""
    monkeypatch.setattr(rounds, "SMALLER", (3,))
    monkeypatch.setattr(view, "SIZES", (4,))
    monkeypatch.setattr(view, "NAMES", 5)
    monkeypatch.setattr(contacts, "SIZES", (3,))
    monkeypatch.setattr(contacts, "NAMES", 5)
