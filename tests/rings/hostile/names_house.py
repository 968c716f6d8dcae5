"""An owner whose every stranger writes what he is given: files as strangers send them, read as the product reads.

Used by the tests beside it. With harmless words it is the pattern that pages and mails of the hostile one follow.
"""

from __future__ import annotations

import csv
import io
from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path

from keepwarm.errors import NotPossible
from keepwarm.store import (
    Store,
    Tx,
    accounts,
    contacts,
    held,
    introductions,
    invitations,
    never,
    notes,
    organisations,
    own_lists,
    plans,
    profiles,
    rounds,
    tagging,
    talks,
    views,
)
from service.newcomer import is_email
from tests.service.web import world
from tests.service.web.conftest import runtime_over
from workers import sync, tasks
from workers.runtime import Runtime

ME = world.OWNER
HELD = 6  # one talk of so many is over
FORM = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    runtime: Runtime
    owner_id: str
    people: list[str]  # contact ids, those of the network first
    network: list[str]  # these alone
    talks: list[str]  # event ids of talks ahead
    held: list[str]  # and of those that are over
    entries: list[str]  # ids of entries of the plan
    batch_id: str
    places: list[str]  # keys of organisations


def build(
    store: Store, home: Path, now: datetime, texts: Sequence[str], people: Sequence[tuple[str, str]], lang: str = "en"
) -> House:
    """The house after its files were read, half of its people accepted, and all that is due was done."""
    runtime = runtime_over(store, home, now)
    owner_id = world.make_owner(store, now, lang=lang)
    everybody = [*people, *((text, f"t{n}@far.example") for n, text in enumerate(texts))]
    folder = home / "sent by strangers"
    folder.mkdir()
    paths = write_files(folder, everybody, texts, now)
    with store.transaction(owner_id) as tx:
        batch = accounts.create_batch(
            tx, label=paths[-1].name, paths=[str(each) for each in paths], uploaded=False, now=now
        )
    while sync.sync_stream(runtime, batch.stream_id).outcome == "more":
        pass
    _judge(store, owner_id, now, texts)
    _in_own_words(store, owner_id, now, texts)
    _addresses(store, owner_id, now, texts)
    tasks.drain(runtime)
    tasks.drain(runtime.at(now + timedelta(hours=7)))  # the hour at which question lists go out
    with store.reading(owner_id) as tx:
        network, proposed = (
            [row.id for row in contacts.contacts(tx, states=[state], now=now)] for state in ("active", "proposed")
        )
        talks = [each.event.id for each in views.upcoming(tx, now=now, days=60, stored=True).talks]
        entries = [each.id for each in plans.entries(tx, plans.plans(tx)[0].id)]
        places = [each.key for each in organisations.organisations(tx, now, limit=10**6)[0]]
        over = [each.event.id for each in held.held_talks(tx, views.world(tx, now))]
    return House(
        runtime=runtime, owner_id=owner_id, people=network + proposed, network=network, talks=talks, held=over,
        entries=entries, batch_id=batch.id, places=places,
    )  # fmt: skip


def _judge(store: Store, owner_id: str, now: datetime, texts: Sequence[str]) -> None:
    """Half of the people are accepted; the first of them carry the texts in notes, promises and plans too."""
    with store.transaction(owner_id) as tx:
        proposed = [row.id for row in contacts.contacts(tx, states=["proposed"], now=now) if row.addresses]
        contacts.accept(tx, proposed[::2], now=now)
        plan = plans.add_plan(tx, now, goal="learn_field", words=texts[0])
        for text in texts:
            plans.add_entry(tx, plan, now, role=text, organisation=text, find_out=text, reading=text)
            with suppress(NotPossible):  # not every text holds a letter, and some are alike
                profiles.add_target(tx, now, name=text, why=text)
        for via, whom in pairwise(proposed[:20:2]):
            introductions.ask(tx, now, via_id=via, contact_id=whom)
        rounds.begin(tx, now, "progress", {"en": texts[0], "nl": texts[0]})
        for contact_id, text in zip(proposed[::2], texts, strict=False):
            plans.set_goal(
                tx, contact_id, now, goal="learn_field", find_out=text, sector=text, role=text, named_person=text
            )
            notes.add_note(
                tx, contact_id, now - timedelta(days=200), said=text, tips=text, promises=[(True, text, None)]
            )


def _in_own_words(store: Store, owner_id: str, now: datetime, texts: Sequence[str]) -> None:
    """Every other field in which an owner may write, with what somebody talked them into pasting there."""
    with store.transaction(owner_id) as tx:
        accounts.update_owner(tx, name=texts[0])
        told = {name: texts[-1 - number] for number, name in enumerate(profiles.TEXTS)}
        said = {"en": texts[-1], "nl": texts[-1]}
        profiles.save_profile(tx, now, **told, sectors=texts[:5], regions=texts[5:9], spoken=said, written=said)
        people = [row.id for row in contacts.contacts(tx, states=["active"], now=now)]
        for number, text in enumerate(texts):
            _pasted(tx, now, people[number % len(people)], text)
        for ahead, text in zip(views.upcoming(tx, now=now, days=60, stored=False).talks, texts, strict=False):
            talks.settle(tx, str(ahead.event.id), now, questions=[text], reading=text)


def _addresses(store: Store, owner_id: str, now: datetime, texts: Sequence[str]) -> None:
    """On the never list and among the invitations: whatever the two forms take for an address."""
    for text in texts:
        with suppress(NotPossible), store.transaction(owner_id) as tx:
            never.bar(tx, f"{text}@bulk.example", now)
    with store.system() as tx:
        for address in (f"{text}@bulk.example" for text in texts):
            if is_email(address):
                invitations.invite(tx, address, now)


