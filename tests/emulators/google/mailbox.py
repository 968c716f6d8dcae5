"""One person's mailbox: mails, drafts, labels and the history of changes. `gmail.py` shows it over HTTP; tests act on
it as the person would. PROVIDERS.md, section 1.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage

from tests.emulators.stand.mails import Headers, Pairs, addresses, composed, first, headers_of, parsed

__all__ = ["SYSTEM", "Change", "Headers", "Mail", "Mailbox", "composed", "headers_of"]
SYSTEM = (
    "INBOX", "SENT", "DRAFT", "SPAM", "TRASH", "UNREAD", "STARRED", "IMPORTANT", "CHAT",
    "CATEGORY_PERSONAL", "CATEGORY_SOCIAL", "CATEGORY_PROMOTIONS", "CATEGORY_UPDATES", "CATEGORY_FORUMS",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail; ``headers`` keep the sender's order and spelling, ``history_id`` is that of its last change."""

    id: str
    thread_id: str
    labels: frozenset[str]
    headers: Pairs
    raw: bytes
    at: datetime
    history_id: int

    def header(self, name: str) -> str:
        """The first header of that name in any spelling, or ""."""
        return first(self.headers, name)

    def addresses(self, *names: str) -> frozenset[str]:
        """Lower-case addresses in the named headers."""
        return addresses(self.headers, *names)

    @property
    def message(self) -> EmailMessage:
        """Parsed; as the standard library reads it."""
        return parsed(self.raw)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entry of the history: ``kind`` is a historyType, ``labels`` those that changed, ``mail`` as it then was."""

    id: int
    kind: str
    mail: Mail
    labels: tuple[str, ...] = ()


class Mailbox:
    """``changed`` is told the labels of what changed."""

    def __init__(self, number: int, now: Callable[[], datetime], changed: Callable[[frozenset[str]], None]) -> None:
        self.mails: dict[str, Mail] = {}
        self.drafts: dict[str, str] = {}  # draft id -> mail id
        self.user_labels: dict[str, str] = {}  # label id -> name
        self.history: list[Change] = []
        self.history_id = 1000 * number + 11
        self.forgotten = 0  # history up to here is gone
        self._now, self._changed = now, changed
        self._count = number << 32
        self._by_message_id: dict[str, str] = {}

    def take(
        self, raw: bytes, labels: Iterable[str], *, at: datetime | None = None, thread: str = "", silent: bool = False
    ) -> Mail:
        """A new mail, in the thread that it answers; ``silent`` writes no history (what was there before)."""
        self._count += 1 + self._count % 5
        id_ = f"{0x18C0000000000000 + self._count:x}"
        headers = headers_of(raw)
        mail = Mail(
            id=id_, thread_id="", labels=frozenset(labels), headers=headers, raw=raw, at=at or self._now(),
            history_id=self._next(),
        )  # fmt: skip
        mail = replace(mail, thread_id=thread or self._thread(mail) or id_)
        self.mails[id_] = mail
        if known := mail.header("message-id").strip():
            self._by_message_id.setdefault(known, id_)
        if not silent:
            self._note("messageAdded", mail)
        return mail

    def relabel(self, id_: str, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> Mail:
        """Moves and marks; one entry of history for what came and one for what went."""
        mail = self.mails[id_]
        came, went = sorted(set(add) - mail.labels), sorted(set(remove) & mail.labels)
        for kind, labels in (("labelAdded", came), ("labelRemoved", went)):
            if labels:
                kept = mail.labels | set(labels) if kind == "labelAdded" else mail.labels - set(labels)
                mail = replace(mail, labels=kept, history_id=self._next())
                self._note(kind, mail, tuple(labels))
        self.mails[id_] = mail
        return mail

    def delete(self, id_: str) -> None:
        """For good, not into the bin."""
        mail = self.mails.pop(id_)
        self.drafts = {draft: of for draft, of in self.drafts.items() if of != id_}
        self._note("messageDeleted", replace(mail, history_id=self._next()))

    def since(self, start: int) -> list[Change]:
        """All changes after that id, oldest first."""
        return self.history[bisect_right(self.history, start, key=lambda change: change.id) :]

    def forget(self) -> None:
        self.forgotten = self.history_id
        self.history = []

    def newest(self) -> list[Mail]:
        """All mails, the newest first."""
        return sorted(self.mails.values(), key=lambda mail: (mail.at, mail.id), reverse=True)

    def thread_fits(self, thread: str, headers: Pairs) -> bool:
        """Whether a mail with these headers may join: it answers a mail of the thread and has the same subject."""
        probe = Mail(id="", thread_id="", labels=frozenset(), headers=headers, raw=b"", at=self._now(), history_id=0)
        held = [mail for mail in self.mails.values() if mail.thread_id == thread]
        answered = set(probe.header("references").split() + probe.header("in-reply-to").split())
        known = {mail.header("message-id").strip() for mail in held}
        return bool(answered & known) and _bare(probe.header("subject")) in {
            _bare(mail.header("subject")) for mail in held
        }

    def _thread(self, mail: Mail) -> str:
        for known in reversed(mail.header("references").split() + mail.header("in-reply-to").split()):
            held = self.mails.get(self._by_message_id.get(known, ""))
            if held:
                return held.thread_id
        return ""

    def _next(self) -> int:
        """Ids rise, with gaps."""
        self.history_id += 1 + self.history_id * 7 % 13
        return self.history_id

    def _note(self, kind: str, mail: Mail, labels: tuple[str, ...] = ()) -> None:
        self.history.append(Change(id=mail.history_id, kind=kind, mail=mail, labels=labels))
        self._changed(mail.labels | frozenset(labels))


def _bare(subject: str) -> str:
    plain = subject.strip().lower()
    while plain.startswith("re:"):
        plain = plain[3:].strip()
    return plain
