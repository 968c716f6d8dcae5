"""Messages for the owner to send themselves: a first word, a second, thanks, a request to be introduced.

In the contact's language and register. Texts only: Keepwarm never writes to a third person. Called through
`keepwarm.store.writing`; pages and the command offer them to copy, or to open in a mail program.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from keepwarm.pace import Pace, Span, is_quiet, is_working_day
from keepwarm.texts import Texts, mark
from keepwarm.zones import local, to_utc

KINDS = ("first", "second", "thank", "introduction", "progress", "closing")
FAMILIAR = frozenset({"je", "informal"})
TALK = timedelta(minutes=30)  # a free moment has room for twenty minutes and the way there
AHEAD = 2  # working days before the first moment that is offered: somebody has to read it first
APART = 2  # days between the two
CLOCKS = (time(10), time(11), time(14), time(15, 30), time(9), time(13), time(16, 30))  # ours: the kindest hours first
WEEKS = 4
LONG_AGO = timedelta(days=180)


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """What somebody did for the owner: ``kind`` is introduced (to ``whom``), kept (a promise), tips or talk."""

    kind: str
    on: date
    whom: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a message can use. Empty text: unknown.

    ``register``: je, u, informal or formal. ``written``: the owner's introduction in the language of the message.
    ``shared``: whom both know. ``moments``: free ones, UTC, shown in ``zone``. ``talked_on``: the day of the last talk.
    ``whom``: who is to be met, for a request to be introduced.
    """

    name: str
    circle: str = "cold"
    register: str = "formal"
    goal: str = ""
    sector: str = ""
    organisation: str = ""
    owner_name: str = ""
    written: str = ""
    shared: str = ""
    find_out: str = ""
    last_at: datetime | None = None
    talked_on: date | None = None
    moments: tuple[datetime, ...] = ()
    zone: str = "UTC"
    whom: str = ""
    help: Help | None = None
    news: str = ""  # what changed, in the owner's words


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """``channel``: a key of `keepwarm.plan.CHANNELS`; ``why``: one sentence."""

    channel: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message as plain text; ``subject`` for where it goes by mail."""

    kind: str
    subject: str
    body: str


# Familiar and formal wording of each sentence, so that a translation can tell the two apart.
_HELLO = (mark("Hi {name},"), mark("Dear {name},"))
_BYE = (mark("Warm regards,"), mark("Kind regards,"))
_LONG_SILENCE = (
    mark("It has been a while, and I hope you are well."), mark("It has been some time; I hope this finds you well."),
)  # fmt: skip
_SHARED = (mark("You and I both know {shared}."), mark("We both know {shared}, which is how I came to you."))
_STRANGER = (mark("We have not met yet, so first who I am."), mark("We have not met, so allow me to say who I am."))
_PURPOSE = {
    "explore_market": (
        mark("I am finding out what work there is for me these days, and you know a part of it that I do not."),
        mark("I am finding out what the labour market holds for me, and you know a part of it that I do not."),
    ),
    "learn_field": (
        mark("I would like to get to know {field} from the inside, and you work in the middle of it."),
        mark("I would like to get to know {field} from the inside, and you know it from your own work."),
    ),
    "learn_vacancy": (
        mark("I saw an opening{at} that appeals to me, and I would like to know more before I decide."),
        mark("An opening{at} has drawn my attention, and I would like to know more before I decide."),
    ),
    "present_self": (
        mark("I am looking for my next step, and I wonder how what I bring comes across to you."),
        mark("I am looking for my next step, and would value your view of what I bring."),
    ),
    "": (
        mark("I would like to hear how things are with you, and tell you what I am working on."),
        mark("I would be glad to hear how your work is going, and to tell you of mine."),
    ),
}
_AIM = {  # the same to somebody who is to introduce the owner
    "explore_market": (mark("I am finding out what work there is for me these days."),) * 2,
    "learn_field": (mark("I would like to get to know {field} from the inside."),) * 2,
    "learn_vacancy": (mark("I am looking at an opening, and would like to know more before I decide."),) * 2,
    "present_self": (mark("I am looking for my next step."),) * 2,
    "": ("", ""),
}
_FIND_OUT = (mark("What I wonder about most: {find_out}"), mark("What I would most like to learn: {find_out}"))
_NO_JOB = (
    mark("I am not asking you for a job: what you know is what helps me."),
    mark("This is not an application: information is all that I ask for."),
)
_TWENTY = (
    mark("Would you have about twenty minutes for me, over coffee or by telephone?"),
    mark("Might you have about twenty minutes for me, in person or by telephone?"),
)
_MOMENTS = (
    mark("It could be {one} or {two}; any other time is fine too."),
    mark("I could come to you on {one} or {two}; another time that suits you is fine as well."),
)
_SECOND = (
    mark("I wrote to you a little while ago, and know how quickly mails sink. No hurry at all."),
    mark("I wrote to you some time ago, and know how quickly mails disappear from sight. There is no hurry."),
)
_NO_IS_FINE = (
    mark("If it does not suit you, just say so; that is fine."),
    mark("Should it not suit you, a short word is enough; I will understand."),
)
_THANKS = (mark("Thank you for our talk{on}; it helped me."), mark("Thank you for our conversation{on}; it helped me."))
_WORD = (
    mark("I will let you know what comes of it."), mark("I will gladly let you know what comes of it."),
)  # fmt: skip
_BACK = (
    mark("And if there is something I can do for you, tell me."),
    mark("Should there be something that I can do for you, I would be glad to hear it."),
)
_INTRODUCE = (
    mark("If I am not mistaken you know {whom}. Would you introduce us?"),
    mark("If I am not mistaken you know {whom}. Would you be willing to introduce me?"),
)
_PASS_ON = (mark("Here are two lines that you can pass on:"), mark("You are welcome to pass on these lines:"))
_FREE_TO_SAY_NO = (
    mark("If you would rather not, that is fine, and I will not mention it again."),
    mark("If you would rather not, I understand, and will not mention it again."),
)

_HELP = {
    "introduced": (mark("You introduced me to {whom}, and I have not forgotten it."),) * 2,
    "kept": (mark("You did what you had promised, and it helped me on."),) * 2,
    "tips": (mark("Your tips{on} stayed with me."), mark("Your advice{on} stayed with me.")),
    "talk": (mark("Our talk{on} stayed with me."), mark("Our conversation{on} stayed with me.")),
}
_NEWS = (mark("So let me tell you how it goes."), mark("I would therefore like to tell you how it goes."))
_NAMES = (
    mark("Should a name or an idea come to mind, I am glad to hear it. And how are things with you?"),
    mark("Should a name or an idea occur to you, I would be glad to hear it. I hope all is well with you."),
)
_OVER = (mark("So you are among the first to hear."), mark("I would therefore like you to hear it from me."))
_ALL_THANKS = (
    mark("Thank you for thinking along with me. I would like to stay in touch."),
    mark("Thank you for thinking along with me. I would be glad to stay in touch."),
)

_SUBJECTS = {
    "first": (mark("Twenty minutes of your time?"), mark("A request for twenty minutes")),
    "second": (mark("Another word from me"), mark("My earlier mail")),
    "thank": (mark("Thank you"), mark("With thanks")),
    "progress": (mark("How it goes"), mark("How it goes with me")),
    "closing": (mark("News, and thanks"), mark("News, with my thanks")),
    "introduction": (mark("A question about {whom}"), mark("A question concerning {whom}")),
}
_CHANNELS = {
    "own": mark("You chose this way yourself."),
    "in_person": mark("You see each other: ask it in passing, or go round."),
    "mail": mark("A short mail is a good way to announce yourself, and can be answered when it suits."),
    "social": mark("You have no mail address; a short message on LinkedIn does the same."),
    "telephone": mark("You have a number and nothing else. Write down first what you want to ask."),
    "introduction": mark("You have no address. Ask somebody who knows {name} to introduce you."),
}


def advise(  # noqa: PLR0913 - what is known of somebody, each by name
    *, name: str, circle: str, chosen: str, mail: bool, phone: bool, profile: bool, seen_lately: bool, texts: Texts
) -> Advice:
    """How to get in touch (METHOD.md section 5): the owner's own wish, else in person where one meets, else by mail."""
    if chosen:
        return Advice(channel=chosen, why=texts(_CHANNELS["own"]))
    table = (
        ("in_person", circle == "warm" and seen_lately), ("mail", mail), ("social", profile), ("telephone", phone),
    )  # fmt: skip
    channel = next((key for key, holds in table if holds), "")
    return Advice(channel=channel, why=texts(_CHANNELS[channel or "introduction"], name=name))


