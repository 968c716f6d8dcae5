"""Microsoft as a side of `tests.rings.consent.home`: what its operator sets up, and a town that shakes our hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.emulators.microsoft import Microsoft, microsoft
from tests.emulators.microsoft.desk import serve
from tests.rings.consent.home import Clock, Door, Home, Homes, MakeHome, connect
from tests.rings.consent.sides import PUBLIC, Side
from tests.servers.dav import Authority

__all__ = ["MICROSOFT", "PUBLIC", "Clock", "Door", "Home", "Homes", "MakeHome", "connected", "opened"]

ADDRESS = f"{PUBLIC}/webhooks/microsoft"
LIFECYCLE = f"{ADDRESS}/lifecycle"


def _settings(town: Microsoft, folder: Path) -> Mapping[str, Any]:
    secret = folder / "secret"
    secret.write_text(town.client_secret)
    return {"microsoft_base": town.base, "microsoft_client": town.client_id, "microsoft_secret": str(secret)}


MICROSOFT = Side(
    name="microsoft",
    purposes=("calendar", "contacts", "mail", "send"),  # no draft: its scope would let us read whole mails
    serve=serve,
    called=lambda method: str(method.name),
    settings=_settings,
    mail=lambda person, mail_id: person.mailbox.mails[person.key(mail_id)],
)


@contextmanager
def opened(authority: Authority, clock: Clock) -> Iterator[Microsoft]:
    """A town that knows us; limits count."""
    with microsoft(authority, clock) as town:
        town.quota_on = True
        town.redirect_uris = [MICROSOFT.redirect]
        yield town


def connected(homes: Homes) -> Home:
    """A new home whose door answers the town."""
    home = homes.one()
    home.town.pushes.post = Door(home).reply
    connect(home)
    return home
