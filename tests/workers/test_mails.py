"""The mails as people see them: golden renderings in both languages, and what must never be in one.

A change of texts changes the golden files by `UPDATE_GOLDEN=1 pytest tests/workers/test_mails.py`; read the difference.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from keepwarm import mails
from keepwarm.digests import Digest, Entry, Section
from keepwarm.questions import FollowOn, Note, Question, QuestionList, Situation
from keepwarm.texts import Texts
from keepwarm.types import Address, Mail
from tests.workers.conftest import NOOR, NOW, House
from workers.access_texts import WORDINGS
from workers.facts import AfterFacts, BriefFacts, WellFacts
from workers.letting_in import PATHS
from workers.links import Links
from workers.render import (
    AccessLetter,
    Envelope,
    access_mail,
    after_mail,
    alarm_mail,
    as_bytes,
    booked_mail,
    brief_mail,
    digest_mail,
    foreign,
    note_mail,
    nudge_mail,
    preview_brief,
    well_mail,
)  # fmt: skip

GOLDEN = Path(__file__).parent / "golden"
START = datetime(2026, 12, 1, 9, tzinfo=UTC)
AT = datetime(2026, 11, 30, 15, tzinfo=UTC)
TRICK = "\u202e<img src=https://evil.example/x.png onerror=alert(1)>\u200b"


def around(lang: str) -> Envelope:
    return Envelope(
        message_id="<0123@keepwarm.local>",
        to=Address(address="robin@example.org", name="Robin Owner"),
        sender=Address(address="keepwarm@keepwarm.local", name="Keepwarm"),
        at=AT,
        lang=lang,
        zone="Europe/Amsterdam",
        links=Links(base_url="http://127.0.0.1:8420", key=b"k" * 32, owner_id="o1", at=AT),
    )


def _list(opening: str, asked: list[tuple[str, str]], when: str) -> QuestionList:
    """A list of our own, so that better questions elsewhere leave these renderings alone."""
    made = [Question(id=str(n), text=text, why=why, source="list") for n, (text, why) in enumerate(asked)]
    turn = FollowOn(type="why_not", when=when, questions=tuple(made[-1:]))
    return QuestionList(
        type="orientation", title="", opening=opening, shown=tuple(made[:4]), more=tuple(made[4:6]), follow_on=(turn,)
    )


QUESTIONS = {
    "en": _list(
        "I have come for your view, not to ask for a position.",
        [
            ("How is your new team?", "It is in your note of 3 May."),
            ("What does a day look like?", "A day shows more than a title."),
            ("Which <skills> & habits help?", "You want to know the field."),
            ("Who else should I meet?", "A name lets you go on."),
            ("What has changed lately?", ""),
            ("What do newcomers underestimate?", ""),
            ("What was missing?", ""),
        ],
        "Is your chance small? Then ask on about the reasons.",
    ),
    "nl": _list(
        "Ik kom voor uw kijk op het vak, niet voor een baan.",
        [
            ("Hoe gaat het met uw nieuwe team?", "Het staat in je notitie van 3 mei."),
            ("Hoe ziet een dag eruit?", "Een dag zegt meer dan een titel."),
            ("Welke <vaardigheden> & gewoonten helpen?", "Je wilt het vak leren kennen."),
            ("Wie moet ik nog meer spreken?", "Met een naam kun je verder."),
            ("Wat is er veranderd?", ""),
            ("Wat onderschatten beginners?", ""),
            ("Wat ontbrak er?", ""),
        ],
        "Is je kans klein? Vraag dan door naar de redenen.",
    ),
}


class Person:
    """As much of a contact as a mail shows."""

    def __init__(self, name: str, *addresses: str, organisation: str = "", role: str = "") -> None:
        self.name, self.addresses, self.organisation, self.role = name, addresses, organisation, role


def talk(lang: str, **fields: Any) -> BriefFacts:
    situation = Situation(
        type="orientation",
        goal="learn_field",
        circle="lukewarm",
        register={"nl": "u", "en": "formal"}[lang],
        lang=lang,
        name="Noor Jansen",
        organisation="Imgtec",
        sector={"nl": "beeldtechniek", "en": "imaging"}[lang],
        last=Note(
            on=datetime(2026, 5, 3, tzinfo=UTC).date(), text={"nl": "haar nieuwe team", "en": "her new team"}[lang]
        ),
        promises_mine=({"nl": "het artikel sturen", "en": "send the article"}[lang],),
    )
    facts = BriefFacts(
        event_id="17",
        title="Coffee & catching up",
        by_hand=False,
        location="Café De Brug",
        start_at=START,
        end_at=START + timedelta(hours=1),
        zone_guessed=False,
        no_brief=False,
        people=(
            Person("Noor Jansen", "noor@imgtec.example", organisation="Imgtec", role="engineer"),  # type: ignore[arg-type]
            Person("Sam de Vries"),  # type: ignore[arg-type]
        ),
        type={"nl": "Kennismaken met een vak", "en": "Getting to know a field"}[lang],
        type_reason={"nl": "Je wilt meer weten over een vak.", "en": "You want to know more about a field."}[lang],
        reading="",
        situation=situation,
        questions=QUESTIONS[lang],
        short=QUESTIONS[lang].shown[:3],
        promises_mine=situation.promises_mine,
        promises_theirs=(),
    )
    return replace(facts, **fields)


def weekly(lang: str) -> Digest:
    texts = Texts.load(lang)
    person = Entry(
        title="Ann Example (Example Ltd)",
        address="ann@example.com",
        lines=("Late.", "Ask how it went."),
        contact_id="c1",
        kind="person",
        ref="c1",
    )
    new = Entry(title="Bo Example", lines=("You wrote once.",), contact_id="c2", kind="new", ref="c2")
    ahead = Entry(title="Coffee & cake", lines=("Tuesday.",), contact_id=None, kind="talk", ref="17")
    return Digest(
        title=texts.gettext("Your people this week"),
        greeting=texts.gettext("Hello {name},", name="Robin"),
        sections=(
            Section(key="reconnect", title="One", intro="Intro.", entries=(person,)),
            Section(key="new_people", title="Two", intro="", entries=(new,)),
            Section(key="talks", title="Three", intro="", entries=(ahead,)),
        ),
        closing=texts.gettext("Nothing here has to be done. What does not fit this week comes back by itself."),
        watched={"nl": "Alles gaat goed.", "en": "All is well."}[lang],
        picked=("c1",),
    )


def over(lang: str) -> AfterFacts:
    return AfterFacts(
        event_id="17",
        start_at=START,
        end_at=START + timedelta(hours=1),
        people=talk(lang).people,
        noted=False,
        thanks={"nl": "Hoi Noor,\n\nBedankt voor het gesprek.", "en": "Hi Noor,\n\nThank you for the talk."}[lang],
        mailto="mailto:noor@imgtec.example?subject=Thanks&body=Hi",
    )


def due() -> list[Entry]:
    """Thanks and a promise."""
    thanks = Entry(title="Ann Example", address="ann@example.com", lines=("You talked.",), contact_id="c1",
                   kind="person", ref="c1")  # fmt: skip
    promise = Entry(title="Bo Example", lines=("You promised: the <book>.",), contact_id="c2", kind="promise", ref="p1")
    return [thanks, promise]


def letter(what: str) -> AccessLetter:
    linked = what in PATHS
    return AccessLetter(
        what=what, at=AT, provider="Google", who="Robin <Owner>", ends_at=AT + timedelta(hours=1) if linked else None,
        link=f"http://127.0.0.1:8420/{PATHS[what]}?token=1.2" if linked else "",
    )  # fmt: skip


def made(kind: str, lang: str) -> Mail:
    makers: dict[str, Any] = {
        "brief": lambda: brief_mail(around(lang), talk(lang)),
        "note": lambda: note_mail(around(lang), talk(lang)),
        "digest": lambda: digest_mail(around(lang), weekly(lang)),
        "alarm": lambda: alarm_mail(around(lang), ["A worker has taken no work."]),
        "booked": lambda: booked_mail(around(lang), [talk(lang)]),
        "after": lambda: after_mail(around(lang), over(lang)),
        "nudge": lambda: nudge_mail(around(lang), due()),
        "well": lambda: well_mail(around(lang), WellFacts(watched="All is well.", fine=True)),
        "access": lambda: access_mail(around(lang), letter("password")),
    }
    mail: Mail = makers[kind]()
    return mail


KINDS = tuple(mails.KINDS)
every_mail = pytest.mark.parametrize(("kind", "lang"), [(kind, lang) for kind in KINDS for lang in ("en", "nl")])


@every_mail
def test_the_rendering_is_the_one_agreed(kind: str, lang: str) -> None:
    _is_agreed(kind, lang, made(kind, lang))


@pytest.mark.parametrize(("what", "lang"), [(what, lang) for what in WORDINGS for lang in ("en", "nl")])
def test_the_words_about_signing_in_are_those_agreed(what: str, lang: str) -> None:
    mail = access_mail(around(lang), letter(what))
    _is_agreed(f"access_{what}", lang, mail)
    assert "<Owner>" not in mail.html
    assert ("token=1.2" in mail.text, "token=1.2" in mail.html) == (what in PATHS, what in PATHS)


def _is_agreed(kind: str, lang: str, mail: Mail) -> None:
    for part, text in (("txt", f"{mail.subject}\n\n{mail.text}"), ("html", mail.html)):
        file = GOLDEN / f"{kind}.{lang}.{part}"
        if os.environ.get("UPDATE_GOLDEN"):
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        assert file.read_text(encoding="utf-8") == text


class Found(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@every_mail
def test_nothing_is_loaded_from_elsewhere(kind: str, lang: str) -> None:
    found = Found(made(kind, lang).html)
    assert {tag for tag, _ in found.tags}.isdisjoint({"img", "script", "link", "iframe", "object", "form"})
    assert not any(name in attrs for _, attrs in found.tags for name in ("src", "srcset", "background"))
    assert "url(" not in made(kind, lang).html
    links = [attrs["href"] or "" for tag, attrs in found.tags if tag == "a"]
    assert links
    assert all(link.startswith(("http://127.0.0.1:8420/", "mailto:")) for link in links)


@every_mail
def test_it_has_headings_and_fits_a_phone(kind: str, lang: str) -> None:
    html = made(kind, lang).html
    assert html.count("<h1") == 1
    assert f'<html lang="{lang}">' in html
    assert "width=device-width" in html
    assert not re.search(r"[^-]width:\s*[3-9]\d\dpx", html)
    assert "prefers-color-scheme: dark" in html


@pytest.mark.parametrize("lang", ["en", "nl"])
def test_the_plain_part_says_everything(lang: str) -> None:
    facts = talk(lang)
    text = made("brief", lang).text
    for each in (*facts.questions.shown, *facts.questions.more):
        assert each.text in text
    for each in facts.questions.shown:
        assert each.why in text
    assert facts.promises_mine[0] in text
    assert "10:00 (Amsterdam)" in text


@pytest.mark.parametrize("kind", ["brief", "note"])
def test_what_outsiders_wrote_stays_harmless_and_out_of_the_subject(kind: str) -> None:
    facts = talk(
        "en", title=TRICK, location=TRICK, people=(Person(f"Noor {TRICK}", TRICK, organisation=TRICK, role=TRICK),)
    )
    mail = {"brief": brief_mail, "note": note_mail}[kind](around("en"), facts)
    assert "evil" not in mail.subject
    assert "<img" not in mail.html
    assert not re.search("[\u202e\u200b]", mail.html + mail.text + mail.subject)
    assert as_bytes(mail)


def test_long_titles_are_cut() -> None:
    assert len(foreign("x" * 5000)) == 160
    assert foreign("one\n\ntwo\x00") == "one two"


@every_mail
def test_no_mail_shouts(kind: str, lang: str) -> None:
    assert "!" not in made(kind, lang).text


@every_mail
def test_every_mail_can_go_out(kind: str, lang: str) -> None:
    assert as_bytes(made(kind, lang)).startswith(b"Subject: ")


@pytest.mark.parametrize(("lang", "subject"), [("en", "Prepared: your talk on"), ("nl", "Voorbereid: je gesprek op")])
def test_a_preview_is_the_mail_that_would_go_out(quick_house: House, lang: str, subject: str) -> None:
    from keepwarm.store import accounts, views

    quick_house.knows(NOOR)
    quick_house.talk(NOW + timedelta(days=3))
    with quick_house.store.reading(quick_house.owner_id) as tx:
        owner = accounts.owner(tx)
        event_id = views.upcoming(tx, now=NOW, days=30, stored=True).talks[0].event.id
    mail = preview_brief(quick_house.runtime, owner, event_id, NOW, lang=lang)
    assert isinstance(mail, Mail)
    assert mail.subject.startswith(subject)
    assert (
        preview_brief(quick_house.runtime, owner, event_id, NOW + timedelta(days=4), lang=lang)
        == "It has already begun."
    )
