"""What strangers write comes out as text and nothing else: pages, mails, calendar, terminal; and in no log.

RELIABILITY.md E6, F8–F11 and F15. The texts come in by the files that strangers send; the pattern for what a page or a
mail may hold is the same house with harmless words.
"""

from __future__ import annotations

import csv
import io
import logging
import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from email import policy
from email.parser import BytesParser
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from icalendar import Calendar

from keepwarm.foreign import HIDDEN
from keepwarm.letter import as_bytes
from keepwarm.store import Store, accounts, contacts, notes, views
from keepwarm.types import Mail
from service import create_app
from service.cli import main
from tests.rings.conftest import Ring
from tests.rings.hostile import names, names_house
from tests.rings.hostile.names_house import House
from tests.service.web import world
from tests.service.web.conftest import Browser, runtime_over, signed_in
from workers import facts, links, render
from workers.logs import Redactor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

NOW = datetime.fromisoformat("2026-11-23T09:00:00+00:00")
PLAIN = ["Tea", "https://meet.example.org/room", "A <b> & c", "Kim Bos", "Call on Monday"]
NEIGHBOURS = [  # enough of them for a second page of new people
    *((f"Kim Bos {'abcdefghij'[n % 10] * (n // 10 + 2)}", f"kim{n}@near.example") for n in range(100)),
    ("Kim Bos", "kim@near.example"),
    ("Noor Jansen", "noor@lantern.example"),
    ("Nооr Jansen", "n@near.example"),
]
SUBJECT = re.compile(
    r"Prepared: your talk on \w+ \d+ \w+, \d\d:\d\d|Soon: your talk at \d\d:\d\d|Your people this week"
    r"|Talk booked: \w+ \d+ \w+, \d\d:\d\d|How did it go\? Your talk of \w+ \d+ \w+, \d\d:\d\d"
)
OURS = {
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Keepwarm",
    "List-Unsubscribe",
    "From",
    "To",
    "MIME-Version",
    "Content-Type",
}
HREF = re.compile(r"/(?!/)|#|$|https?://[^\s\"'<>]+$|mailto:|tel:\+?\d+$")
PROPERTIES = {
    "VERSION",
    "PRODID",
    "X-WR-CALNAME",
    "NAME",
    "REFRESH-INTERVAL",
    "X-PUBLISHED-TTL",
    "UID",
    "DTSTAMP",
    "LAST-MODIFIED",
    "SEQUENCE",
    "DTSTART",
    "DTEND",
    "SUMMARY",
    "DESCRIPTION",
    "URL",
    "CLASS",
    "TRANSP",
    "STATUS",
    "X-KEEPWARM",
    "ACTION",
    "TRIGGER",
    "TZID",
    "TZOFFSETFROM",
    "TZOFFSETTO",
    "TZNAME",
    "RRULE",
    "RDATE",
    "COMMENT",
}
COMPONENTS = {"VCALENDAR", "VEVENT", "VALARM", "VTIMEZONE", "STANDARD", "DAYLIGHT"}


