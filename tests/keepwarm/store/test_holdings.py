"""Everything held about somebody is shown: after erasing, none of it is left, and nothing else is missing."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from keepwarm.errors import NotFound
from keepwarm.store import Store, contacts, holdings, introductions, notes, outbox, plans, portrait, tagging, views
from keepwarm.store.outbox import Intent
from tests import make
from tests.keepwarm.store.test_contacts import everything
from tests.keepwarm.store.test_undo import bring

ANN = "Ann Example <ann@example.com>"
BEN = "Ben Sample <ben@example.net>"


@pytest.fixture
def me(store: Store) -> str:
    return make.owner(store)


@pytest.fixture
def ann(store: Store, me: str, now: datetime) -> str:
    """Somebody about whom there is something of every kind."""
    talk = make.event([ANN], start=now - timedelta(days=10), title="Coffee with Ann Example", location="Quay 1")
    ahead = make.event([ANN], start=now + timedelta(days=2), uid="ahead@x.org")
    told = {"organisation": "Museum", "phone": "+31 6 12345678", "birthday": "1980-02-29"}
    card = make.card("Ann Example", "ann@example.com", **told)
    intro = make.message(ANN, [make.OWNER, BEN], at=now - timedelta(days=200))
    linked = make.card("Ann Example", "linkedin:ann-example", "ann@example.com", source="linkedin", ref="li")
    found = [*make.both_ways(ANN), talk, ahead, card, linked, intro, *make.both_ways(BEN)]
    bring(store, me, found, "mail", now)
    with store.transaction(me) as tx:
        contacts.accept(tx, None, now=now)
        rows = {row.name: row.id for row in contacts.contacts(tx, states=None, now=now)}
        whom = rows["Ann Example"]
        tagging.add_tag(tx, [whom], "choir", now)
        notes.add_note(tx, whom, now, said="The lamps.", tips="Femke", promises=[(True, "an article", None)])
        plans.set_goal(tx, whom, now, goal="learn_field", find_out="heat pumps")
        introductions.ask(tx, now, via_id=whom, contact_id=rows["Ben Sample"])
        (event,) = views.events_between(tx, now - timedelta(days=11), now)
        for kind, subject, payload in (
            ("after", event.id, {}), ("digest", "", {"people": [whom, rows["Ben Sample"]]}), ("draft", whom, {}),
            ("nudge", "", {"owed": [f"thanks:{event.id}:{whom}"]}), ("booked", "", {"talks": [event.id]}),
        ):  # fmt: skip
            outbox.put(tx, Intent(key=kind, kind=kind, subject_ref=subject, payload=payload, run_at=now), now)
    return whom


def ids_of(found: holdings.Holdings) -> dict[str, set[object]]:
    return {name: {each["id"] for each in rows if "id" in each} for name, rows in found.items()}


def test_every_kind_is_shown_and_fits_json(store: Store, me: str, ann: str, now: datetime) -> None:
    with store.reading(me) as tx:
        found = holdings.holdings(tx, ann)
    empty = {name for name, rows in found.items() if not rows}
    assert empty <= {"pairs", "talks", "follow_ups"}
    assert sorted(each["kind"] for each in found["sent"]) == ["after", "booked", "digest", "draft", "nudge"]
    text = json.dumps(found, ensure_ascii=False)
    for each in ("ann@example.com", "linkedin:ann-example", "+31 6 12345678", "1980-02-29", "The lamps.", "an article",
                 "heat pumps", "choir", "Coffee with Ann Example", "Quay 1", "Ben Sample"):  # fmt: skip
        assert each in text, each
    assert "ben@example.net" not in text, "another person's address is theirs"
    assert {tuple(each["roles"]) for each in found["mails"]} == {("from",), ("to",)}


def test_nobody_elses_are_there(store: Store, me: str, ann: str) -> None:
    other = make.owner(store, "other@example.org")
    with store.reading(other) as tx, pytest.raises(NotFound):
        holdings.holdings(tx, ann)


def test_nothing_that_was_shown_is_left_after_erasing(store: Store, me: str, ann: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        before = ids_of(holdings.holdings(tx, ann))
        contacts.erase(tx, ann, now)
        with pytest.raises(NotFound):
            holdings.holdings(tx, ann)
        (ben,) = contacts.contacts(tx, states=None, now=now)
        after = holdings.holdings(tx, ben.id)
        left = {name: before[name] & found for name, found in ids_of(after).items()}
        shared = {"changes", "sent"}  # one accepted both, and a digest named both
        assert not [name for name, found in left.items() if found and name not in shared]
        assert contacts.contacts(tx, states=None, now=now, search="lamps") == []
        payloads = {row.kind: row.payload for row in outbox.rows(tx)}
    assert payloads["digest"] == {"people": [ben.id]}
    assert payloads["nudge"] == {"owed": []}
    told = everything(store)
    for each in ("Ann Example", "ann@example.com", "Quay 1", "The lamps.", "an article", "heat pumps", "choir"):
        assert each not in told, each


def test_the_portrait_tells_where_addresses_come_from(store: Store, me: str, ann: str, now: datetime) -> None:
    with store.reading(me) as tx:
        held = portrait.held_addresses(tx, ann)
        addresses = {each.address: [(one.kind, one.where, one.number) for one in each.seen] for each in held}
        assert addresses["ann@example.com"][:2] == [("mail", "mail", 3), ("meeting", "mail", 2)]
        assert {each[0] for each in addresses["ann@example.com"]} == {"mail", "meeting", "vcf", "linkedin"}
        assert addresses["linkedin:ann-example"] == [("linkedin", "mail", 0)]
        assert [each.name for each in portrait.brought(tx, ann)] == ["Ben Sample"]
        assert [[each.name for each in side] for side in portrait.requests(tx, ann)] == [[], ["Ben Sample"]]
        met = portrait.next_meeting(tx, ann, now)
        assert met is not None
        assert (views.event(tx, met[0]).uid, met[1]) == ("ahead@x.org", now + timedelta(days=2))
        kinds = [(each.kind, each.title, bool(each.note)) for each in portrait.passages(tx, ann, now, 50)]
        assert kinds[:2] == [("note", "", True), ("meeting", "Coffee with Ann Example", False)]
        assert {kind for kind, _, _ in kinds[2:]} == {"received", "sent"}
        assert len(portrait.passages(tx, ann, now, 2)) == 2


def test_a_note_about_a_meeting_stands_with_it(store: Store, me: str, ann: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        (talk,) = views.events_between(tx, now - timedelta(days=11), now)
        notes.add_note(tx, ann, now, said="With it.", event_id=talk.id, at=talk.start_at)
        passages = portrait.passages(tx, ann, now, 50)
    (meeting,) = [each for each in passages if each.kind == "meeting"]
    assert meeting.note is not None
    assert meeting.note.said == "With it."
    assert sum(each.note is not None for each in passages) == 2


def test_somebody_added_by_hand_has_addresses_from_nowhere(store: Store, me: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        whom = contacts.add_contact(tx, name="Cas", address="cas@example.org", now=now)
        (held,) = portrait.held_addresses(tx, whom)
        assert (held.address, held.seen) == ("cas@example.org", [])
        assert portrait.next_meeting(tx, whom, now) is None
        assert portrait.passages(tx, whom, now, 10) == []
