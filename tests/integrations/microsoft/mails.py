"""Mails and pages as Graph tells them, calls that answer with them, and reading a folder. For tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from integrations.microsoft import asmail
from integrations.microsoft.calls import Calls, Reply
from integrations.microsoft.deltas import DELTA, NEXT
from integrations.microsoft.mail import Mailbox
from integrations.wire.http import TOO_LONG
from keepwarm.errors import KeepwarmError, Rejected
from keepwarm.types import Page, Role, Stream, StreamKind
from tests.conftest import NOW

MACHINE = [{"name": "Auto-Submitted", "value": "auto-generated"}]


@dataclass
class Told(Calls):
    """Calls whose pages a test made up, in turn; the last again and again."""

    pages: list[Any] = field(default_factory=list)
    parts: list[Any] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)
    longest: int = 1000  # mails of a page beyond which the answer is too long
    now: datetime = NOW

    def get(self, path: str, params: Any = (), *, prefer: Any = (), ok: Any = ()) -> Reply:
        if path.startswith("/me/mailFolders/sentitems"):
            return Reply(status=200, told={"id": "sent"})
        self.asked.append((path, dict(params), prefer))
        if any(int(each.partition("=")[2]) > self.longest for each in prefer):
            raise Rejected(TOO_LONG)
        found = self.pages.pop(0) if len(self.pages) > 1 else self.pages[0]
        return found if isinstance(found, Reply) else Reply(status=200, told=found if isinstance(found, dict) else {})

    def call(self, method: str, path: str, params: Any = (), **more: Any) -> Reply:
        requests = more["body"]["requests"]
        self.asked.append([each["url"] for each in requests])
        parts = self.parts or [{"status": 200, "body": {asmail.HEADERS: []}}]
        answers = [{"id": each["id"], **parts[place % len(parts)]} for place, each in enumerate(requests)]
        return Reply(status=200, told={"responses": answers})


def person(address: Any, name: Any = "") -> dict[str, Any]:
    return {"emailAddress": {"name": name, "address": address}}


def told(ref: str = "a", **more: Any) -> dict[str, Any]:
    """A mail as a page tells it, with its headers."""
    made = {
        "id": ref,
        "receivedDateTime": "2026-11-02T09:00:00Z",
        "sentDateTime": "2026-11-02T08:59:00Z",
        "from": person("ann@example.com", "Ann"),
        "toRecipients": [person("robin@example.org")],
        "internetMessageId": f"<{ref}@example.com>",
        "isDraft": False,
        asmail.HEADERS: [],
    }
    return made | more


def page(*mails: Any, link: str = "https://graph/1", end: bool = True) -> dict[str, Any]:
    return {"value": list(mails), (DELTA if end else NEXT): link}


def walked(*pages: Any, ref: str = "f", cursor: str = "", **more: Any) -> tuple[list[Page], Told]:
    calls = Told(pages=list(pages), **more)
    return list(changes(Mailbox(calls, None), ref, cursor)), calls  # type: ignore[arg-type] # it looks at nothing in it


def changes(mailbox: Mailbox, ref: str, cursor: str = "") -> Iterator[Page]:
    return mailbox.changes(
        Stream(id="s", owner_id="o", account_id="a", kind=StreamKind.MAIL, place_ref=ref, cursor=cursor)
    )


def froms(mail: Any, role: Role = Role.FROM) -> list[str]:
    return [each.address.address for each in mail.participants if each.role is role]


def until_refused(mailbox: Mailbox, folder: str, cursor: str = "") -> tuple[list[Page], KeepwarmError]:
    """The pages up to the refusal, and that."""
    pages = []
    try:
        for each in changes(mailbox, folder, cursor):
            pages.append(each)  # noqa: PERF402 - the error comes in the middle
    except KeepwarmError as error:
        return pages, error
    raise AssertionError("nothing was refused")