class Shape(HTMLParser):
    """Which elements with which attributes a page has, where it leads, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.shapes: set[tuple[str, ...]] = set()
        self.links: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shapes |= {(tag, name) for name, _ in attrs} | {(tag,)}
        given = dict(attrs)
        self.links += [
            (given[name] or "", given.get("rel") or "") for name in ("href", "src", "action") if name in given
        ]

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.shapes.add(("comment",))

    def handle_decl(self, decl: str) -> None:
        self.shapes.add(("doctype", decl.lower()))

    def unknown_decl(self, data: str) -> None:
        self.shapes.add(("declaration",))

    def handle_pi(self, data: str) -> None:
        self.shapes.add(("instruction",))


NO_PAGES = frozenset({  # for machines, or files to take along, which have tests of their own
    "static", "feed.calendar", "data.export", "contacts.card", "contacts.held_json", "phone.manifest", "phone.worker",
})  # fmt: skip
NEEDS = {  # arguments of which this house has none, or that go with another, and why
    "note_id": "stands with its person (`_corrections`)",
    "promise_id": "the same",
    "account_id": "files alone are read here",
    "provider": "no provider is set up; its answers are names of ours",
}
# Pages that show more by what stands behind the question mark.
ALSO = (
    "/contacts?tab=new", "/contacts?tab=new&page=1", "/contacts?tab=private", "/judge?page=1", "/judge?alike=1",
    "/introductions?q=a", "/talks/new?q=a", "/plan/add?q=a", "/organisations?page=1", "/pictures?by=origin&lines=yes",
    "/coming/new?q=a",
    "/pictures/warmth?by=weeks", "/questions/orientation?lang=nl", "/write/{person}?kind=thank",
)  # fmt: skip


def paths_of(app: Flask, house: House, most: int) -> list[str]:
    """Every page that the app's own map has, for every person, talk and mail of this house up to ``most`` of a kind.

    KeyError for an argument that is neither filled here nor stands in NEEDS.
    """
    fill = {
        "contact_id": house.people,
        "entry_id": house.entries[::7],
        "event_id": house.talks,
        "batch_id": [house.batch_id],
        "key": [quote(each, safe="") for each in house.places[::7]],
        "ref": [each.ref for each in house.runtime.open_local(house.owner_id).list_mails()],
        "token": tokens_of(house),
        "kind": ["orientation"],
    }
    some = house.network[::7]  # their pages look at everybody each time; every text stands on other pages too
    mails = ["digest", "brief"]
    known = {"talks.after": house.held, "write.offer": some, "ways.to_person": some, "settings.preview": mails,
             "settings.preview_html": mails}  # fmt: skip
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in NO_PAGES or rule.arguments & NEEDS.keys():
            continue
        name = next(iter(rule.arguments), "")
        values = known.get(rule.endpoint) or (fill[name] if name else [])
        found += [re.sub("<[^>]+>", str(each), rule.rule) for each in values[:most]] if name else [rule.rule]
    return [*found, *_corrections(house, most), *(each.format(person=house.network[0]) for each in ALSO)]


def _corrections(house: House, most: int) -> list[str]:
    """The pages on which a note or a promise is put right."""
    with house.runtime.store.reading(house.owner_id) as tx:
        said = [(each, row.id) for each in house.people for row in notes.notes_about(tx, each)]
        promised = [(each, row.id) for each in house.people for row in notes.promises(tx, each)]
    return [f"/contacts/{whose}/notes/{key}" for whose, key in said[:most]] + [
        f"/contacts/{whose}/promise/{key}/correct" for whose, key in promised[:most]
    ]


def tokens_of(house: House) -> list[str]:
    """Links of mails, a seventh of what they can be about."""
    about = {"person": house.network, "new": house.people, "talk": house.talks, "held": house.held}
    signed = [
        links.Signed(owner_id=house.owner_id, about=what, ref=str(ref))
        for what, refs in about.items()
        for ref in refs[::7]
    ]
    return [links.token(links.key_of(house.runtime), each, house.runtime.now()) for each in signed]


@pytest.fixture(scope="module")
def houses(
    tmp_path_factory: pytest.TempPathFactory, migrated: Path, request: pytest.FixtureRequest
) -> Iterator[tuple[House, House]]:
    """The hostile house and the harmless one; a sample takes every fourth text, and all the people."""
    step = 1 if request.config.getoption("--full") else 4
    made, stores = [], []
    for texts, people in ((names.texts()[::step], names.impostors()), (PLAIN, NEIGHBOURS)):
        home = tmp_path_factory.mktemp("house")
        shutil.copyfile(migrated, home / "keepwarm.db")
        numbers = iter(range(10**9))
        stores.append(Store(f"sqlite:///{home / 'keepwarm.db'}", lambda numbers=numbers: f"{next(numbers):032x}"))
        made.append(names_house.build(stores[-1], home, NOW, texts, people))
    yield made[0], made[1]
    for store in stores:
        store.close()


def crawled(house: House, most: int) -> dict[str, str]:
    app = create_app(house.runtime)
    browser: Browser = signed_in(app, house.owner_id)
    return {path: browser.get(path).text for path in paths_of(app, house, most)}


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(set(names.markup())) >= 150
    assert len(set(names.impostors())) >= 200


def test_pages_show_it_as_text_alone(houses: tuple[House, House], ring: Ring) -> None:
    hostile, harmless = houses
    pattern = set().union(*(Shape(each).shapes for each in crawled(harmless, 10**6).values()))
    pages = crawled(hostile, ring.size(10**6, 12))
    seen: set[str] = set()
    for path, html in pages.items():
        shape = Shape(html)
        assert shape.shapes <= pattern, (path, shape.shapes - pattern)
        assert not HIDDEN.search(html), (path, HIDDEN.search(html))
        for link, rel in shape.links:
            assert HREF.match(link), (path, link)
            ours = link.startswith(f"{hostile.runtime.base_url}/")
            assert not link.startswith("http") or ours or rel == "noopener noreferrer nofollow", (path, link)
        words = " ".join("".join(shape.words).split())
        seen |= {each for each in names.markup() if each in words}
    ring.record(texts=len(names.texts()), pages=len(pages), seen_as_text=len(seen))
    assert len(seen) > ring.size(90, 20), "the texts must be on the pages for this to prove anything"


FORMS = {
    "/never": ("/never", "told"),
    "/house": ("/house/invite", "email"),
}  # page → where its form goes, and its field


@pytest.mark.parametrize("page", FORMS)
def test_forms_for_addresses_take_it_as_text_alone(page: str, tmp_path: Path, migrated: Path, ring: Ring) -> None:
    """The never list and the invitations: what they refuse leaves nothing, what they take stands there as text."""
    shutil.copyfile(migrated, tmp_path / "keepwarm.db")
    numbers = iter(range(10**9))
    store = Store(f"sqlite:///{tmp_path / 'keepwarm.db'}", lambda: f"{next(numbers):032x}")
    owner_id = world.make_owner(store, NOW)
    browser: Browser = signed_in(create_app(runtime_over(store, tmp_path, NOW)), owner_id)
    path, field = FORMS[page]
    told = ("kim@bulk.example", "kim@bulk.example", "no")
    harmless = [browser.post(path, {field: each}, on=page, follow_redirects=True) for each in told]
    pattern = set().union(*(Shape(each.text).shapes for each in harmless))
    texts = names.texts()[:: ring.size(1, 12)]
    for text in (*texts, *(f"{each}@bulk.example" for each in texts)):
        answer = browser.post(path, {field: text}, on=page, follow_redirects=True)
        shape = Shape(answer.text)
        assert answer.status_code in {200, 400}, text  # taken, or refused with what was typed
        assert shape.shapes <= pattern, (text, shape.shapes - pattern)
        assert not HIDDEN.search(answer.text), text
        assert all(HREF.match(link) for link, _ in shape.links), text
    ring.record(forms=2 * len(texts))
    store.close()


def mails_of(house: House, most: int) -> list[Mail]:
    """Every brief and digest, what is said of each talk when it is booked and afterwards."""
    with house.runtime.store.reading(house.owner_id) as tx:
        owner = accounts.owner(tx)
        ahead = [facts.brief_facts(tx, owner, str(each), NOW) for each in house.talks[:most]]
        over = [facts.after_facts(tx, str(each), NOW) for each in house.held[:most]]
    found: list[Mail | str | None] = [
        render.preview_brief(house.runtime, owner, each, NOW) for each in house.talks[:most]
    ]
    found.append(render.preview_digest(house.runtime, owner, NOW))
    around = render.envelope(house.runtime, owner, "preview")
    found += [render.booked_mail(around, [each]) for each in ahead if isinstance(each, facts.BriefFacts)]
    found += [render.after_mail(around, each) for each in over if each is not None]
    return [each for each in found if isinstance(each, Mail)]


def test_mails_carry_it_as_text_alone(houses: tuple[House, House], ring: Ring) -> None:
    hostile, harmless = houses
    pattern = set().union(*(Shape(each.html).shapes for each in mails_of(harmless, 10**6)))
    mails = mails_of(hostile, ring.size(10**6, 15))
    for mail in mails:
        shape = Shape(mail.html)
        assert shape.shapes <= pattern, shape.shapes - pattern
        assert all(link.startswith((f"{hostile.runtime.base_url}/", "mailto:")) for link, _ in shape.links)
        assert SUBJECT.fullmatch(mail.subject), mail.subject
        assert not HIDDEN.search(mail.html + mail.text)
        _headers_are_ours(as_bytes(mail))
    ring.record(mails=len(mails))
    assert len(mails) > 10


def _headers_are_ours(data: bytes) -> None:
    """Read back by both parsers and written again by both generators of this Python."""
    for rules in (policy.default, policy.compat32):
        parsed = BytesParser(policy=rules).parsebytes(data)
        assert set(parsed.keys()) == OURS
        assert len(parsed.keys()) == len(OURS)
        again = parsed.as_bytes(), parsed.as_string().encode("utf-8", "surrogateescape")
        assert all(set(BytesParser(policy=rules).parsebytes(each).keys()) == OURS for each in again)
        kinds = [each.get_content_type() for each in parsed.walk()]
        assert kinds == ["multipart/alternative", "text/plain", "text/html"]


def test_mails_that_were_sent_hold_nobody_else(houses: tuple[House, House]) -> None:
    folder = houses[0].runtime.home / "owners" / houses[0].owner_id / "mailbox"
    sent = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert sent
    for data in sent:
        _headers_are_ours(data)
        assert BytesParser(policy=policy.default).parsebytes(data)["To"].addresses[0].addr_spec == names_house.ME


def test_calendar_entries_and_the_feed_hold_our_properties_alone(houses: tuple[House, House], ring: Ring) -> None:
    house = houses[0]
    folder = house.runtime.home / "owners" / house.owner_id / "calendar"
    entries = [*(path.read_bytes() for path in folder.glob("*.ics")), house.runtime.open_local(house.owner_id).feed()]
    for data in entries:
        text = data.decode()
        assert text.splitlines() == text.removesuffix("\r\n").split("\r\n")  # no program sees a line that is not ours
        assert not HIDDEN.search(text.replace("\r\n", "\n"))
        calendar = Calendar.from_ical(data)
        for part in calendar.walk():
            assert part.name in COMPONENTS
            assert set(part) <= PROPERTIES, set(part) - PROPERTIES
            if part.name == "VEVENT":
                assert str(part["URL"]).startswith(f"{house.runtime.base_url}/contacts/")
                assert len(str(part["SUMMARY"])) < 150
    ring.record(entries=len(entries) - 1)
    assert len(entries) > 3


COMMANDS = (
    ("contacts",),
    ("contacts", "--state", "all"),
    ("upcoming",),
    ("quarantine",),
    ("outbox",),
    ("digest", "--preview"),
    ("digest", "--preview", "--format", "html"),
    ("digest", "--preview", "--format", "eml"),
)


def test_the_command_steers_no_terminal(
    houses: tuple[House, House], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ring: Ring
) -> None:
    house = houses[0]
    monkeypatch.setenv("KEEPWARM_HOME", str(house.runtime.home))
    briefs = [("brief", each, "--preview") for each in house.talks[: ring.size(100, 2)]]
    letters = 0
    for command in (*COMMANDS, *briefs):
        when = () if command[0] in ("quarantine", "outbox") else ("--as-of", "2026-11-23T10:00")
        for more in ((), ("--json",)):
            with pytest.raises(SystemExit) as ended:
                main([*command, *when, *more])
            out, err = capsys.readouterr()
            assert ended.value.code == 0, (command, err)
            assert not HIDDEN.search((out + err).replace("\r\n", "\n")), command
            letters += len(out)
    ring.record(characters=letters)
    assert letters > 50_000


def test_the_log_holds_none_of_it(tmp_path: Path, migrated: Path, caplog: pytest.LogCaptureFixture, ring: Ring) -> None:
    caplog.set_level(logging.DEBUG)
    shutil.copyfile(migrated, tmp_path / "keepwarm.db")
    numbers = iter(range(10**9))
    store = Store(f"sqlite:///{tmp_path / 'keepwarm.db'}", lambda: f"{next(numbers):032x}")
    house = names_house.build(store, tmp_path, NOW, names.texts()[:: ring.size(1, 20)], names.impostors()[::5])
    crawled(house, 5)
    store.close()
    form = Redactor("%(asctime)s %(levelname)s %(name)s %(message)s")
    lines = [form.format(each) for each in caplog.records]
    assert lines
    for line in lines:
        assert not HIDDEN.search(line)
        assert not re.search(rf"{names.MARK}|Jansen|@|evil|<", line), line


def test_an_impostor_is_told_from_the_one_who_is_known(houses: tuple[House, House], ring: Ring) -> None:
    """Somebody known, then those drawn like them: every look-alike gets a warning, no honest name does."""
    house = houses[0]
    with house.runtime.store.reading(house.owner_id) as tx:
        rows = contacts.contacts(tx, states=["active", "proposed"], now=NOW)
        texts = house.runtime.texts("en")
        from keepwarm.contacts import familiar

        known = familiar([("known", *names.KNOWN[:1], list(names.KNOWN[1:]))], "Sam", [names_house.ME])
        told = {row.addresses[0]: views.doubt_of(row, known, texts) for row in rows if row.addresses}
    drawn = {each: words for each, words in told.items() if re.match(r"d\d", each)}
    near = {each: words for each, words in told.items() if each in names._ADDRESSES or each.endswith("lantem.example")}
    honest = {each: words for each, words in told.items() if each.startswith("honest")}
    ring.record(drawn=len(drawn), near=len(near), honest=len(honest))
    assert [each for each, words in {**drawn, **near}.items() if not words] == []
    assert [each for each, words in honest.items() if words] == []
    assert len(drawn) > 30
    assert len(honest) > 20


def test_a_spreadsheet_reads_no_formula(houses: tuple[House, House], ring: Ring) -> None:
    """F11: the export as a table begins no cell with what a spreadsheet would reckon with."""
    house, cells = houses[0], 0
    browser = signed_in(create_app(house.runtime), house.owner_id)
    told = io.StringIO(browser.get("/data/csv").data.decode("utf-8-sig"))
    for cell in (cell for row in csv.reader(told) for cell in row):
        cells += 1
        assert not re.match(r"\s*[=+\-@＝＋－＠]", cell), cell[:80]
    ring.record(cells=cells)
    assert cells > 500
