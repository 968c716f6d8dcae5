"""Everything of an owner goes into one document and comes back from it: elsewhere, twice, and away again."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from integrations.files.exports import own
from keepwarm.aftertalk import NewName
from keepwarm.portable import PARTLY, SECTIONS
from keepwarm.portable.reading import WRONG
from keepwarm.questions import OwnTalk
from keepwarm.store import (
    Store,
    accounts,
    contacts,
    finding,
    follow_ups,
    introductions,
    items,
    never,
    notes,
    outbox,
    own_lists,
    plans,
    profiles,
    rounds,
    tagging,
    talks,
)
from keepwarm.types import Broken, Item, Page, SourceInfo
from tests.keepwarm.store.test_finding import assert_true
from tests.service.web import world
from workers.exporting import FORMATS, Source

Document = dict[str, Any]
OWN = OwnTalk(
    added=("What is new?",), hidden=frozenset({"news"}), worded={"role": "Said {so} 💡"}, order=("role", "talk_1")
)  # fmt: skip


def full(store: Store, now: datetime, email: str = world.OWNER) -> world.World:
    """An owner with something in every section."""
    made = world.settle(store, now, email=email)
    noor, emre = made.ids["Noor Willemse"], made.ids["Emre Yıldız"]
    with store.transaction(made.owner_id) as tx:
        accounts.update_owner(tx, settings={"weekly_people": 4, "digest_time": "09:15", "stopped": ["nudge"]})
        profiles.save_profile(tx, now, wishes="Water.", sectors=["museums"], spoken={"nl": "Ik ben Sam."})
        profiles.add_target(tx, now, name="Waterworks", why="They build dikes.")
        plan = plans.add_plan(tx, now, goal="learn_field", words="to see how dikes are built")
        plans.add_entry(tx, plan, now, contact_id=noor, find_out="Who decides?")
        notes.add_note(
            tx, noor, now, said="Tea.\nThe lamp 💡 stays.", tips="Call Bo", event_id=made.talk_id,
            promises=[(False, "sends the plan", None)], names=[NewName(name="Bo de Wit", address="bo@example.net")],
        )  # fmt: skip
        notes.in_touch(tx, emre, now, "about the boat")
        introductions.ask(tx, now, via_id=noor, contact_id=emre)
        talks.settle(tx, made.talk_id, now, type="orientation", own=OWN)
        tagging.add_tag(tx, [noor, emre], "Choir, Łódź", now)
        own_lists.add(tx, "keep_up", "en", "How is the boat?", now)
        rounds.begin(tx, now, "progress", news={"en": "I start in May."})
        never.bar(tx, "spam.example", now)
        contacts.never(tx, [_proposed(tx, now, "Pieter Bos")], now)
        contacts.erase(tx, _proposed(tx, now, "Mark Hendriks"), now)
    return made


def _proposed(tx: Any, now: datetime, name: str) -> str:
    return next(row.id for row in contacts.contacts(tx, states=["proposed"], now=now) if row.name == name)


def export(store: Store, owner_id: str, now: datetime) -> bytes:
    from keepwarm.texts import Texts

    with store.reading(owner_id) as tx:
        owner = accounts.owner(tx)
        source = Source(tx=tx, owner=owner, texts=Texts.load(owner.lang), now=now)
        return b"".join(FORMATS["json"].parts(source))


def document(data: bytes) -> Document:
    """The document without the moment it was made, and in an order of its own: keys of bulk rows are the owner's."""
    found: Document = json.loads(data)
    del found["exported_at"]
    for name in ("meetings", "interactions", "talks"):
        found[name].sort(key=json.dumps)
    return found


