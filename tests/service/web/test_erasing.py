"""Erasing somebody, dumped: no byte of name, address or note is left in the database or in any file (H7, P1)."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest
from sqlalchemy import text

from keepwarm.store import notes, outbox
from keepwarm.store.outbox import Intent
from tests.service.web import world
from tests.service.web.conftest import Browser
from workers import erasing, prepare, tasks
from workers.runtime import Runtime

NOOR = world.PEOPLE[0][:2]
EMRE = world.PEOPLE[1][:2]
TOLD = ("noor willemse", "noor.willemse", "noor", "willemse", "the new wing", "article on lamps", "quay nine")


@pytest.fixture
def told(owner: Browser, here: world.World, runtime: Runtime, now: datetime) -> world.World:
    """Noor stands in titles and places of events, in notes and promises, and in mails of several kinds."""
    past = now - timedelta(days=5)
    events = [
        world.event("t1", "Lunch Noor Willemse (private)", past, world.OWNER, [NOOR], "Home of Noor Willemse"),
        world.event("t2", "Noor & Emre: the wing", past - timedelta(days=1), world.OWNER, [NOOR, EMRE], "Quay nine"),
        world.event("t3", "Birthday of noor  WILLEMSE", past, world.OWNER, []),
        world.event("t4", "Museum", past - timedelta(days=2), world.OWNER, [NOOR], "Quay nine"),
        world.event("t5", "Emre alone", past - timedelta(days=3), world.OWNER, [EMRE], "Quay ten"),
        world.event("t6", "All three", past - timedelta(days=4), world.OWNER, [NOOR, EMRE], "Quay ten"),
    ]
    world.keep(runtime.store, here.owner_id, now, events, path="c.ics")
    owner.post(f"/coming/talk/{here.talk_id}/send")
    with runtime.store.transaction(here.owner_id) as tx:
        picked = [here.ids["Noor Willemse"], here.ids["Emre Yıldız"]]
        rows = (("digest", {"people": picked}), ("booked", {"talks": [here.talk_id]}), ("alarm", {"lines": ["Look."]}))
        for kind, payload in rows:
            outbox.put(tx, Intent(key=f"{kind}:1", kind=kind, payload=payload | {"asked": True}, run_at=now), now)
        waits = Intent(key="after:1", kind="after", subject_ref=here.talk_id, run_at=now + timedelta(days=2))
        outbox.put(tx, waits, now)
    prepare.prepare_owner(runtime, here.owner_id)
    tasks.drain(runtime)
    return here


def in_tables(runtime: Runtime, needle: str) -> list[tuple[str, str]]:
    """Table and column of every value that holds it, whatever its case."""
    found = []
    with runtime.store.engine.connect() as connection:
        for (name,) in connection.execute(text("select name from sqlite_master where type = 'table'")).all():
            for row in connection.execute(text(f'select * from "{name}"')).mappings():
                found += [(name, key) for key, each in row.items() if needle in str(each).lower()]
    return found


def in_files(runtime: Runtime, needle: str) -> list[str]:
    """Every file below the home folder that holds it, read as a mail where it is one."""
    paths = [each for each in runtime.home.rglob("*") if each.is_file()]
    return [each.name for each in paths if needle in readable(each).lower()]


def readable(path: Path) -> str:
    data = path.read_bytes()
    plain = data.decode("utf-8", "replace")
    if path.parent.name not in {"new", "cur"}:
        return plain
    mail = BytesParser(policy=policy.default).parsebytes(data)
    texts = [each.get_content() for each in mail.walk() if each.get_content_maintype() == "text"]
    return "\n".join([plain, str(mail["Subject"]), *texts])


def test_no_byte_is_left_after_erasing(owner: Browser, told: world.World, runtime: Runtime, now: datetime) -> None:
    noor = told.ids["Noor Willemse"]
    letters = erasing.letters_about(runtime, told.owner_id, noor)
    assert {each.kind for each in letters} == {"brief", "digest", "booked"}
    for needle in TOLD:
        assert in_tables(runtime, needle), needle
    assert len(in_files(runtime, "noor willemse")) >= 3
    owner.post(f"/contacts/{noor}/erase", {"sure": "yes"}, on=f"/contacts/{noor}/erase")
    prepare.prepare_owner(runtime, told.owner_id)
    tasks.drain(runtime)
    runtime.store.settle()
    left = {needle: in_tables(runtime, needle) + in_files(runtime, needle) for needle in TOLD}
    assert left == {needle: [] for needle in TOLD}


def test_others_keep_what_is_theirs(owner: Browser, told: world.World, runtime: Runtime) -> None:
    noor = told.ids["Noor Willemse"]
    owner.post(f"/contacts/{noor}/erase", {"sure": "yes"}, on=f"/contacts/{noor}/erase")
    meetings = json.loads(owner.get("/data/json").text)["meetings"]
    assert sorted(each["title"] for each in meetings) == ["", "", "", "", "", "All three", "Emre alone"]
    subjects = [each.subject for each in runtime.open_local(told.owner_id).list_mails()]
    assert sorted(subjects) == ["Erased", "Erased", "Erased", "Keepwarm needs a look"]


def test_what_was_sent_stays_known_as_sent(owner: Browser, told: world.World, runtime: Runtime) -> None:
    noor = told.ids["Noor Willemse"]
    with runtime.store.reading(told.owner_id) as tx:
        before = {row.key: (row.state, row.remote_ref) for row in outbox.rows(tx) if row.state == "sent"}
    owner.post(f"/contacts/{noor}/erase", {"sure": "yes"}, on=f"/contacts/{noor}/erase")
    local = runtime.open_local(told.owner_id)
    with runtime.store.reading(told.owner_id) as tx:
        rows = {row.key: row for row in outbox.rows(tx)}
    assert {key: (rows[key].state, rows[key].remote_ref) for key in before} == before
    assert all(local.find(runtime.message_id(key)) for key in before if rows[key].kind in outbox.MAILS)
    assert rows["digest:1"].payload["people"] == [told.ids["Emre Yıldız"]]
    assert rows["after:1"].state == "skipped"


def test_an_erased_mail_says_so(owner: Browser, told: world.World, runtime: Runtime) -> None:
    noor = told.ids["Noor Willemse"]
    (brief,) = [each for each in erasing.letters_about(runtime, told.owner_id, noor) if each.kind == "brief"]
    owner.post(f"/contacts/{noor}/erase", {"sure": "yes"}, on=f"/contacts/{noor}/erase")
    page = owner.get(f"/sent/mail/{brief.ref}").text
    assert "What this mail said was erased" in page
    assert "<iframe" not in page
    assert owner.get(f"/sent/mail/{brief.ref}/html").status_code == 404


def test_what_is_held_shows_mails_and_what_went_out(owner: Browser, told: world.World, runtime: Runtime) -> None:
    noor = told.ids["Noor Willemse"]
    page = owner.get(f"/contacts/{noor}/held").text
    section = re.search(r'<section id="letters">.*?</section>', page, re.DOTALL)
    assert section
    for word in ("Question list before a talk", "Weekly digest", "A talk was booked"):
        assert word in section[0]
    held = json.loads(owner.get(f"/contacts/{noor}/held.json").text)
    assert {each["kind"] for each in held["letters"]} == {"brief", "digest", "booked"}
    assert {"brief", "digest", "booked", "after"} <= {each["kind"] for each in held["sent"]}
    lind = json.loads(owner.get(f"/contacts/{told.ids['Sanne de Groot']}/held.json").text)
    assert not {"brief", "booked", "after"} & {each["kind"] for each in lind["sent"]}


def test_a_changed_meeting_does_not_bring_the_name_back(
    owner: Browser, told: world.World, runtime: Runtime, now: datetime
) -> None:
    noor = told.ids["Noor Willemse"]
    owner.post(f"/contacts/{noor}/erase", {"sure": "yes"}, on=f"/contacts/{noor}/erase")
    start = now + timedelta(days=9)
    again = [
        world.event("t1", "Lunch Noor Willemse", start, world.OWNER, [NOOR], "Quay nine"),
        world.event("t2", "Emre with Noor", start, world.OWNER, [NOOR, EMRE], "Quay nine"),
        world.event("t6", "All three again", start, world.OWNER, [NOOR, EMRE], "Quay ten"),
    ]
    world.keep(runtime.store, told.owner_id, now, again, path="later.ics")
    assert [in_tables(runtime, needle) for needle in ("noor", "quay nine")] == [[], []]
    assert in_tables(runtime, "all three again")


def test_the_page_that_asks_promises_nothing_untrue(owner: Browser, here: world.World) -> None:
    page = owner.get(f"/contacts/{here.ids['Noor Willemse']}/erase").text
    assert "the one thing" not in page
    assert "cannot be undone" in page


def test_a_mail_that_went_out_while_erasing_is_found(
    owner: Browser, told: world.World, runtime: Runtime, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    noor, sent = told.ids["Noor Willemse"], []
    erase = erasing.contacts.erase

    def late(*given: object) -> None:
        erase(*given)  # type: ignore[arg-type]  # as it was called
        local = runtime.open_local(told.owner_id)
        late_one = world.mail(now)
        local.send(type(late_one)(**{**_fields(late_one), "text": "Noor Willemse called."}))
        sent.append(late_one)

    monkeypatch.setattr(erasing.contacts, "erase", late)
    owner.post(f"/contacts/{noor}/erase", {"sure": "yes"}, on=f"/contacts/{noor}/erase")
    assert sent
    assert in_files(runtime, "noor willemse called") == []


def _fields(of: object) -> dict[str, object]:
    return {name: getattr(of, name) for name in of.__dataclass_fields__}  # type: ignore[attr-defined]  # a dataclass


def test_a_note_that_several_share_stays_with_the_others(
    owner: Browser, here: world.World, runtime: Runtime, now: datetime
) -> None:
    noor, emre = here.ids["Noor Willemse"], here.ids["Emre Yıldız"]
    with runtime.store.transaction(here.owner_id) as tx:
        notes.add_note(tx, noor, now, said="About boats.", others=[emre])
    owner.post(f"/contacts/{noor}/erase", {"sure": "yes"}, on=f"/contacts/{noor}/erase")
    with runtime.store.reading(here.owner_id) as tx:
        assert [each.said for each in notes.notes_about(tx, emre)] == ["About boats."]
