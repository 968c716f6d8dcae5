"""Mails handed over by a request that knows no key: what goes out, and what is known of it after. Called by adapters.

Such a provider would send the same mail twice, and may write a Message-ID of its own. So every mail carries ours in a
second header, and an answer that never came, or 5xx, leaves the outcome open (RELIABILITY.md B5, B6).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from errno import ECONNREFUSED, EHOSTUNREACH, ENETUNREACH
from typing import Protocol, TypeVar

from integrations.wire import net
from integrations.wire.http import TOO_LONG
from keepwarm.errors import Rejected
from keepwarm.letter import as_bytes, as_draft
from keepwarm.types import Mail

MARK = "X-Keepwarm-Key"  # holds our Message-ID
NOWHERE = "@localhost"  # an owner who has not said yet who they are: their mail goes to the account itself
NO_CONNECTION = frozenset({ECONNREFUSED, EHOSTUNREACH, ENETUNREACH})


class OutcomeUnknownError(OSError):
    """The mail was handed over, and the provider never said what became of it."""


class Reply(Protocol):
    @property
    def status(self) -> int: ...

    @property
    def good(self) -> bool: ...


Replied = TypeVar("Replied", bound=Reply)


def outgoing(mail: Mail, address: str) -> bytes:
    """The mail in the name of the account, which has the address, with our Message-ID twice."""
    own = address or mail.sender.address
    to = own if mail.to.address.endswith(NOWHERE) else mail.to.address
    marked = replace(mail, to=replace(mail.to, address=to), headers=(*mail.headers, (MARK, mail.message_id)))
    return as_bytes(replace(marked, sender=replace(mail.sender, address=own)))


def draft(mail: Mail, address: str) -> bytes:
    """The draft in the name of the account."""
    return as_draft(replace(mail, sender=replace(mail.sender, address=address or mail.sender.address)))


def handed_over(post: Callable[[], Replied]) -> Replied:
    """The answer to a mail, 2xx, of a ``post`` that gives 5xx back. What may be done is never said to have failed.

    Raises OutcomeUnknownError, and what ``post`` raises where it was certainly not sent.
    """
    try:
        reply = post()
    except net.Unreachable as error:
        if _no_word_was_said(error):
            raise
        raise OutcomeUnknownError("no answer after the message") from error
    except Rejected as error:
        if error.reason != TOO_LONG:
            raise
        raise OutcomeUnknownError("an answer without end after the message") from error
    if not reply.good:
        raise OutcomeUnknownError(f"{reply.status} after the message")
    return reply


def _no_word_was_said(error: net.Unreachable) -> bool:
    """Whether it failed before there was a connection; where that cannot be told, it did not."""
    refused = getattr(error.__cause__, "errno", None) in NO_CONNECTION
    return refused or isinstance(error, net.Untrusted) or error.says == net.NO_NAME
