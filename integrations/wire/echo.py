"""One question to our own address from outside: does it lead to us? Called by `workers.public`."""

from __future__ import annotations

from integrations.wire.http import Client
from integrations.wire.net import Forbidden, Reach, Untrusted
from keepwarm.errors import Rejected, TryAgainLater
from keepwarm.texts import mark

LONGEST = 1024  # bytes of an answer

PRIVATE = mark("KEEPWARM_PUBLIC_URL leads to a private address, where no provider can reach it.")
NOBODY = mark("Nobody answers at KEEPWARM_PUBLIC_URL.")
UNTRUSTED = mark(
    "The certificate of KEEPWARM_PUBLIC_URL is not to be trusted, so no provider will send anything there."
)
ANOTHER = mark("Somebody else answers at KEEPWARM_PUBLIC_URL, or a proxy holds /webhooks/ back.")


def problem(reach: Reach, url: str, question: str, expected: str) -> str:
    """Why the address does not lead to whoever knows the answer, in a marked sentence; empty if it does."""
    try:
        answer = Client(reach).call("POST", url, body=question.encode(), limit=LONGEST, follow=False)
    except Forbidden:
        return PRIVATE
    except Untrusted:
        return UNTRUSTED
    except (Rejected, TryAgainLater):
        return NOBODY
    return "" if answer.status == 200 and answer.body == expected.encode() else ANOTHER
