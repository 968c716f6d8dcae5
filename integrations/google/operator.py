"""What the operator set up at Google: the OAuth client that their Cloud project has. docs/google.md leads there."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from keepwarm.errors import MisconfiguredError
from keepwarm.settings import Settings
from keepwarm.texts import mark

LONGEST = 64 << 10  # bytes of the file

NO_CLIENT = mark("Google is not set up here: whoever runs Keepwarm can do so (KEEPWARM_GOOGLE_CLIENT, docs/google.md).")
BAD_CLIENT = mark(
    "The file that KEEPWARM_GOOGLE_CLIENT names is not that of a client of the type Web application. Download it anew"
    " in the Cloud console, under Clients."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A client of the type Web application. ``redirects`` as they were when its file was downloaded."""

    id: str
    secret: str = field(repr=False)
    project: str = ""
    redirects: tuple[str, ...] = ()


def client(settings: Settings) -> Client:
    """The operator's client. Raises MisconfiguredError, in words for them."""
    if not settings.google_client:
        raise MisconfiguredError(NO_CLIENT)
    try:
        with Path(settings.google_client).open("rb") as file:
            told = json.loads(file.read(LONGEST))["web"]
        return Client(
            id=str(told["client_id"]),
            secret=str(told["client_secret"]),
            project=str(told.get("project_id", "")),
            redirects=tuple(map(str, told.get("redirect_uris", ()))),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise MisconfiguredError(BAD_CLIENT) from error