def draft(kind: str, facts: Facts, now: datetime, texts: Texts) -> Draft:
    """The message of this kind, in the language of ``texts``."""
    lines = _LINES[kind]
    voice = _Voice(texts=texts, formal=facts.register not in FAMILIAR)
    name = facts.name if voice.formal else facts.name.split(" ")[0]
    parts = [voice(_HELLO, name=name), *lines(facts, now, voice), "\n".join((voice(_BYE), facts.owner_name)).strip()]
    return Draft(kind=kind, subject=voice(_SUBJECTS[kind], whom=facts.whom), body="\n\n".join(filter(None, parts)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Voice:
    """Says a sentence in one of its two registers."""

    texts: Texts
    formal: bool

    def __call__(self, pair: tuple[str, str], **values: object) -> str:
        return self.texts.gettext(pair[self.formal], **values)


def _first(facts: Facts, now: datetime, voice: _Voice) -> Iterator[str]:
    if facts.circle == "warm":
        yield voice(_LONG_SILENCE) if facts.last_at is None or now - facts.last_at > LONG_AGO else ""
    else:
        yield voice(_SHARED, shared=facts.shared) if facts.shared else ""
        yield _joined(voice(_STRANGER) if facts.circle == "cold" and facts.written else "", facts.written)
    yield _joined(_purpose(_PURPOSE, facts, voice), voice(_FIND_OUT, find_out=facts.find_out) if facts.find_out else "")
    no_job = facts.goal in {"explore_market", "learn_field"}
    yield _joined(voice(_NO_JOB) if no_job else "", voice(_TWENTY), _offered(facts, voice))


def _second(facts: Facts, now: datetime, voice: _Voice) -> Iterator[str]:  # noqa: ARG001 - the form of all kinds
    yield voice(_SECOND)
    yield _joined(voice(_TWENTY), _offered(facts, voice))
    yield voice(_NO_IS_FINE)


def _thank(facts: Facts, now: datetime, voice: _Voice) -> Iterator[str]:  # noqa: ARG001 - the form of all kinds
    on = voice.texts.gettext(" of {date}", date=voice.texts.short_date(facts.talked_on)) if facts.talked_on else ""
    yield _joined(voice(_THANKS, on=on), voice(_WORD))
    yield voice(_BACK)


def _introduction(facts: Facts, now: datetime, voice: _Voice) -> Iterator[str]:  # noqa: ARG001 - the form of all kinds
    yield _joined(_purpose(_AIM, facts, voice), voice(_INTRODUCE, whom=facts.whom))
    yield f"{voice(_PASS_ON)}\n{facts.written}" if facts.written else ""
    yield voice(_FREE_TO_SAY_NO)


def _progress(facts: Facts, now: datetime, voice: _Voice) -> Iterator[str]:  # noqa: ARG001 - the form of all kinds
    yield _joined(_helped(facts, voice), voice(_NEWS))
    yield facts.news
    yield voice(_NAMES)


def _closing(facts: Facts, now: datetime, voice: _Voice) -> Iterator[str]:  # noqa: ARG001 - the form of all kinds
    yield _joined(_helped(facts, voice), voice(_OVER))
    yield facts.news
    yield voice(_ALL_THANKS)


_LINES = {
    "first": _first,
    "second": _second,
    "thank": _thank,
    "introduction": _introduction,
    "progress": _progress,
    "closing": _closing,
}


def _helped(facts: Facts, voice: _Voice) -> str:
    """The named help; an introduction to somebody who is not known any more is left out."""
    if facts.help is None or (facts.help.kind == "introduced" and not facts.help.whom):
        return ""
    on = voice.texts.gettext(" of {date}", date=voice.texts.short_date(facts.help.on))
    return voice(_HELP[facts.help.kind], whom=facts.help.whom, on=on)


def _purpose(sentences: dict[str, tuple[str, str]], facts: Facts, voice: _Voice) -> str:
    field = facts.sector or voice.texts.gettext("your field")
    at = voice.texts.gettext(" at {organisation}", organisation=facts.organisation) if facts.organisation else ""
    return voice(sentences[facts.goal], field=field, at=at)


def _offered(facts: Facts, voice: _Voice) -> str:
    if len(facts.moments) < 2:
        return ""
    one, two = (_moment(at, facts.zone, voice.texts) for at in facts.moments[:2])
    return voice(_MOMENTS, one=one, two=two)


def _moment(at: datetime, zone: str, texts: Texts) -> str:
    day = texts.day_and_date(local(at, zone).date())
    return texts.gettext("{day} at {time}", day=day, time=texts.time(at, zone))


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def free_moments(now: datetime, pace: Pace, busy: Sequence[Span], away: Sequence[Span]) -> tuple[datetime, ...]:
    """Two moments on different days in which the owner's calendar is free, UTC; fewer where the weeks ahead are full.

    On working days, outside quiet hours, not before the day after tomorrow's working day.
    """
    found: list[datetime] = []
    earliest, left = local(now, pace.zone).date(), AHEAD
    for number in range(1, 7 * WEEKS):
        day = earliest + timedelta(days=number)
        if not is_working_day(day, pace):
            continue
        left -= 1
        if left >= 0 or (found and day - local(found[0], pace.zone).date() < timedelta(days=APART)):
            continue
        clocks = CLOCKS if not found else (*CLOCKS[2:], *CLOCKS[:2])  # a morning, then an afternoon
        moments = (to_utc(day, clock, pace.zone) for clock in clocks)
        free = next((at for at in moments if not is_quiet(at, pace, away) and _free(at, busy)), None)
        if free is not None:
            found.append(free)
        if len(found) == 2:
            break
    return tuple(found)


def _free(at: datetime, busy: Sequence[Span]) -> bool:
    return all(end <= at or start >= at + TALK for start, end in busy)
