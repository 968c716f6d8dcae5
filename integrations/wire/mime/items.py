"""One mail → what the import counts: a message, or why there is none. Called by the adapters that read mail."""

from __future__ import annotations

from hashlib import sha256

from integrations.wire.mime import read_cut, why_left_out
from keepwarm.errors import Unreadable
from keepwarm.foreign import path_as_text
from keepwarm.texts import mark
from keepwarm.types import Broken, MailMark, Message, Skipped

NO_MAIL = mark("This mail could not be read.")
LEFT_OUT = frozenset({"draft", "spam", "trash"})
NOT_IN = int(MailMark.DRAFT | MailMark.OURS)


def read_mail(head: bytes, position: str, purpose: str) -> Message | Skipped | Broken:
    """The mail whose header block this is, as `cut_head` gave it.

    ``purpose`` is what its folder is for: sent, draft, spam, trash or "".
    """
    if purpose in LEFT_OUT:
        return Skipped(position=position, reason=purpose)
    try:
        message = read_cut(head, sent_folder=purpose == "sent")
    except Unreadable as error:
        return broken(head, position, str(error))
    except Exception:  # noqa: BLE001 - the guard around one foreign item: whatever it is, the next mail is read
        return broken(head, position, NO_MAIL)
    marks = int(message.marks)
    if marks & NOT_IN:
        ours = marks & MailMark.OURS.value
        return Skipped(position=position, reason="ours" if ours else why_left_out(head))
    if not message.participants:
        return Skipped(position=position, reason="no_address")
    return message


def broken(data: bytes, position: str, reason: str) -> Broken:
    return Broken(position=path_as_text(position), digest=sha256(data).hexdigest(), reason=reason)