def keep(store: Store, owner_id: str, data: bytes, now: datetime, *, page: int = 7, detected: bool = True) -> str:
    """Read the document into this owner's store in small pages, as the importer does; the batch id."""
    found = list(own.read(io.BytesIO(data)))
    with store.transaction(owner_id) as tx:
        batch = accounts.create_batch(tx, label="export.json", paths=["/invented/export.json"], uploaded=False, now=now)
        lease = accounts.lease_stream(tx, batch.stream_id, now)
    assert lease is not None
    parts = [found[at : at + page] for at in range(0, len(found), page)]
    for part in parts:
        _page(store, owner_id, lease, part, now, last=part is parts[-1])
    with store.transaction(owner_id) as tx:
        if detected:
            contacts.detect(tx, now)
        accounts.finish_stream(tx, lease, now)
        accounts.finish_batch(tx, batch.id, now)
    return batch.id


def _page(store: Store, owner_id: str, lease: Any, part: list[Any], now: datetime, *, last: bool) -> None:
    page = Page(
        items=tuple(each for each in part if isinstance(each, Item)),
        broken=tuple(each for each in part if isinstance(each, Broken)),
        source=SourceInfo(path="export.json", kind="keepwarm", fingerprint="f", size=9),
        source_done=last,
        last=last,
    )
    with store.transaction(owner_id) as tx:
        items.keep_page(tx, lease, page, now)


def counts(store: Store, owner_id: str) -> tuple[int, int, int, int]:
    with store.reading(owner_id) as tx:
        (newest, *_) = accounts.batches(tx)
        (source,) = newest.sources
    return source.stored, source.known, source.skipped, source.quarantined


@pytest.fixture
def elsewhere(tmp_path: Path, migrated: Path) -> Store:
    """Another installation, whose ids are others."""
    import shutil
    from itertools import count

    file = tmp_path / "elsewhere.db"
    shutil.copyfile(migrated, file)
    numbers = count(1)
    return Store(f"sqlite:///{file}", lambda: f"{next(numbers) + (1 << 100):032x}")


def test_every_section_has_something_in_it(store: Store, now: datetime) -> None:
    found = document(export(store, full(store, now).owner_id, now))
    with_nothing = [each.name for each in SECTIONS if not found[each.name]]
    assert with_nothing == ["different"]


def test_what_goes_out_comes_back_the_same_on_another_database(store: Store, elsewhere: Store, now: datetime) -> None:
    data = export(store, full(store, now).owner_id, now)
    there = world.make_owner(elsewhere, now, email="sam@example.net")
    keep(elsewhere, there, data, now)
    assert counts(elsewhere, there)[3] == 0
    before, after = document(data), document(export(elsewhere, there, now))
    before["owner"]["own_addresses"].insert(0, {"address": "sam@example.net", "own": True})
    for name in before:
        assert after[name] == before[name], name
    with elsewhere.reading(there) as tx:
        assert outbox.rows(tx) == []


def test_the_list_of_a_talk_and_the_tags_come_whole(store: Store, elsewhere: Store, now: datetime) -> None:
    made = full(store, now)
    there = world.make_owner(elsewhere, now, email="sam@example.net")
    keep(elsewhere, there, export(store, made.owner_id, now), now)
    with elsewhere.reading(there) as tx:
        (choice,) = talks.talk_choices(tx).values()
        assert (choice.type, choice.own) == ("orientation", OWN)
        assert [(each.word, each.people) for each in tagging.tags(tx)] == [("Choir, Łódź", 2)]


def test_somebody_is_found_by_what_came_at_once(store: Store, now: datetime) -> None:
    """Before anybody looks for new people: by the words of a tag and of a note, whoever was here already too."""
    data = export(store, full(store, now).owner_id, now)
    there = world.make_owner(store, now, email="kim@example.com")
    with store.transaction(there) as tx:
        contacts.add_contact(tx, name="Noortje", address="noor.willemse@example.net", now=now)
    keep(store, there, data, now, detected=False)
    with store.reading(there) as tx:
        for words in ("choir lodz", "lamp", "bo"):
            found = finding.find(tx, finding.Wish(words=words), now, limit=50)
            rows = contacts.contact_rows(tx, found.ids, now)
            assert "Noortje" in {rows[each].name for each in found.ids}, words


