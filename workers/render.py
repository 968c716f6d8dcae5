"""Values → `Mail`: one function for each kind of mail (`keepwarm.mails`). Texts stand in ``mails/``.

Called by `workers.deliver`, and for previews by the command and the pages. Subjects are our own words and times alone:
what outsiders wrote (titles, names) stands in the body, cleaned, cut and quoted (RELIABILITY.md F15).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

from css_inline import CSSInliner
from jinja2 import Environment, FunctionLoader, StrictUndefined

from keepwarm.digests import Digest, Entry
from keepwarm.foreign import one_line, shown
from keepwarm.letter import as_bytes
from keepwarm.mails import STOPPABLE
from keepwarm.store import views
from keepwarm.store.accounts import Owner
from keepwarm.store.contacts import ContactRow
from keepwarm.texts import Texts, mark
from keepwarm.types import Address, Mail
from keepwarm.zones import local
from workers.access_texts import WORDINGS
from workers.facts import AfterFacts, BriefFacts, WellFacts, brief_facts, digest_of
from workers.links import Links, links
from workers.runtime import Runtime

__all__ = [
    "AccessLetter", "Envelope", "access_mail", "after_mail",
    "alarm_mail", "as_bytes", "booked_mail", "brief_mail", "digest_mail", "note_mail",
    "nudge_mail", "preview_brief", "preview_digest", "well_mail",
]  # fmt: skip

SENDER = Address(address="keepwarm@keepwarm.local", name="Keepwarm")
LONGEST = 160  # characters of anything that an outsider wrote; ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What every mail needs besides its subject matter. ``links`` makes the links that act without signing in."""

    message_id: str
    to: Address
    sender: Address
    at: datetime
    lang: str
    zone: str
    links: Links

    @property
    def base_url(self) -> str:
        return self.links.base_url


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLetter:
    """A mail about signing in. ``what``: a key of `workers.access_texts.WORDINGS`; ``link`` is empty where none is."""

    what: str
    at: datetime
    link: str = ""
    ends_at: datetime | None = None
    provider: str = ""
    who: str = ""


# What the owner can answer to an entry of a mail: what comes first on the page behind the link, and its words.
ANSWERS: dict[str, tuple[tuple[str, str], ...]] = {
    "person": (
        ("done", mark("I got in touch")),
        ("elsewhere", mark("We talked elsewhere")),
        ("later", mark("Later")),
        ("let_go", mark("Let go")),
    ),
    "promise": (("done", mark("Done")),),
    "new": (
        ("network", mark("Take into my network")),
        ("private", mark("Keep as private")),
        ("refuse", mark("Leave out")),
    ),
    "talk": (("send", mark("Send me the questions now")),),
}
ONE_LINK = {  # in plain text, where a link is as long as it is
    "person": mark("Done, later, or let go"),
    "promise": mark("Done"),
    "new": mark("Take in, keep as private, or leave out"),
    "talk": mark("Send me the questions now"),
}


def envelope(
    runtime: Runtime, owner: Owner, key: str, *, lang: str | None = None, to: Address | None = None
) -> Envelope:
    """The envelope of the mail that an outbox key stands for: to the owner alone.

    ``to``: another address of theirs, or that of somebody whom they invite; only for mails about signing in.
    """
    to = to or Address(address=owner.email, name=owner.name)
    to = replace(to, name=heading_safe(to.name))
    return Envelope(
        message_id=runtime.message_id(key),
        to=to,
        sender=SENDER,
        at=runtime.now(),
        lang=lang or owner.lang,
        zone=owner.zone,
        links=links(runtime, owner.id),
    )


def brief_mail(around: Envelope, talk: BriefFacts) -> Mail:
    """The question list, sent the working day before."""
    day = local(talk.start_at, around.zone).date()
    return _mail("brief", around, talk=talk, day=day)


def note_mail(around: Envelope, talk: BriefFacts) -> Mail:
    """The short one an hour before: who, when, three questions, no new demands."""
    return _mail("note", around, talk=talk)


def booked_mail(around: Envelope, talks: Sequence[BriefFacts]) -> Mail:
    """What these talks are for and what to read: asked for when they are booked, not the afternoon before."""
    first, number = talks[0].start_at, len(talks)
    day = local(first, around.zone).date()
    return _mail("booked", around, talks=talks, one=number == 1, number=number, start_at=first, day=day)