def _pasted(tx: Tx, now: datetime, contact_id: str, text: str) -> None:
    """A tag, and a question of one's own, where the text can be one."""
    with suppress(NotPossible):
        tagging.add_tag(tx, [contact_id], text, now)
    for lang in ("en", "nl"):
        with suppress(NotPossible):
            own_lists.add(tx, "orientation", lang, text, now)


# --- the files -------------------------------------------------------------------------------------------------------


def write_files(folder: Path, people: Sequence[tuple[str, str]], texts: Sequence[str], now: datetime) -> list[Path]:
    """A mailbox, a calendar, address books and an export of connections; the last one has a hostile name too."""
    found = {
        "Sent.mbox": _mails(people, now, sent=True),
        "Inbox.mbox": _mails(people, now, sent=False),
        "calendar.ics": _calendar(people, texts, now),
        "Connections.csv": _linkedin(texts),
        "contacts.csv": _google(texts),
        "a<img src=x onerror=alert('pwned')>\u202e\x1b[2J.vcf": _cards(texts),
    }
    for name, data in found.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in found]


def _encoded(text: str) -> str:
    """The text as encoded words, which is how a stranger gets any character into a header."""
    data = text.encode("utf-8", "replace")[:400]
    return " ".join(f"=?utf-8?b?{b64encode(data[at : at + 45]).decode()}?=" for at in range(0, len(data), 45))


def _raw(text: str) -> str:
    """The text as it is, as far as one line of a header goes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ").replace("\r", " ")[:400] + '"'


def _mails(people: Sequence[tuple[str, str]], now: datetime, *, sent: bool) -> bytes:
    made = []
    for number, (name, address) in enumerate(people):
        them = f"{(_raw if number % 2 else _encoded)(name)} <{address}>"
        sender, to = (f"Sam <{ME}>", them) if sent else (them, f"Sam <{ME}>")
        at = now - timedelta(days=150 + number % 50, hours=sent)
        made.append(
            f"From x Mon Jan  1 10:00:00 2024\nFrom: {sender}\nTo: {to}\nDate: {format_datetime(at)}\n"
            f"Message-ID: <{number}.{sent}@far.example>\n\nx\n\n"
        )
    return "".join(made).encode("utf-8", "replace")


def _ical(text: str) -> str:
    return (
        text.replace("\\", "\\\\")
        .replace(";", "\\;")
        .replace(",", "\\,")
        .replace("\r\n", "\\n")
        .replace("\n", "\\n")
        .replace("\r", "\\n")
    )


def _calendar(people: Sequence[tuple[str, str]], texts: Sequence[str], now: datetime) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//far//EN"]
    for number, text in enumerate(texts):
        name, address = people[number % len(people)]
        start = now + timedelta(hours=20, minutes=30 * number)
        if number % HELD == 0:
            start = now - timedelta(hours=20, minutes=10 * number)
        said, quoted = _ical(text), name.replace('"', "").replace("\n", " ").replace("\r", " ")
        lines += [
            "BEGIN:VEVENT",
            f"UID:{number}@far.example",
            "DTSTAMP:20261101T000000Z",
            f"DTSTART:{start:{FORM}}",
            f"DTEND:{start + timedelta(minutes=30):{FORM}}",
            f"SUMMARY:{said}",
            f"LOCATION:{said}",
            f"DESCRIPTION:{said}",
            f"URL:{said}",
            f"ORGANIZER;CN=Sam:mailto:{ME}",
            f"ATTENDEE;CN=Sam;PARTSTAT=ACCEPTED:mailto:{ME}",
            f'ATTENDEE;CN="{quoted}";PARTSTAT=ACCEPTED:mailto:{address}',
            "END:VEVENT",
        ]
    lines += ["BEGIN:VEVENT", "UID:broken@far.example", "DTSTART:never", "END:VEVENT"]  # one that is set aside
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode("utf-8", "replace")


def _cards(texts: Sequence[str]) -> bytes:
    lines = []
    for number, text in enumerate(texts):
        said, address = _ical(text), f"v{number}@far.example"
        lines += [
            "BEGIN:VCARD",
            "VERSION:3.0",
            f"FN:{said}",
            f"ORG:{said}",
            f"TITLE:{said}",
            f"URL:{said}",
            f"NOTE:{said}",
            f"EMAIL:{address}",
            f"UID:{said}",
            "END:VCARD",
        ]
    return "\r\n".join([*lines, ""]).encode("utf-8", "replace")


def _linkedin(texts: Sequence[str]) -> bytes:
    head = ["First Name", "Last Name", "URL", "Email Address", "Company", "Position", "Connected On"]
    return _csv(
        head, ([text, "Far", f"https://www.linkedin.com/in/{text}", "", text, text, "01 Nov 2024"] for text in texts)
    )


def _google(texts: Sequence[str]) -> bytes:
    head = [
        "Name",
        "Given Name",
        "Family Name",
        "E-mail 1 - Value",
        "Organization 1 - Name",
        "Organization 1 - Title",
        "Website 1 - Value",
    ]
    return _csv(head, ([text, text, "Far", f"g{n}@far.example", text, text, text] for n, text in enumerate(texts)))


def _csv(head: Sequence[str], rows: object) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows(rows)  # type: ignore[arg-type]  # rows of text
    return out.getvalue().encode("utf-8", "replace")
