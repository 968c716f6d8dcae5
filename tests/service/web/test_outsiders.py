"""What outsiders write into names, titles, places and addresses is shown as text and does nothing.

RELIABILITY.md F8, F9 and E6.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from flask import Flask
from markupsafe import escape

from keepwarm.contacts import organisation_key
from keepwarm.store import accounts, contacts, notes, tagging
from keepwarm.types import ContactCard
from service.display import clean, file_name, linked, profile, shown_address
from tests.service.web import world
from tests.service.web.conftest import Browser, signed_in
from workers.runtime import Runtime

CANARIES = (
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example.com/x.js></sCrIpT>",
    '"><script>alert(2)</script>',
    "'><img src=x onerror=alert(3)>",
    "<img src=x onerror=alert(4)>",
    "<svg/onload=alert(5)>",
    "<svg><animate onbegin=alert(6) attributeName=x>",
    '" autofocus onfocus="alert(7)',
    "' autofocus onfocus='alert(8)",
    "` onmouseover=alert(9) `",
    "<iframe src=javascript:alert(10)>",
    "<a href=javascript:alert(11)>x</a>",
    "<body onload=alert(12)>",
    "<style>@import'//evil.example.com'</style>",
    "<link rel=stylesheet href=//evil.example.com>",
    "<meta http-equiv=refresh content=0;url=//evil.example.com>",
    "<base href=//evil.example.com>",
    "<form action=//evil.example.com><button>go</button></form>",
    "</title><script>alert(13)</script>",
    "</textarea><script>alert(14)</script>",
    "</option></select><script>alert(15)</script>",
    "</td></tr></table><script>alert(16)</script>",
    "{{ 7 * 7 }}{% set x = 1 %}",
    "{{ config }}",
    "{{ ''.__class__.__mro__ }}",
    "${7*7}#{7*7}",
    "<!--<script>alert(17)</script>-->",
    "<![CDATA[<script>alert(18)</script>]]>",
    "&lt;script&gt;alert(19)&lt;/script&gt;",
    "&#60;script&#62;alert(20)&#60;/script&#62;",
    "%3Cscript%3Ealert(21)%3C/script%3E",
    "\\u003cscript\\u003ealert(22)",
    "<details open ontoggle=alert(23)>",
    "<math><mtext><script>alert(24)</script>",
    "<object data=data:text/html,x>",
    "<embed src=//evil.example.com>",
    "<input onfocus=alert(25) autofocus>",
    "<video><source onerror=alert(26)>",
    "{name} {0} {x.__class__} %s %(y)s",
    "javascript:alert(27)",
)
TAGS = frozenset({
    "html", "head", "meta", "title", "link", "script", "noscript", "body", "a", "header", "div", "img", "nav", "ul",
    "li", "main", "form", "input", "button", "footer", "p", "h1", "h2", "h3", "section", "article", "span", "strong",
    "bdi", "br", "ol", "table", "thead", "tbody", "tr", "th", "td", "label", "select", "option", "textarea", "details",
    "summary", "caption", "datalist", "blockquote", "dl", "dt", "dd", "fieldset", "legend", "progress", "iframe", "pre",
    "code", "dialog", "kbd", "figure", "figcaption", "svg", "g", "circle", "rect", "line", "path", "text", "textpath",
    "desc", "defs", "marker",
})  # fmt: skip
OURS = re.compile(r"/(?!/)|#|$|https?://127\.0\.0\.1|https://www\.linkedin\.com/in/[\w.%~-]+$")


class Foreign(HTMLParser):
    """Collects the tags and attributes of a page that only an outsider can have written."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS or (tag == "script" and not dict(attributes).get("src", "")):
            self.found.append(tag)
        for name, value in attributes:
            active = name.startswith("on") or name in ("style", "srcdoc", "formaction", "ping", "background")
            elsewhere = name in ("href", "src", "action", "data") and not OURS.match(value or "")
            if active or elsewhere or (name == "content" and "url" in (value or "")):
                self.found.append(f"{tag} {name}={value}")

    def handle_comment(self, data: str) -> None:
        self.found.append(data)

    def unknown_decl(self, data: str) -> None:
        self.found.append(data)


def unescaped(text: str) -> list[str]:
    reader = Foreign()
    reader.feed(text)
    reader.close()
    return reader.found


@pytest.fixture
def poisoned(runtime: Runtime, app: Flask, now: datetime) -> tuple[Browser, list[str]]:
    """An owner whose people, cards, talks and places are all canaries; and every path that shows them."""
    store = runtime.store
    owner_id = world.make_owner(store, now)
    people = [(f"{text} {n}", f"a{n}@example.com", 2, 2, 100) for n, text in enumerate(CANARIES)]
    cards = [
        ContactCard(
            ref=f"c{n}", source="linkedin", name=f"{text} card", organisation=text, role=text,
            addresses=(f"linkedin:{n}\"onclick=alert(1)//",), url=text, origins=("linkedin",),
        )
        for n, text in enumerate(CANARIES)
    ]  # fmt: skip
    talks = [
        world.event(f"{n}{text}", text, now + timedelta(days=1, hours=n), world.OWNER, [people[n][:2]], text)
        for n, text in enumerate(CANARIES)
    ]
    batch_id = world.keep(
        store, owner_id, now, [*world.mails(now, world.OWNER, people), *cards, *talks], path=CANARIES[0]
    )
    with store.transaction(owner_id) as tx:
        rows = contacts.contacts(tx, states=["proposed"], now=now)
        contacts.accept(tx, [row.id for row in rows if row.addresses][:30], now=now)
        contacts.edit(tx, rows[0].id, now, name=CANARIES[3], organisation=CANARIES[7])
        for text in CANARIES[:20]:
            tagging.add_tag(tx, [rows[0].id, rows[1].id], text, now)
    browser = signed_in(app, owner_id)
    talk_ids = re.findall(r"/coming/talk/\d+", browser.get("/coming").text)
    paths = [f"/contacts/{row.id}" for row in rows[:12]] + sorted(set(talk_ids))[:12]
    return browser, ["/", "/judge", "/contacts", "/contacts?state=proposed", "/coming", "/files", f"/files/{batch_id}",
                     "/twice", "/tags", *(f"/contacts/{row.id}/held" for row in rows[:2]),
                     "/talks", "/talks/new?q=a", "/calendar", "/organisations", "/introductions?q=a", "/plan/add?q=a",
                     "/coming/new?q=a",
                     f"/introductions?whom={rows[0].id}", f"/organisations/{quote(organisation_key(CANARIES[7]))}",
                     *(f"{each}/{end}" for each in sorted(set(talk_ids))[:3] for end in ("print", "read")),
                     "/changes", "/health", "/sent", "/pictures", "/pictures?by=origin&lines=yes",
                     f"/contacts/{rows[0].id}/erase", *paths]  # fmt: skip


