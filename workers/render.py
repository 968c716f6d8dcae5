"""Values → `Mail`: the brief before a talk, the short note, the digest, the alarm. Texts stand in ``mails/``.

Called by `workers.deliver`, and for previews by the command and the pages. Subjects are our own words and times alone:
what outsiders wrote (titles, names) stands in the body, cleaned, cut and quoted (RELIABILITY.md F15).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined

from keepwarm.digests import Digest
from keepwarm.foreign import one_line, shown
from keepwarm.letter import as_bytes
from keepwarm.store.accounts import Owner
from keepwarm.store.contacts import ContactRow
from keepwarm.texts import Texts
from keepwarm.types import Address, Mail
from keepwarm.zones import local
from workers.facts import BriefFacts, brief_facts, digest_of
from workers.runtime import Runtime

__all__ = [
    "Envelope", "alarm_mail", "as_bytes", "brief_mail", "digest_mail", "note_mail", "preview_brief", "preview_digest",
]  # fmt: skip

SENDER = Address(address="keepwarm@keepwarm.local", name="Keepwarm")
LONGEST = 160  # characters of anything that an outsider wrote; ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What every mail needs besides its subject matter. ``base_url``: what links begin with."""

    message_id: str
    to: Address
    sender: Address
    at: datetime
    lang: str
    zone: str
    base_url: str


def envelope(runtime: Runtime, owner: Owner, key: str, *, lang: str | None = None) -> Envelope:
    """The envelope of the mail that an outbox key stands for: always to the owner alone."""
    to = Address(address=owner.email, name=_heading_safe(owner.name))
    return Envelope(
        message_id=runtime.message_id(key),
        to=to,
        sender=SENDER,
        at=runtime.now(),
        lang=lang or owner.lang,
        zone=owner.zone,
        base_url=runtime.base_url,
    )


def brief_mail(around: Envelope, talk: BriefFacts) -> Mail:
    """The question list, sent the working day before."""
    day = local(talk.start_at, around.zone).date()
    return _mail("brief", around, talk=talk, day=day)


def note_mail(around: Envelope, talk: BriefFacts) -> Mail:
    """The short one an hour before: who, when, three questions, no new demands."""
    return _mail("note", around, talk=talk)


def digest_mail(around: Envelope, digest: Digest) -> Mail:
    return _mail("digest", around, digest=digest)


def alarm_mail(around: Envelope, lines: Sequence[str]) -> Mail:
    """What has gone quiet; ``lines`` are whole sentences."""
    return _mail("alarm", around, lines=lines)


def preview_brief(
    runtime: Runtime, owner: Owner, event_id: str, now: datetime, *, lang: str | None = None
) -> Mail | str:
    """The brief as it would be sent at ``now``; for an event that is no talk the sentence why. Raises NotFound."""
    with runtime.store.reading(owner.id) as tx:
        facts = brief_facts(tx, owner, event_id, now, lang=lang)
    if isinstance(facts, str):
        return facts
    return brief_mail(envelope(runtime.at(now), owner, f"preview:{event_id}", lang=lang), facts)


def preview_digest(runtime: Runtime, owner: Owner, now: datetime, *, lang: str | None = None) -> Mail | None:
    """The digest as it would be sent at ``now``; None when there is nothing to say."""
    with runtime.store.reading(owner.id) as tx:
        made = digest_of(tx, now, lang=lang)
    return digest_mail(envelope(runtime.at(now), owner, "preview:digest", lang=lang), made) if made else None


def _mail(name: str, around: Envelope, **values: Any) -> Mail:
    """Render the three templates of one kind."""
    texts = Texts.load(around.lang)
    context = {"_": texts, "ngettext": texts.ngettext, "texts": texts, "around": around, "zone": around.zone, **values}
    subject, text, html = (
        _templates().get_template(f"{name}.{part}").render(context) for part in ("subject.txt", "txt", "html")
    )
    return Mail(
        message_id=around.message_id,
        sender=around.sender,
        to=around.to,
        subject=" ".join(subject.split()),
        text=_tidy(text),
        html=html.strip() + "\n",
        at=around.at,
        lang=around.lang,
    )


@lru_cache(maxsize=1)
def _templates() -> Environment:
    environment = Environment(
        loader=FunctionLoader(lambda name: (files("workers") / "mails" / name).read_text(encoding="utf-8")),
        autoescape=lambda name: bool(name and name.endswith(".html")),  # noqa: S701 - on for every HTML part
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_clean,
    )
    environment.filters["foreign"] = foreign
    environment.filters["who"] = who
    environment.filters["capital"] = lambda text: text[:1].upper() + text[1:]
    return environment


def foreign(text: str) -> str:
    """What an outsider wrote, on one line and cut."""
    return one_line(text, LONGEST)


def who(person: ContactRow) -> str:
    """A person as every mail shows them: the name, the address they use most, and what is known of their work."""
    known = (person.name, *person.addresses[:1], person.role, person.organisation)
    return ", ".join(foreign(each) for each in dict.fromkeys(known) if each)


def _clean(value: object) -> object:
    """Every value that a template prints passes here, and loses what hides or turns text."""
    return shown(value) if type(value) is str else value


def _tidy(text: str) -> str:
    """At most one empty line in a row, no spaces at line ends."""
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines) + "\n"


def _heading_safe(name: str) -> str:
    """A display name fit for a header; empty if it could be taken for anything else."""
    name = one_line(name, 80)
    return "" if "=?" in name else name