def test_what_is_derived_is_what_it_would_be_made_anew(store: Store, now: datetime) -> None:
    """After an import into a house that holds some of the people, and after that is taken back."""
    data = export(store, full(store, now).owner_id, now)
    there = world.make_owner(store, now, email="kim@example.com")
    with store.transaction(there) as tx:
        contacts.add_contact(tx, name="Noortje", address="noor.willemse@example.net", now=now)
    batch_id = keep(store, there, data, now)
    assert_true(store, there, now)
    with store.transaction(there) as tx:
        accounts.undo_batch(tx, batch_id, now)
        assert tagging.tags(tx) == []
    assert_true(store, there, now)


def test_somebody_with_a_tag_of_mine_stays(store: Store, elsewhere: Store, now: datetime) -> None:
    made = full(store, now)
    there = world.make_owner(elsewhere, now)
    batch_id = keep(elsewhere, there, export(store, made.owner_id, now), now)
    with elsewhere.transaction(there) as tx:
        tagging.add_tag(tx, [made.ids["Noor Willemse"]], "rowing", now)
        accounts.undo_batch(tx, batch_id, now)
        assert [each.word for each in tagging.tags(tx)] == ["rowing"]
        assert contacts.contact(tx, made.ids["Noor Willemse"], now).name == "Noor Willemse"


def test_a_second_time_changes_nothing(store: Store, elsewhere: Store, now: datetime) -> None:
    data = export(store, full(store, now).owner_id, now)
    there = world.make_owner(elsewhere, now)
    keep(elsewhere, there, data, now)
    once = export(elsewhere, there, now)
    keep(elsewhere, there, data, now + timedelta(days=1), page=1000)
    assert counts(elsewhere, there)[0] == 0
    assert export(elsewhere, there, now) == once


def test_at_home_it_is_all_known(store: Store, now: datetime) -> None:
    made = full(store, now)
    data = export(store, made.owner_id, now)
    keep(store, made.owner_id, data, now + timedelta(hours=1))
    assert counts(store, made.owner_id)[0] == 0
    assert document(export(store, made.owner_id, now)) == document(data)


def test_beside_its_own_owner_another_one_takes_ids_of_their_own(store: Store, now: datetime) -> None:
    made = full(store, now)
    data = export(store, made.owner_id, now)
    other = world.make_owner(store, now, email="kim@example.net")
    keep(store, other, data, now)
    theirs = document(export(store, other, now))
    mine = document(export(store, made.owner_id, now))
    assert mine == document(data)
    assert not {each["id"] for each in theirs["people"]} & {each["id"] for each in mine["people"]}
    assert sorted(each["name"] for each in theirs["people"]) == sorted(each["name"] for each in mine["people"])
    ids = {each["id"] for each in theirs["people"]}
    assert {each["contact_id"] for each in theirs["notes"]} <= ids


def test_taking_it_back_leaves_nothing(store: Store, elsewhere: Store, now: datetime) -> None:
    data = export(store, full(store, now).owner_id, now)
    there = world.make_owner(elsewhere, now)
    with elsewhere.reading(there) as tx:
        salt = accounts.owner(tx).salt
    empty = document(export(elsewhere, there, now))
    batch_id = keep(elsewhere, there, data, now)
    with elsewhere.transaction(there) as tx:
        accounts.undo_batch(tx, batch_id, now)
    assert document(export(elsewhere, there, now)) == empty
    with elsewhere.reading(there) as tx:
        assert accounts.owner(tx).salt == salt