def test_canaries_stay_text_on_every_page(poisoned: tuple[Browser, list[str]]) -> None:
    browser, paths = poisoned
    seen = ""
    for path in paths:
        answer = browser.get(path)
        assert answer.status_code == 200, path
        assert not unescaped(answer.text), path
        assert ">49<" not in answer.text, path
        seen += answer.text
    shown = [text for text in CANARIES if str(escape(text)) in seen]
    assert len(shown) >= 30, "the canaries must be on the pages for this to prove anything"


def test_a_search_is_shown_as_text(owner: Browser) -> None:
    for text in CANARIES:
        assert not unescaped(owner.client.get("/contacts", query_string={"q": text}).text)


def test_the_detector_sees_what_it_should() -> None:
    dangerous = [text for text in CANARIES if re.search(r"<[a-zA-Z!]", text)]
    assert len(dangerous) > 20
    assert [text for text in dangerous if not unescaped(f"<p>{text}</p>")] == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Anna\u202egnp.exe", "Annagnp.exe"), ("Ja\u200bn", "Jan"), ("\u2066x\u2069", "x"), ("a\x00b\x1bc", "abc"),
        ("\ufeffname", "name"), ("Zoë Ångström 李", "Zoë Ångström 李"), ("a\u200db", "ab"),
        ("line\nline", "line\nline"),
    ],
)  # fmt: skip
def test_hidden_marks_are_stripped_at_display(text: str, shown: str) -> None:
    assert clean(text) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("a@example.org", "a@example.org"), ("a@ex\u0430mple.org", "a@xn--exmple-4nf.org"),
        ("a@müller.example", "a@müller.example"),
        ("linkedin:slug", "linkedin:slug"),
    ],
)  # fmt: skip
def test_look_alike_domains_show_what_they_are(address: str, shown: str) -> None:
    assert shown_address(address) == shown


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "JAVASCRIPT:x",
        " javascript:x", "//evil.example.com",
        "http://", "https:///x", "http://user:pw@evil.example.com/", "http://a b.example.com", "http://[",
        "Room 4", "ftp://example.org",
        "https://evil.example.com\\@example.org",
    ],
)  # fmt: skip
def test_only_plain_web_addresses_become_links(text: str) -> None:
    assert "<a" not in linked(text)


def test_a_link_shows_its_host_and_says_nothing_about_us() -> None:
    found = linked("https://meet.example.org/r?x=1&y=2")
    assert 'rel="noopener noreferrer nofollow"' in found
    assert ">meet.example.org<" in found
    assert "<a" not in linked('https://meet.example.org/r?x="><script>')


def test_a_profile_becomes_a_link_only_when_it_is_plain() -> None:
    assert "https://www.linkedin.com/in/hugo-martens" in profile("linkedin:hugo-martens")
    assert "<a" not in profile('linkedin:x"onclick=alert(1)')


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/home/x/Sent.mbox", "Sent.mbox"),
        ("a.zip!in/b.vcf", "a.zip!in/b.vcf"),
        ("C:\\x\\y.ics", "y.ics"),
        ("Maildir/", "Maildir"),
    ],
)
def test_a_file_is_shown_by_its_name(path: str, shown: str) -> None:
    assert file_name(path) == shown


def test_what_is_pasted_into_a_form_is_kept_without_what_hides(
    owner: Browser, here: world.World, runtime: Runtime
) -> None:
    contact_id = here.ids["Tomas Lind"]
    owner.post(f"/contacts/{contact_id}/edit", {"name": "To\x07mas\u202e\x9b Li\x00nd", "organisation": "A\u2028B"})
    owner.post(f"/contacts/{contact_id}/note", {"said": "one\r\ntwo\x1b[2J", "mine": "send\nit"})
    owner.post("/settings", {"name": "Sa\x1bm"})
    with runtime.store.reading(here.owner_id) as tx:
        row = contacts.contact(tx, contact_id, runtime.now())
        assert (row.name, row.organisation) == ("Tomas Lind", "A B")
        assert notes.notes_about(tx, contact_id)[0].said == "one\ntwo[2J"
        assert notes.promises(tx, contact_id)[0].text == "send it"
        assert accounts.owner(tx).name == "Sam"


def test_a_look_alike_is_marked_where_people_are_judged(
    owner: Browser, here: world.World, runtime: Runtime, now: datetime
) -> None:
    people = [("N\u043e\u043er Willemse", "noor@far.example", 1, 1, 10)]
    world.keep(runtime.store, here.owner_id, now, world.mails(now, world.OWNER, people), path="more.mbox")
    page = owner.get("/judge").text
    assert page.count('class="doubt"') == 1
    assert "drawn like Noor Willemse" in page
