"""What the operator set up at Microsoft: an app registration. docs/microsoft.md leads there."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from keepwarm.errors import MisconfiguredError
from keepwarm.settings import Settings
from keepwarm.texts import mark

LONGEST = 1024  # bytes of the secret's file

NO_CLIENT = mark(
    "Microsoft is not set up here: whoever runs Keepwarm can do so (KEEPWARM_MICROSOFT_CLIENT, docs/microsoft.md)."
)
NO_SECRET = mark(
    "The file that KEEPWARM_MICROSOFT_SECRET names does not hold a client secret. Make one in the Entra admin"
    " centre, under Certificates & secrets, and put its value into that file."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The app registration. ``tenant``: whose accounts it takes, by name or id."""

    id: str
    secret: str = field(repr=False)
    tenant: str


def client(settings: Settings) -> Client:
    """The operator's client. Raises MisconfiguredError, in words for them."""
    if not settings.microsoft_client:
        raise MisconfiguredError(NO_CLIENT)
    try:
        with Path(settings.microsoft_secret).open("rb") as file:
            secret = file.read(LONGEST).decode("ascii").strip()
    except (OSError, ValueError) as error:
        raise MisconfiguredError(NO_SECRET) from error
    if not secret or any(each.isspace() for each in secret):
        raise MisconfiguredError(NO_SECRET)
    return Client(id=settings.microsoft_client, secret=secret, tenant=settings.microsoft_tenant)