def test_somebody_with_a_note_of_mine_stays(store: Store, elsewhere: Store, now: datetime) -> None:
    made = full(store, now)
    there = world.make_owner(elsewhere, now)
    batch_id = keep(elsewhere, there, export(store, made.owner_id, now), now)
    noor = made.ids["Noor Willemse"]
    with elsewhere.transaction(there) as tx:
        notes.add_note(tx, noor, now, said="We met again.")
        accounts.undo_batch(tx, batch_id, now)
        assert [each.said for each in notes.notes_about(tx, noor)] == ["We met again."]
        assert contacts.contact(tx, noor, now).name == "Noor Willemse"


def test_people_who_are_here_keep_what_is_said_of_them(store: Store, elsewhere: Store, now: datetime) -> None:
    """Somebody known by an address gets the notes, and keeps name and work."""
    data = export(store, full(store, now).owner_id, now)
    there = world.make_owner(elsewhere, now)
    with elsewhere.transaction(there) as tx:
        here = contacts.add_contact(
            tx, name="Noortje", address="noor.willemse@example.net", organisation="Her own studio", now=now
        )
    keep(elsewhere, there, data, now)
    with elsewhere.reading(there) as tx:
        assert contacts.contact(tx, here, now).name == "Noortje"
        assert {each.tips for each in notes.notes_about(tx, here)} == {"Call Bo", "Ask for Femke."}
        assert [row.name for row in contacts.contacts(tx, states=["active"], now=now)].count("Noor Willemse") == 0


def test_who_stays_away_does_not_come_back_in_a_document(store: Store, elsewhere: Store, now: datetime) -> None:
    made = full(store, now)
    data = export(store, made.owner_id, now)
    there = world.make_owner(elsewhere, now)
    with elsewhere.transaction(there) as tx:
        never.bar(tx, "emre@example.com", now)
    keep(elsewhere, there, data, now)
    with elsewhere.reading(there) as tx:
        assert "Emre Yıldız" not in {row.name for row in contacts.contacts(tx, states=None, now=now)}
        (source,) = accounts.batches(tx)[0].sources
    assert source.reasons == {"stays_away": 1, "nobody": 3}  # a note, a tag and an introduction are about nobody here
    assert counts(elsewhere, there) == (source.stored, 1, 4, 0)  # known: marks of another salt


def test_a_follow_up_that_comes_along_is_planned_here(store: Store, elsewhere: Store, now: datetime) -> None:
    made = full(store, now)
    there = world.make_owner(elsewhere, now)
    with store.transaction(made.owner_id) as tx:
        follow_ups.change(tx, made.follow_up_id, state="placed", event_fingerprint="f", account_id="elsewhere")
    keep(elsewhere, there, export(store, made.owner_id, now), now)
    with elsewhere.reading(there) as tx:
        found = follow_ups.follow_up(tx, made.follow_up_id)
    assert (found.state, found.event_fingerprint, found.account_id) == ("planned", "", "")


@pytest.mark.parametrize(
    ("section", "change"),
    [
        ("people", {"id": "../../x"}),
        ("people", {"name": " "}),
        ("people", {"name": 5}),
        ("people", {"state": "erased"}),
        ("people", {"proposed_at": "yesterday"}),
        ("people", {"private": "yes"}),
        ("notes", {"at": "2026-11-23T09:00:00"}),
        ("goals", {"goal": "zzz"}),
        ("introductions", {"said": "zzz"}),
        ("own_lists", {"lang": "de"}),
        ("rounds", {"news": ["x"]}),
        ("meetings", {"people": "everybody"}),
        ("interactions", {"direction": "both"}),
        ("follow_ups", {"state": "placed"}),
        ("tags", {"word": "x" * 61}),
        ("follow_ups", {"wall": "zzz"}),
    ],
)
def test_an_entry_that_is_wrong_is_set_aside_alone(store: Store, now: datetime, section: str, change: Document) -> None:
    whole = json.loads(export(store, full(store, now).owner_id, now))
    whole[section][0] |= change
    found = list(own.read(io.BytesIO(json.dumps(whole).encode())))
    (aside,) = (each for each in found if isinstance(each, Broken))
    assert (aside.position.split()[0], aside.reason) == (section, WRONG)


