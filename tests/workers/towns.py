"""Homes whose accounts are at Google or Microsoft as the emulators play them. Called by tests of the whole way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from integrations.wire import net
from tests.rings.consent.home import Clock, Door, Home, Homes, connect
from tests.rings.consent.wires import straight
from tests.rings.google import acts as google_acts
from tests.rings.google import home as google
from tests.rings.microsoft import acts as microsoft_acts
from tests.rings.microsoft import home as microsoft
from tests.servers.dav import Authority
from workers import public

__all__ = ["ACTS", "MakeAt", "authority", "home_at"]

SIDES: dict[str, Any] = {"google": google, "microsoft": microsoft}
ACTS: dict[str, Any] = {"google": google_acts, "microsoft": microsoft_acts}

MakeAt = Callable[..., Home]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    """Trusted while a module runs."""
    made = Authority(tmp_path_factory.mktemp("authority"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(made.pem))
        net.tls_context.cache_clear()
        yield made
    net.tls_context.cache_clear()


@pytest.fixture
def home_at(authority: Authority, tmp_path: Path, migrated: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeAt]:
    """``home_at("google")``: a home whose account is there; requests go straight to the town.

    ``before``: what is done to the home before its account is connected.
    """
    monkeypatch.setattr(public, "problem", lambda _: "")
    with ExitStack() as stack:

        def make(provider: str, *, before: Callable[[Home], None] = lambda _: None) -> Home:
            clock = Clock()
            side = getattr(SIDES[provider], provider.upper())
            town = stack.enter_context(SIDES[provider].opened(authority, clock))
            straight(side, town, monkeypatch)
            homes = Homes(side=side, town=town, clock=clock, folder=tmp_path, migrated=migrated, stack=stack)
            home = homes.one()
            if provider == "microsoft":
                town.pushes.post = Door(home).reply
            before(home)
            connect(home)
            return home

        yield make
