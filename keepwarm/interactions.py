"""What counts as being in touch, in which direction. Pure; called by `keepwarm.store.items` for every mail and event kept.

A touch is a mail from the owner that names the contact in To, Cc or Bcc (sent), a mail from the contact that names the
owner there (received), or a meeting both accepted with at most eight people. Mails naming more than twenty are none.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from keepwarm.types import CalendarEvent, Message


class TouchKind(StrEnum):
    SENT = "s"
    RECEIVED = "r"
    MEETING = "m"


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    address: str
    kind: TouchKind
    at: datetime


def mail_touches(message: Message, own: Set[str]) -> list[Touch]:
    """The touches of one mail, unique by (address, kind); ``own`` holds match forms (`keepwarm.contacts.match_form`)."""
    raise NotImplementedError


def meeting_touches(event: CalendarEvent, own: Set[str]) -> list[Touch]:
    """The touches of one meeting at its start; future meetings too, readers filter by their moment."""
    raise NotImplementedError
