"""Google as a side of `tests.rings.consent.home`: what its operator sets up, and a town that pushes to us."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.emulators.google import Google, google
from tests.emulators.google.desk import serve
from tests.rings.consent.home import Clock, Door, Home, Homes, MakeHome
from tests.rings.consent.sides import PUBLIC, Side
from tests.servers.dav import Authority

__all__ = ["GOOGLE", "PUBLIC", "REDIRECT", "Clock", "Door", "Home", "Homes", "MakeHome", "opened"]

PUSHER = "push@keepwarm-test.iam.gserviceaccount.com"


def _settings(town: Google, folder: Path) -> Mapping[str, Any]:
    (subscription,) = town.subscriptions.values()
    return {
        "google_base": town.base, "google_client": str(town.client_file(folder, [GOOGLE.redirect])),
        "google_topic": subscription.topic, "google_subscription": subscription.name, "google_push_account": PUSHER,
    }  # fmt: skip


GOOGLE = Side(
    name="google",
    purposes=("calendar", "contacts", "mail", "send", "draft"),
    serve=serve,
    called=lambda method: str(method.id),
    settings=_settings,
    mail=lambda person, mail_id: person.mailbox.mails[mail_id],
)

REDIRECT = GOOGLE.redirect


@contextmanager
def opened(authority: Authority, clock: Clock) -> Iterator[Google]:
    """A town with a topic and a subscription that pushes to us; quotas count."""
    with google(authority, clock) as town:
        town.quota_on = True
        town.subscribe("mail", town.topic("mail"), push=f"{PUBLIC}/webhooks/google/gmail", account=PUSHER)
        yield town
