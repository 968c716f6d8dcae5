"""The emulator of Microsoft under a trusted authority, its clock, and accounts opened at it.

Tests of this folder have them as fixtures (conftest.py): ``town``, ``clock``, and ``opening``, which knows its home.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from integrations.base import Opening
from integrations.microsoft.consent import PURPOSES, WHO
from integrations.wire import net
from keepwarm.settings import Settings
from keepwarm.types import Grant
from tests.conftest import NOW
from tests.emulators.microsoft import Microsoft, Person, microsoft
from tests.servers.dav import Authority

REACH = net.Reach(allow=("localhost",))
REDIRECT = "https://keepwarm.example/oauth/microsoft/callback"


@dataclass(slots=True)
class Clock:
    """The one clock of a town and of the accounts at it; moved by hand."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def goes(self, **span: float) -> None:
        """``clock.goes(minutes=5)``."""
        self.at += timedelta(**span)


@contextmanager
def towns(folder: Path, clock: Callable[[], datetime]) -> Iterator[Microsoft]:
    """A town whose certificate is trusted while it stands. ``folder``: an empty one of its own."""
    authority = Authority(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(authority.pem))
        net.tls_context.cache_clear()
        with microsoft(authority, clock=clock) as town:
            yield town
    net.tls_context.cache_clear()


def operator(town: Microsoft, home: Path, **more: Any) -> Settings:
    """The settings of an operator who registered an app in this town; ``more``: settings by their field."""
    file = home / "client_secret"
    file.write_text(town.client_secret)
    return Settings(
        **{
            "home": str(home),
            "microsoft_base": town.base,
            "microsoft_client": town.client_id,
            "microsoft_secret": str(file),
        }
        | more
    )


def opening(town: Microsoft, person: Person, *purposes: str, home: Path, **changes: Any) -> Opening:
    """The account as it is after its owner allowed the purposes.

    A purpose that ``consent.PURPOSES`` does not name is a scope by itself. ``changes`` replace fields of the Opening.
    """
    scopes = tuple(dict.fromkeys(scope for each in purposes for scope in PURPOSES.get(each, (each,))))
    about = {"address": person.address, "sub": f"{person.tid}.{person.oid}", "tenant": person.tid}
    settings = about | {"scopes": list(scopes), "personal": person.personal} | dict.fromkeys(purposes, True)
    made = Opening(
        account_id="a",
        owner_id="o",
        owner_addresses=(person.address,),
        settings=settings,
        grant=Grant(values=dict(person.grant(*WHO, *scopes))),
        home=home,
        zone="Europe/Amsterdam",
        now=town.now,
        reach=REACH,
        operator=operator(town, home),
    )
    return replace(made, **changes)
