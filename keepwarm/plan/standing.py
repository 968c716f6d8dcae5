"""How an entry of the plan stands: the owner's word, moved on by what happened since. Computed, never stored.

So a state is right whatever came in late, and taking a word back is all that undoing needs. Called by
`keepwarm.store.planning`. The spans are those of the method: a week, two more, then rest for ninety days.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from keepwarm.plan.values import Entry, Happened, Standing
from keepwarm.texts import Texts, mark
from keepwarm.zones import local

SECOND_WORD = timedelta(days=7)
GIVE_UP = timedelta(days=14)  # after the second word, or after it would have been due
REST = timedelta(days=90)
THANKS = timedelta(hours=24)
APART = timedelta(hours=12)  # ours: two mails nearer to one another are one attempt

STEPS: dict[str, str] = {
    "approach": mark("Get in touch"),
    "answer": mark("Agree on a moment"),
    "second_word": mark("A second word"),
    "prepare": mark("Prepare the talk"),
    "thank": mark("Say thanks"),
    "other_way": mark("Try another way"),
    "wait": mark("Wait a little"),
    "rest": mark("Leave in peace"),
    "none": mark("Nothing to do"),
}

_NEW = mark("You have not been in touch about your plan yet.")
_AGAIN = mark("It rested long enough. Try another way, or somebody else who knows {name}.")
_WROTE = mark("You got in touch {ago}. Give it until {date}.")
_NO_ANSWER = mark("You got in touch {ago} and heard nothing yet. A short second word is fine: mails get lost.")
_TWICE = mark("You got in touch twice, last {ago}. Give it until {date}.")
_SILENT = mark("No answer so far. Leave it until {date}; somebody who knows {name} may help better.")
_ANSWERED = mark("{name} answered {ago}.")
_BOOKED = mark("You talk on {moment}.")
_TALKED = mark("You talked {ago}. A word of thanks by {moment} does good.")
_TALKED_BEFORE = mark("You talked {ago}.")
_SINCE = mark("You talked {ago}, and wrote since.")
_THANKED = mark("You said thanks. Let {name} know what comes of it.")
_KEPT_UP = mark("You are in touch, and {name} is kept up with the others.")
_NOT_NOW = mark("Not now. It comes back on {date}.")
_NOT_NOW_OPEN = mark("Not now. It stays here until you say otherwise.")
_DECLINED = mark("This one is closed.")
_NO_ROLE = mark("This one is closed: the work you look for does not exist there.")
_OTHER_WORK = mark("You talked {ago}. The work you look for does not exist there; you are open to other work.")
_NOT_QUALIFIED = mark("You talked {ago}: you do not qualify yet. Ask what is missing, or try another way.")
_REAL_CHANCE = mark("You talked {ago}: there is a real chance. Ask how people are found for it.")
_ROLE = mark("Nobody has this role in your plan yet: ask who does.")


def standing(entry: Entry, happened: Happened, now: datetime, zone: str, texts: Texts) -> Standing:
    """How it stands at ``now``, in the language of ``texts``; ``zone`` is the owner's, for dates."""
    if entry.contact_id is None and not entry.said:
        return Standing(state="to_approach", step="approach", due_at=entry.created_at, why=texts(_ROLE))
    return _at_rest(entry, now, zone, texts) or _after_talk(entry, happened, now, zone, texts) or _before(
        entry, happened, now, zone, texts
    )  # fmt: skip


# What comes next after a talk that showed this, once thanks are said.
_FOUND = {
    "other_work": ("none", _OTHER_WORK),
    "not_qualified": ("other_way", _NOT_QUALIFIED),
    "real_chance": ("answer", _REAL_CHANCE),
}


def _since(entry: Entry) -> datetime:
    """What happened before was known when the owner last said how it stands."""
    return entry.said_at or entry.created_at


def _at_rest(entry: Entry, now: datetime, zone: str, texts: Texts) -> Standing | None:
    if entry.said == "declined":
        why = _NO_ROLE if entry.finding == "no_role" else _DECLINED
        return Standing(state="declined", step="none", due_at=None, why=texts(why))
    if entry.said != "not_now":
        return None
    if entry.rest_until is None:
        return Standing(state="not_now", step="rest", due_at=None, why=texts(_NOT_NOW_OPEN))
    if local(now, zone).date() >= entry.rest_until:
        return None
    return Standing(state="not_now", step="rest", due_at=None, why=texts(_NOT_NOW, date=texts.date(entry.rest_until)))