def after_mail(around: Envelope, talk: AfterFacts) -> Mail:
    """How did it go, with a word of thanks to change and send."""
    return _mail("after", around, talk=talk, day=local(talk.start_at, around.zone).date())


def nudge_mail(around: Envelope, owed: Sequence[Entry]) -> Mail:
    """What is due today."""
    promises = {each.kind == "promise" for each in owed}
    return _mail("nudge", around, owed=owed, mixed=len(promises) > 1, promises=True in promises)


def well_mail(around: Envelope, facts: WellFacts) -> Mail:
    """One line that says all is well, or what is not, when there was nothing to say for a month."""
    return _mail("well", around, watched=facts.watched, fine=facts.fine)


def digest_mail(around: Envelope, digest: Digest) -> Mail:
    return _mail("digest", around, digest=digest)


def alarm_mail(around: Envelope, lines: Sequence[str]) -> Mail:
    """What has gone quiet; ``lines`` are whole sentences."""
    return _mail("alarm", around, lines=lines)


def access_mail(around: Envelope, letter: AccessLetter) -> Mail:
    """A link, word of a change, an invitation (`workers.access_texts`)."""
    texts, said = Texts.load(around.lang), WORDINGS[letter.what]
    values = {
        "address": around.base_url,
        "moment": texts.moment(letter.at, around.zone, place=True),
        "until": texts.moment(letter.ends_at, around.zone, place=True) if letter.ends_at else "",
        "provider": letter.provider,
        "who": foreign(letter.who),
    }
    lines, after = ([texts(each, **values) for each in part] for part in (said.lines, said.after))
    subject, foot = texts(said.subject, **values), texts(said.foot, **values)
    deed = texts(said.deed) if said.deed else ""
    return _mail("access", around, letter=letter, subject=subject, lines=lines, after=after, foot=foot, deed=deed)


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
        made = digest_of(tx, views.world(tx, now, lang))
    return digest_mail(envelope(runtime.at(now), owner, "preview:digest", lang=lang), made) if made else None


def _mail(name: str, around: Envelope, **values: Any) -> Mail:
    """Render the three templates of one kind; the stylesheet goes into the elements of the HTML part."""
    texts = Texts.load(around.lang)
    stop = around.links.to("stop", name) if name in STOPPABLE else ""
    context = {"_": texts, "ngettext": texts.ngettext, "texts": texts, "zone": around.zone, **values}
    context |= {"around": around, "to": around.links.to, "stop": stop, "names": lambda talk: _names(talk, texts)}
    context |= {
        "answers": lambda each: _answers(around, each, texts),
        "one_link": lambda each: _one_link(around, each, texts),
    }
    subject, text, html = (
        _templates().get_template(f"{name}.{part}").render(context) for part in ("subject.txt", "txt", "html")
    )
    return Mail(
        message_id=around.message_id,
        sender=around.sender,
        to=around.to,
        subject=" ".join(subject.split()),
        text=_tidy(text),
        html=_styled(html),
        at=around.at,
        lang=around.lang,
        headers=_stop_headers(stop),
    )


def _stop_headers(stop: str) -> tuple[tuple[str, str], ...]:
    """How a mail program stops this kind (RFC 2369), and with one click where that is safe to offer (RFC 8058)."""
    if not stop:
        return ()
    one_click = (("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),) if stop.startswith("https://") else ()
    return (("List-Unsubscribe", f"<{stop}>"), *one_click)


def _names(talk: BriefFacts | AfterFacts, texts: Texts) -> str:
    return texts.join([foreign(each.name) for each in talk.people])


def _answers(around: Envelope, each: Entry, texts: Texts) -> list[tuple[str, str]]:
    """Address and words of every answer to an entry."""
    if not each.ref:
        return []
    return [(around.links.to(each.kind, each.ref, do), texts(said)) for do, said in ANSWERS[each.kind]]


def _one_link(around: Envelope, each: Entry, texts: Texts) -> tuple[str, str] | None:
    return (around.links.to(each.kind, each.ref), texts(ONE_LINK[each.kind])) if each.ref else None


def _styled(html: str) -> str:
    """The styles in the elements, as mail programs want them; what is for dark or small screens stays in the head."""
    return _inliner().inline(html).strip() + "\n"


@lru_cache(maxsize=1)
def _inliner() -> CSSInliner:
    return CSSInliner(keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False)


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


def heading_safe(name: str) -> str:
    """A display name fit for a header; empty if it could be taken for anything else."""
    name = one_line(name, 80)
    return "" if "=?" in name else name
