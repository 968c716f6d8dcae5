"""The checker: reads what was received and says what is wrong with it. Knows nothing of the engine and imports none.

A history is the receiver's journal, or the mailbox and calendar of an owner without an account, as files. A complaint
begins with its kind: lost, doubled, late, early, outside, unasked, untold.
"""

from __future__ import annotations

import email
import email.policy
import json
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One mail that arrived."""

    key: str
    to: str
    subject: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """``made``: titles of all events ever made, one for each identifier; ``standing``: of those that are there now."""

    mails: tuple[Sent, ...]
    made: tuple[str, ...]
    standing: tuple[str, ...]

    def __add__(self, other: History) -> History:
        return History(
            mails=self.mails + other.mails, made=self.made + other.made, standing=self.standing + other.standing
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedMail:
    """Exactly one mail of this ``kind``, known by how its subject begins, within these two moments."""

    kind: str
    subject: str
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """``made``: events by title, each once; ``standing``: which of them are there at the end."""

    address: str
    mails: tuple[WantedMail, ...]
    made: tuple[str, ...]
    standing: tuple[str, ...]


def read_journal(file: Path) -> History:
    lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    mails = [
        Sent(key=each["key"], to=each["to"], subject=each["subject"], at=datetime.fromisoformat(each["at"]))
        for each in lines
        if each["verb"] == "send"
    ]
    made: dict[str, str] = {}
    standing: dict[str, str] = {}
    for each in lines:
        if each["verb"] == "put":
            made[each["key"]] = standing[each["key"]] = each["subject"]
        elif each["verb"] == "delete":
            standing.pop(each["key"], None)
    return History(mails=tuple(mails), made=tuple(made.values()), standing=tuple(standing.values()))


def read_local(folder: Path) -> History:
    """A Maildir and a folder of .ics. What was removed again leaves no trace there, so ``made`` is what stands."""
    files = [*folder.glob("mailbox/new/*"), *folder.glob("mailbox/cur/*")]
    mails = []
    for file in files:
        read = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        at = parsedate_to_datetime(str(read["Date"]))
        mails.append(Sent(key=str(read["Message-ID"]), to=str(read["To"]), subject=str(read["Subject"]), at=at))
    lines = [line for file in folder.glob("calendar/*.ics") for line in file.read_text().splitlines()]
    titles = tuple(line.partition(":")[2] for line in lines if line.startswith("SUMMARY:"))
    return History(mails=tuple(mails), made=titles, standing=titles)


def complaints(
    history: History, wanted: Wanted, *, told: Collection[str] = (), uncertain: Collection[str] = ()
) -> Iterator[str]:
    """What is wrong. ``told``: kinds of mail shown to the owner as uncertain; ``uncertain``: those that may be so,
    since their worker ended between the note that it sends and the note that it has sent.
    """
    yield from _of_mails(history.mails, wanted, told, uncertain)
    yield from _of_events(history, wanted)


def _of_mails(
    mails: Collection[Sent], wanted: Wanted, told: Collection[str], uncertain: Collection[str]
) -> Iterator[str]:
    for key, times in Counter(each.key for each in mails).items():
        if times > 1:
            yield f"doubled: mail {key} arrived {times} times"
    for each in wanted.mails:
        found = [mail for mail in mails if mail.subject.startswith(each.subject)]
        if len(found) > 1:
            yield f"doubled: {len(found)} mails of kind {each.kind}"
        if not found and each.kind not in told:
            yield f"lost: no mail of kind {each.kind}, and nobody was told"
        if each.kind in told and each.kind not in uncertain:
            yield f"untold: {each.kind} is called uncertain for no reason"
        if each.kind in told and found:
            yield f"untold: {each.kind} arrived and is still called uncertain"
        yield from (f"late: {each.kind} at {mail.at}" for mail in found if mail.at > each.not_after)
        yield from (f"early: {each.kind} at {mail.at}" for mail in found if mail.at < each.not_before)
    known = tuple(each.subject for each in wanted.mails)
    yield from (f"outside: a mail to {mail.to}" for mail in mails if wanted.address not in mail.to)
    yield from (f"unasked: {mail.subject}" for mail in mails if not mail.subject.startswith(known))


def _of_events(history: History, wanted: Wanted) -> Iterator[str]:
    ever, now = Counter(history.made), Counter(history.standing)
    for title, times in ever.items():
        if times > 1:
            yield f"doubled: {times} events {title}"
        if title not in wanted.made:
            yield f"unasked: event {title}"
    for title in wanted.standing:
        if not now[title]:
            yield f"lost: event {title}"
    for title in set(wanted.made) - set(wanted.standing):
        if now[title]:
            yield f"lost: event {title} was to be removed"