@pytest.mark.parametrize(
    ("section", "field", "value"),
    [
        ("people", "rhythm_days", -1), ("people", "rhythm_days", 10**30), ("people", "addresses", ["a@example.org"]),
        ("people", "addresses", [{"address": "a b"}]), ("people", "edited", "name"), ("people", "circle", {"warm": 1}),
        ("people", "lang", "de"), ("plan", "goal", "zzz"), ("plan", "channel", "zzz"), ("talks", "type", "zzz"),
        ("meetings", "people", [{"address": "x@example.org", "roles": ["king"]}]), ("meetings", "zone", "Mars/Base"),
        ("talks", "questions", [["What is new?"]]), ("talks", "questions", [{"hidden": "news"}]),
        ("talks", "questions", [{"worded": {"role": 5}}]), ("own_lists", "worded", {"thanks": "{x"}),
        ("rounds", "left_out", ["", "a/b"]), ("targets", "link", "javascript:alert(1)"),
        ("owner", "settings", {"backlog_weeks": 0}),
    ],
)  # fmt: skip
def test_an_entry_of_which_a_part_is_odd_is_kept_without_it(
    store: Store, now: datetime, section: str, field: str, value: object
) -> None:
    whole = json.loads(export(store, full(store, now).owner_id, now))
    before = len([each for each in own.read(io.BytesIO(json.dumps(whole).encode())) if isinstance(each, Item)])
    (whole[section] if section == "owner" else whole[section][0])[field] = value
    found = list(own.read(io.BytesIO(json.dumps(whole).encode())))
    (aside,) = (each for each in found if isinstance(each, Broken))
    assert (aside.position.split()[0], aside.position.split()[-1], aside.reason) == (section, field, PARTLY)
    assert len([each for each in found if isinstance(each, Item)]) == before


@pytest.mark.parametrize("layout", [{"indent": 4}, {"separators": (",", ":")}, {"ensure_ascii": False}])
def test_any_layout_of_the_same_json_is_read(store: Store, now: datetime, layout: dict[str, Any]) -> None:
    data = export(store, full(store, now).owner_id, now)
    again = json.dumps(json.loads(data), **layout).encode()
    assert list(own.read(io.BytesIO(again))) == list(own.read(io.BytesIO(data)))


def test_a_document_that_breaks_off_keeps_what_came_before(store: Store, now: datetime) -> None:
    data = export(store, full(store, now).owner_id, now)
    *before, last = own.read(io.BytesIO(data[: len(data) // 2]))
    assert isinstance(last, Broken)
    assert before == list(own.read(io.BytesIO(data)))[: len(before)]


def test_a_newer_document_is_told_apart(store: Store, now: datetime) -> None:
    data = export(store, full(store, now).owner_id, now).replace(b'"version": 1', b'"version": 2', 1)
    (only,) = own.read(io.BytesIO(data))
    assert isinstance(only, Broken)
    assert "newer" in only.reason


def test_no_secret_and_no_way_in_goes_along(store: Store, now: datetime, new_id: Callable[[], str]) -> None:
    made = full(store, now)
    with store.transaction(made.owner_id) as tx:
        accounts.ensure_account(tx, provider="open", name="me", settings={"password": "s3cret"}, now=now)
    text = export(store, made.owner_id, now).decode()
    for each in ("s3cret", "argon2", "password", "token", "cursor", "account_id", "subject"):
        assert each not in text, each


def test_days_and_moments_are_what_they_were(store: Store, now: datetime) -> None:
    made = full(store, now)
    found = document(export(store, made.owner_id, now))
    assert date.fromisoformat(found["promises"][0]["due_on"] or found["promises"][1]["due_on"]) == date(2026, 12, 1)
    assert all(each["created_at"].endswith("Z") for each in found["plan"])
