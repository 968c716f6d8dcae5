"""Every kind of mail as it would look: of the owner's own data where there is some, else of invented people.

Called by the settings page for previews, and by `workers.effects` when the owner has one sent. Rendered by the code
that renders the real ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from keepwarm.digests import Digest, Entry, Section
from keepwarm.questions import REGISTERS, Situation, load_lists, prepare, short_list
from keepwarm.store import Tx, held, views
from keepwarm.store.accounts import Owner
from keepwarm.store.contacts import ContactRow
from keepwarm.texts import Texts, mark
from keepwarm.types import Mail
from keepwarm.zones import local, to_utc
from workers import render
from workers.facts import AfterFacts, BriefFacts, after_facts, brief_facts, digest_of, owed_entries, well_facts
from workers.render import Envelope
from workers.runtime import Runtime

AHEAD = timedelta(days=60)
NAME, ADDRESS = "Robin Vermeulen", "robin.vermeulen@example.org"  # nobody: example.org belongs to no one
LENGTH = timedelta(minutes=45)

TITLE = mark("Coffee with Robin")
WORK = mark("Harbour Museum")
ROLE = mark("head of education")
PLACE = mark("the café at the station")
ADVICE = mark("what the work there is really like")
SAID = mark("The new wing opens in spring.")
PROMISE = mark("send the article about light")
THANKS = mark("Hello Robin,\n\nThank you for the talk today. It helped me on.\n\nBest wishes")
SILENT = mark("The mailbox sam@example.org has not been read since yesterday. Connect it again under Accounts.")
LONG_AGO = mark("You last wrote four months ago; every three months is what suits you both.")
OWED = mark("You promised it for tomorrow.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """``own``: it speaks of the owner's own data; else of invented people, because there was nothing to say."""

    mail: Mail
    own: bool


def sample(runtime: Runtime, owner: Owner, kind: str, key: str) -> Sample:
    """The mail of this kind (of `keepwarm.mails.SHOWN`) at this moment. Raises KeyError for what is none."""
    make_own, invent = _MAKERS[kind]
    around = render.envelope(runtime, owner, key)
    with runtime.store.reading(owner.id) as tx:
        made = make_own(tx, owner, around)
    return Sample(mail=made, own=True) if made else Sample(mail=invent(owner, around), own=False)


# --- of the owner's own ----------------------------------------------------------------------------------------------


def _next_talk(tx: Tx, owner: Owner, now: datetime) -> BriefFacts | None:
    coming = views.talks_until(tx, views.world(tx, now), now + AHEAD)
    found = brief_facts(tx, owner, coming[0].event.id, now) if coming else ""
    return None if isinstance(found, str) else found


def _own_brief(tx: Tx, owner: Owner, around: Envelope) -> Mail | None:
    found = _next_talk(tx, owner, around.at)
    return render.brief_mail(around, found) if found else None


def _own_note(tx: Tx, owner: Owner, around: Envelope) -> Mail | None:
    found = _next_talk(tx, owner, around.at)
    return render.note_mail(around, found) if found else None


def _own_booked(tx: Tx, owner: Owner, around: Envelope) -> Mail | None:
    found = _next_talk(tx, owner, around.at)
    return render.booked_mail(around, [found]) if found else None


def _own_after(tx: Tx, owner: Owner, around: Envelope) -> Mail | None:
    del owner
    talks = held.held_talks(tx, views.world(tx, around.at))
    found = after_facts(tx, talks[0].event.id, around.at) if talks else None
    return render.after_mail(around, found) if found else None


def _own_nudge(tx: Tx, owner: Owner, around: Envelope) -> Mail | None:
    del owner
    owed = owed_entries(tx, views.world(tx, around.at))
    return render.nudge_mail(around, list(owed.values())) if owed else None


def _own_digest(tx: Tx, owner: Owner, around: Envelope) -> Mail | None:
    del owner
    made = digest_of(tx, views.world(tx, around.at))
    return render.digest_mail(around, made) if made else None


def _own_well(tx: Tx, owner: Owner, around: Envelope) -> Mail | None:
    del owner
    return render.well_mail(around, well_facts(tx, around.at))


