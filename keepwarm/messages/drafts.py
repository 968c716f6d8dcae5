"""A message of each kind, put together from its sentences in the register of whoever gets it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from keepwarm.messages import sentences as say
from keepwarm.messages.values import Draft, Facts
from keepwarm.texts import Texts
from keepwarm.zones import local

FAMILIAR = frozenset({"je", "informal"})
LONG_AGO = timedelta(days=180)


def draft(kind: str, facts: Facts, now: datetime, texts: Texts) -> Draft:
    """The message of this kind, in the language of ``texts``."""
    lines = _LINES[kind]
    voice = _Voice(texts=texts, formal=facts.register not in FAMILIAR)
    name = facts.name if voice.formal else facts.name.split(" ")[0]
    parts = [
        voice(say.HELLO, name=name),
        *lines(facts, now, voice),
        "\n".join((voice(say.BYE), facts.owner_name)).strip(),
    ]
    return Draft(kind=kind, subject=voice(say.SUBJECTS[kind], whom=facts.whom), body="\n\n".join(filter(None, parts)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Voice:
    """Says a sentence in one of its two registers."""

    texts: Texts
    formal: bool

    def __call__(self, pair: tuple[str, str], **values: object) -> str:
        return self.texts.gettext(pair[self.formal], **values)


def _first(facts: Facts, now: datetime, voice: _Voice) -> Iterator[str]:
    if facts.circle == "warm":
        yield voice(say.LONG_SILENCE) if facts.last_at is None or now - facts.last_at > LONG_AGO else ""
    else:
        yield voice(say.SHARED, shared=facts.shared) if facts.shared else ""
        yield _joined(voice(say.STRANGER) if facts.circle == "cold" and facts.written else "", facts.written)
    wondering = voice(say.FIND_OUT, find_out=facts.find_out) if facts.find_out else ""
    yield _joined(_purpose(say.PURPOSE[_aim(facts)], facts, voice), wondering)
    no_job = facts.goal in {"explore_market", "learn_field"}
    yield _joined(voice(say.NO_JOB) if no_job else "", voice(say.TWENTY), _offered(facts, voice))


def _second(facts: Facts, now: datetime, voice: _Voice) -> Iterator[str]:  # noqa: ARG001 - the form of all kinds
    yield voice(say.SECOND)
    yield _joined(voice(say.TWENTY), _offered(facts, voice))
    yield voice(say.NO_IS_FINE)


def _thank(facts: Facts, now: datetime, voice: _Voice) -> Iterator[str]:  # noqa: ARG001 - the form of all kinds
    on = voice.texts.gettext(" of {date}", date=voice.texts.short_date(facts.talked_on)) if facts.talked_on else ""
    yield _joined(voice(say.THANKS, on=on), voice(say.WORD))
    yield voice(say.BACK)


def _introduction(facts: Facts, now: datetime, voice: _Voice) -> Iterator[str]:  # noqa: ARG001 - the form of all kinds
    yield _joined(_purpose(say.AIM[facts.goal], facts, voice), voice(say.INTRODUCE, whom=facts.whom))
    yield f"{voice(say.PASS_ON)}\n{facts.written}" if facts.written else ""
    yield voice(say.FREE_TO_SAY_NO)


def _progress(facts: Facts, now: datetime, voice: _Voice) -> Iterator[str]:  # noqa: ARG001 - the form of all kinds
    yield _joined(_helped(facts, voice), voice(say.NEWS))
    yield facts.news
    yield voice(say.NAMES)


def _closing(facts: Facts, now: datetime, voice: _Voice) -> Iterator[str]:  # noqa: ARG001 - the form of all kinds
    yield _joined(_helped(facts, voice), voice(say.OVER))
    yield facts.news
    yield voice(say.ALL_THANKS)


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
    return voice(say.HELP[facts.help.kind], whom=facts.help.whom, on=on)


def _aim(facts: Facts) -> str:
    return say.OUTSIDE if facts.goal == "learn_field" and not facts.inside else facts.goal


def _purpose(pair: tuple[str, str], facts: Facts, voice: _Voice) -> str:
    texts = voice.texts
    field = texts.gettext("{sector}", sector=facts.sector) if facts.sector else texts.gettext("your field")
    at = texts.gettext(" at {organisation}", organisation=facts.organisation) if facts.organisation else ""
    return voice(pair, field=field, at=at)


def _offered(facts: Facts, voice: _Voice) -> str:
    if len(facts.moments) < 2:
        return ""
    one, two = (_moment(at, facts.zone, voice.texts) for at in facts.moments[:2])
    return voice(say.MOMENTS, one=one, two=two)


def _moment(at: datetime, zone: str, texts: Texts) -> str:
    day = texts.day_and_date(local(at, zone).date())
    return texts.gettext("{day} at {time}", day=day, time=texts.time(at, zone))


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))
