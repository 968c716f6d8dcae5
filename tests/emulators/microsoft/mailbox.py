"""One person's mailbox: folders, mails, and what changed in each folder. `mail_api.py` shows it over HTTP; tests act on
it as the person would. PROVIDERS.md, section 4, Mail.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from tests.emulators.microsoft.ids import Ids
from tests.emulators.microsoft.ledger import Ledger
from tests.emulators.stand.mails import Pairs, addresses, first, headers_of, parsed

KNOWN = {
    "inbox": "Inbox", "sentitems": "Sent Items", "drafts": "Drafts", "deleteditems": "Deleted Items",
    "junkemail": "Junk Email", "archive": "Archive",
}  # fmt: skip
ROOT = "msgfolderroot"


@dataclass(slots=True, kw_only=True)
class Folder:
    """``known`` is its well-known name or ""; ``parent`` another folder's key; ``name`` may be in any language."""

    key: str
    name: str
    known: str = ""
    parent: str = ROOT
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail; ``headers`` keep the sender's order and spelling, ``number`` is that of its last change.

    ``meeting`` is a meetingMessageType or "", ``focused`` its inferenceClassification, ``more`` further properties.
    """

    key: str
    folder: str
    headers: Pairs
    raw: bytes
    at: datetime
    number: int
    seen: bool = False
    draft: bool = False
    meeting: str = ""
    focused: bool = True
    more: tuple[tuple[str, Any], ...] = ()

    def header(self, name: str) -> str:
        return first(self.headers, name)

    def addresses(self, *names: str) -> frozenset[str]:
        return addresses(self.headers, *names)

    @property
    def message(self) -> EmailMessage:
        return parsed(self.raw)


Told = Callable[[str, Mail], None]  # "created", "updated" or "deleted", in the mail's folder


class Mailbox:
    """``told`` hears of every change; ``next`` gives the number of the next change."""

    def __init__(self, ids: Ids, next_: Callable[[], int], told: Told) -> None:
        self.mails: dict[str, Mail] = {}  # by key
        self.folders: dict[str, Folder] = {}
        self.changes: dict[str, Ledger] = {}  # by folder
        self.tree = Ledger()  # of the folders themselves
        self.ids, self._next, self._told = ids, next_, told
        for known, name in KNOWN.items():
            self.add(name, known=known)

    def add(self, name: str, *, known: str = "", parent: str = ROOT, hidden: bool = False) -> Folder:
        number = self._next()
        made = Folder(key=f"folder:{number}", name=name, known=known, parent=parent, hidden=hidden)
        self.folders[made.key], self.changes[made.key] = made, Ledger()
        self.tree.note(made.key, number)
        return made

    def folder(self, name: str) -> Folder | None:
        """By well-known name in any case, by id, or by key."""
        key = self.ids.key(name) or name
        known = (one for one in self.folders.values() if one.known and one.known == name.lower())
        return self.folders.get(key) or next(known, None)

    def take(self, raw: bytes, folder: str, *, at: datetime, silent: bool = False, **more: Any) -> Mail:
        """A new mail; ``silent`` tells nobody."""
        number = self._next()
        mail = Mail(
            key=f"mail:{number}", folder=folder, headers=headers_of(raw), raw=raw, at=at, number=number, **more
        )  # fmt: skip
        self.mails[mail.key] = mail
        self.changes[folder].note(mail.key, number)
        if not silent:
            self._told("created", mail)
        return mail

    def change(self, key: str, **fields: Any) -> Mail:
        """Seen, categories and the like; ``fields`` are those of Mail."""
        mail = self.mails[key] = replace(self.mails[key], number=self._next(), **fields)
        only = {"seen": "isRead", "focused": "inferenceClassification"}
        self.changes[mail.folder].note(
            key, mail.number, only=frozenset(only.get(name, "") for name in fields) - {""}
        )  # fmt: skip
        self._told("updated", mail)
        return mail

    def move(self, key: str, folder: str, **fields: Any) -> Mail:
        """Gone in one folder and new in the other, under another mutable id."""
        old = self.mails[key]
        number = self._next()
        self.changes[old.folder].note(key, number, there=False, was=self.ids.given(key, immutable=False))
        self._told("deleted", old)
        self.ids.moved(key)
        mail = self.mails[key] = replace(old, folder=folder, number=number, **fields)
        self.changes[folder].note(key, number)
        self._told("created", mail)
        return mail

    def delete(self, key: str) -> None:
        """For good."""
        mail = self.mails.pop(key)
        self.changes[mail.folder].note(key, self._next(), there=False, was=self.ids.given(key, immutable=False))
        self._told("deleted", mail)

    def remove(self, key: str) -> None:
        """A folder and all that is in it."""
        for mail in [mail for mail in self.mails.values() if mail.folder == key]:
            self.delete(mail.key)
        self.tree.note(key, self._next(), there=False)
        del self.folders[key], self.changes[key]

    def newest(self, folder: str | None = None) -> list[Mail]:
        """All mails, of one folder or of all, the newest first."""
        found = (mail for mail in self.mails.values() if folder in (None, mail.folder))
        return sorted(found, key=lambda mail: (mail.at, mail.number), reverse=True)
