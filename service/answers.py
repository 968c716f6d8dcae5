"""What the owner can say about somebody in one word: got in touch, later, let go; yes or no to somebody new.

The same behind the links in mails, on the pages and in the command. Each says what it did, in a sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from keepwarm import snooze
from keepwarm.store import Tx, accounts, contacts, notes
from keepwarm.store.accounts import Owner
from keepwarm.texts import Texts, mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Somebody's answer about a contact. ``said``: what they add in words, ``until``: a key of `snooze.CHOICES`."""

    tx: Tx
    contact_id: str
    now: datetime
    said: str = ""
    until: str = "digest"


def _done(to: Answer) -> None:
    notes.in_touch(to.tx, to.contact_id, to.now, to.said)


def _talked(to: Answer) -> None:
    notes.add_note(to.tx, to.contact_id, to.now, said=to.said)


def _later(to: Answer) -> None:
    pace = accounts.pace_of(accounts.owner(to.tx))
    wanted = to.until if to.until in snooze.CHOICES else "digest"
    contacts.edit(to.tx, to.contact_id, to.now, paused_until=snooze.until(wanted, to.now, pace))


def _let_go(to: Answer) -> None:
    contacts.release(to.tx, to.contact_id, to.now)


def _wrong(to: Answer) -> None:
    contacts.ignore(to.tx, [to.contact_id], to.now)


def _network(to: Answer) -> None:
    contacts.accept(to.tx, [to.contact_id], private=False, now=to.now)


def _private(to: Answer) -> None:
    contacts.accept(to.tx, [to.contact_id], private=True, now=to.now)


def _died(to: Answer) -> None:
    contacts.lay_to_rest(to.tx, to.contact_id, to.now)


def _never(to: Answer) -> None:
    contacts.never(to.tx, [to.contact_id], to.now)


# What it is called on a button, what it does, and what is said afterwards.
ANSWERS: dict[str, tuple[str, Callable[[Answer], None], str]] = {
    "done": (mark("I got in touch"), _done, mark("Noted: you were in touch with {name}.")),
    "elsewhere": (mark("We talked elsewhere"), _talked, mark("Noted: you talked to {name}.")),
    "later": (mark("Later"), _later, mark("{name} is left in peace until then.")),
    "let_go": (mark("Let go"), _let_go, mark("{name} stays in your network, and nothing reminds you any more.")),
    "wrong": (mark("This is the wrong person"), _wrong, mark("{name} is left out, and is not proposed again.")),
    "network": (mark("Take into my network"), _network, mark("{name} is in your network now.")),
    "private": (mark("Keep as private"), _private, mark("{name} is private: no question lists, no follow-ups.")),
    "refuse": (mark("Leave out"), _wrong, mark("{name} is left out, and is not proposed again.")),
    "died": (mark("Died"), _died, mark("{name} is laid to rest here. Nothing will suggest them again.")),
    "never": (mark("Never"), _never, mark("{name} will never be proposed again.")),
}
UNTIL = mark("{name} is left in peace until {date}.")
ABOUT_PERSON = ("done", "elsewhere", "later", "let_go", "private", "wrong")
ABOUT_CONTACT = ("done", "elsewhere", "later", "let_go", "died")
ABOUT_NEW = ("network", "private", "refuse", "never")


def carry_out(answer: Answer, do: str) -> None:
    """Do what was answered. Raises KeyError for what is no answer, NotFound."""
    ANSWERS[do][1](answer)


def says(texts: Texts, do: str, name: str, until: date | None = None) -> str:
    """What was done. ``until``: the day on which somebody left in peace may be named again, where no form told it."""
    if do == "later" and until is not None:
        return texts(UNTIL, name=name, date=texts.day_and_date(until))
    return texts(ANSWERS[do][2], name=name)


def stop(tx: Tx, owner: Owner, kind: str, *, again: bool = False) -> None:
    """No more mails of this kind, or ``again``."""
    stopped = owner.stopped - {kind} if again else owner.stopped | {kind}
    accounts.update_owner(tx, settings={"stopped": sorted(stopped) or None})
