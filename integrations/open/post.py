"""The provider ``post``: the operator's own way out (KEEPWARM_SMTP_URL), for what no owner's account can carry.

Opened by name. Warnings where no account sends, links to a new password, word of changes, invitations
(`keepwarm.mails.ALWAYS`); it reads nothing. Sends by `smtp`, as accounts do.

A provider is done when: connection tested, done (`verify`, in `keepwarm check`) · reconnect, grant, revoke, exempt: it
is a setting · streams, cursor, push, calendar, drafts, exempt: it only sends · rate limit, done (4xx is tried again) ·
mail at most once, done: what nobody answered is not sent again · live test, exempt: a real server stands in the tests ·
logs free of content, done: nothing is logged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from integrations.base import Opening
from integrations.open import smtp
from integrations.open.imap import Login
from integrations.open.servers import Server
from keepwarm.errors import AccessRevoked, KeepwarmError, MisconfiguredError, Rejected
from keepwarm.letter import as_bytes
from keepwarm.post import PostOffice, post_office
from keepwarm.texts import mark
from keepwarm.types import Check, Mail, Place, StreamKind

NOT_SET = mark("KEEPWARM_SMTP_URL is not set, so there is no way out for this mail. Nothing was sent.")


class Post:
    name: ClassVar[str] = "post"
    reads: ClassVar[frozenset[StreamKind]] = frozenset()

    def __init__(self, opening: Opening) -> None:
        self._url, self._reach = opening.operator.smtp_url, opening.reach

    # Connection

    def verify(self) -> Sequence[Check]:
        """Whether the server lets us in; sends nothing."""
        says = ""
        try:
            office = self._office()
            smtp.open_smtp(self._reach, _login(office)).close()
        except (Rejected, AccessRevoked) as error:
            says = str(error)
        except KeepwarmError as error:
            says = getattr(error, "says", "") or str(error)
        return [Check(name="smtp", ok=not says, says=says)]

    def places(self) -> Sequence[Place]:
        return ()

    def own_addresses(self) -> Sequence[str]:
        return ()

    def revoke(self) -> None:
        """Nothing was granted."""

    # MailSender

    def send(self, mail: Mail) -> str:
        """Sends every time it is called: at most once is the engine's to keep. The reference is the Message-ID."""
        office = self._office()
        sender = replace(mail.sender, address=office.sender, name=office.name)
        data = as_bytes(replace(mail, sender=sender))
        smtp.send(self._reach, _login(office), sender=office.sender, to=mail.to.address, data=data)
        return mail.message_id

    def find(self, message_id: str) -> str | None:
        """Nobody can tell: there is no mailbox of ours behind it."""
        del message_id
        return None

    def _office(self) -> PostOffice:
        if not self._url:
            raise Rejected(NOT_SET)
        try:
            return post_office(self._url)
        except ValueError as wrong:
            raise MisconfiguredError(f"KEEPWARM_SMTP_URL is not right: it wants {wrong}.") from None


def _login(office: PostOffice) -> Login:
    server = Server(protocol="smtp", host=office.host, port=office.port, tls=office.tls)
    return Login(server=server, user=office.user, password=office.password)