def _after_talk(entry: Entry, happened: Happened, now: datetime, zone: str, texts: Texts) -> Standing | None:
    """A talk ahead or held since the owner's word, or their word that there was one."""
    if happened.next_talk_at is not None:
        why = texts(_BOOKED, moment=texts.moment(happened.next_talk_at, zone, place=True))
        return Standing(state="talk_planned", step="prepare", due_at=happened.next_talk_at, why=why)
    held = [at for at in happened.talks if _since(entry) < at <= now]
    if held:
        return _talked(entry, held[-1], happened, now, zone, texts)
    if entry.said == "talked":
        return _talked(entry, _since(entry), happened, now, zone, texts)
    if entry.said == "thanked":
        return Standing(state="thanked", step="none", due_at=None, why=texts(_THANKED, name=entry.name))
    if entry.said == "kept_up":
        return Standing(state="kept_up", step="none", due_at=None, why=texts(_KEPT_UP, name=entry.name))
    return None


def _talked(entry: Entry, at: datetime, happened: Happened, now: datetime, zone: str, texts: Texts) -> Standing:
    ago = texts.ago(now - at)
    if any(at < sent <= now for sent in happened.sent):
        if entry.finding in _FOUND:
            step, found = _FOUND[entry.finding]
            return Standing(state="talked", step=step, due_at=None, why=texts(found, ago=ago))
        return Standing(state="talked", step="none", due_at=None, why=texts(_SINCE, ago=ago))
    by = at + THANKS
    why = (
        texts(_TALKED, ago=ago, moment=texts.moment(by, zone, place=True))
        if now <= by
        else texts(_TALKED_BEFORE, ago=ago)
    )
    return Standing(state="talked", step="thank", due_at=by, why=why)


def _before(entry: Entry, happened: Happened, now: datetime, zone: str, texts: Texts) -> Standing:
    tries = _tries(entry, happened, now)
    if not tries:
        why = _AGAIN if entry.said == "not_now" else _NEW
        return Standing(state="to_approach", step="approach", due_at=_since(entry), why=texts(why, name=entry.name))
    heard = [at for at in happened.received if tries[0] < at <= now]
    if heard:
        why = texts(_ANSWERED, name=entry.name, ago=texts.ago(now - heard[-1]))
        return Standing(state="approached", step="answer", due_at=heard[-1], why=why)
    return _waiting(entry, tries, now, zone, texts)


def _tries(entry: Entry, happened: Happened, now: datetime) -> list[datetime]:
    """When the owner got in touch, as they said or as their mails show; one rested long enough begins anew."""
    found = [at for at in happened.sent if _since(entry) < at <= now]
    if entry.said in {"approached", "talk_planned"}:
        found.insert(0, _since(entry))
    tries = list[datetime]()
    for at in found:
        if tries and at - tries[-1] >= REST:
            tries = []
        if not tries or at - tries[-1] >= APART:
            tries.append(at)
    return tries


def _waiting(entry: Entry, tries: list[datetime], now: datetime, zone: str, texts: Texts) -> Standing:
    """No answer yet: a second word after a week, rest two weeks after that, and another way when it rested."""
    first, last, second = tries[0], tries[-1], len(tries) > 1
    ago, give_up = texts.ago(now - last), (last if second else first + SECOND_WORD) + GIVE_UP
    if now < first + SECOND_WORD and not second:
        why = texts(_WROTE, ago=ago, date=_date(first + SECOND_WORD, zone, texts))
        return Standing(state="approached", step="wait", due_at=first + SECOND_WORD, why=why)
    if now < give_up and second:
        why = texts(_TWICE, ago=ago, date=_date(give_up, zone, texts))
        return Standing(state="approached", step="wait", due_at=give_up, why=why)
    if now < give_up:
        why = texts(_NO_ANSWER, ago=ago)
        return Standing(state="approached", step="second_word", due_at=first + SECOND_WORD, why=why)
    back = give_up + REST
    if now < back:
        why = texts(_SILENT, name=entry.name, date=_date(back, zone, texts))
        return Standing(state="not_now", step="rest", due_at=back, why=why)
    return Standing(state="to_approach", step="approach", due_at=back, why=texts(_AGAIN, name=entry.name))


def _date(at: datetime, zone: str, texts: Texts) -> str:
    return texts.date(local(at, zone).date())