def _nothing(tx: Tx, owner: Owner, around: Envelope) -> Mail | None:
    del tx, owner, around
    return None


# --- invented --------------------------------------------------------------------------------------------------------


def _robin(owner: Owner, now: datetime) -> ContactRow:
    texts = Texts.load(owner.lang)
    return ContactRow(
        id="", name=NAME, addresses=[ADDRESS], organisation=texts(WORK), role=texts(ROLE), organisation_kind="",
        interesting=True, can_help=[], circle="warm", circle_by_owner=True, state="active", private=False, sent=9,
        received=7, meetings=2, first_at=now - timedelta(days=900), last_at=now - timedelta(days=120), brought_by="",
        brought_by_contact=None, origins=["colleagues"], goal="learn_field", register=None, lang=None,
        rhythm_days=None, close=False, paused_until=None, died=False, accepted_at=now, proposed_at=now, profiles=[],
    )  # fmt: skip


def _talk(owner: Owner, now: datetime) -> BriefFacts:
    """A talk at ten, the day after tomorrow."""
    texts = Texts.load(owner.lang)
    day = local(now, owner.zone).date() + timedelta(days=2)
    start, lang = to_utc(day, time(10), owner.zone), owner.lang if owner.lang in REGISTERS else "en"
    situation = Situation(
        type="orientation", goal="learn_field", circle="warm", register=REGISTERS[lang][0], lang=lang,
        name="Robin", organisation=texts(WORK), role=texts(ROLE), find_out=texts(ADVICE),
    )  # fmt: skip
    return BriefFacts(
        event_id="", title=texts(TITLE), by_hand=False,
        location=texts(PLACE), start_at=start, end_at=start + LENGTH,
        zone_guessed=False, no_brief=False, people=(_robin(owner, now),), type=load_lists(lang)["orientation"].title,
        type_reason="", reading="", situation=situation, questions=prepare(situation), short=short_list(situation),
        promises_mine=(texts(PROMISE),), promises_theirs=(),
    )  # fmt: skip


def _brief(owner: Owner, around: Envelope) -> Mail:
    return render.brief_mail(around, _talk(owner, around.at))


def _note(owner: Owner, around: Envelope) -> Mail:
    return render.note_mail(around, _talk(owner, around.at))


def _booked(owner: Owner, around: Envelope) -> Mail:
    return render.booked_mail(around, [_talk(owner, around.at)])


def _after(owner: Owner, around: Envelope) -> Mail:
    end = around.at - timedelta(minutes=30)
    facts = AfterFacts(
        event_id="", start_at=end - LENGTH, end_at=end, people=(_robin(owner, around.at),), noted=False,
        thanks=Texts.load(owner.lang)(THANKS), mailto="",
    )  # fmt: skip
    return render.after_mail(around, facts)


def _nudge(owner: Owner, around: Envelope) -> Mail:
    texts = Texts.load(owner.lang)
    return render.nudge_mail(
        around,
        [Entry(title=f"{NAME}: {texts(PROMISE)}", address=ADDRESS, lines=(texts(OWED),), kind="promise")],
    )


def _digest(owner: Owner, around: Envelope) -> Mail:
    texts = Texts.load(owner.lang)
    who = Entry(title=NAME, address=ADDRESS, lines=(texts(LONG_AGO), texts(SAID)), kind="person")
    section = Section(key="people", title=texts("Good to get in touch with"), intro="", entries=(who,))
    made = Digest(title=texts("Your people this week"), greeting=texts("Hello,"), sections=(section,), closing="")
    return render.digest_mail(around, made)


def _alarm(owner: Owner, around: Envelope) -> Mail:
    return render.alarm_mail(around, [Texts.load(owner.lang)(SILENT)])


Own = Callable[[Tx, Owner, Envelope], Mail | None]
Invented = Callable[[Owner, Envelope], Mail]
_MAKERS: Mapping[str, tuple[Own, Invented]] = {
    "booked": (_own_booked, _booked),
    "brief": (_own_brief, _brief),
    "note": (_own_note, _note),
    "after": (_own_after, _after),
    "nudge": (_own_nudge, _nudge),
    "digest": (_own_digest, _digest),
    "well": (_own_well, _alarm),
    "alarm": (_nothing, _alarm),
}
