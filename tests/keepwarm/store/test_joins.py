"""A join comes apart again, also where the owner went on with the joined person since."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from keepwarm.errors import NotFound, NotPossible
from keepwarm.store import Store, Tx, changes, contacts, joins, notes, plans, tagging
from keepwarm.store.tables import change
from tests import make
from tests.keepwarm.store.test_finding import assert_true
from tests.keepwarm.store.test_undo import bring, dump

LATER = timedelta(minutes=5)


@pytest.fixture
def me(store: Store, now: datetime) -> str:
    made = make.owner(store)
    mails = [*make.both_ways("Ann Example <ann@example.com>"), *make.both_ways("Ann E <ae@example.net>")]
    bring(store, made, mails, "mail", now)
    with store.transaction(made) as tx:
        contacts.accept(tx, None, now=now)
        ann, other = two(tx, now)
        contacts.edit(tx, other, now, organisation="Waterworks", register="je")
        notes.add_note(tx, other, now, said="Before.", promises=[(True, "a name", None)])
        plans.set_goal(tx, other, now, goal="learn_field")
        tagging.add_tag(tx, [ann, other], "choir", now)
    return made


def two(tx: Tx, now: datetime) -> tuple[str, str]:
    rows = {row.name: row.id for row in contacts.contacts(tx, states=None, now=now)}
    return rows["Ann Example"], rows["Ann E"]


def joined(tx: Tx, now: datetime) -> int:
    contacts.join(tx, *two(tx, now), now)
    latest = changes.latest(tx)
    assert latest is not None
    return latest.id


Deed = Callable[[Tx, str, datetime], object]
DEEDS: dict[str, Deed] = {
    "edit": lambda tx, who, now: contacts.edit(tx, who, now, role="Chair", circle="lukewarm"),
    "edit what came": lambda tx, who, now: contacts.edit(tx, who, now, organisation="Elsewhere"),
    "note": lambda tx, who, now: notes.add_note(tx, who, now, said="After.", promises=[(False, "call", None)]),
    "promise": lambda tx, who, now: notes.keep_promise(tx, notes.promises(tx, who)[0].id, now),
    "goal": lambda tx, who, now: plans.set_goal(tx, who, now, goal="present_self", find_out="More"),
    "tag": lambda tx, who, now: tagging.add_tag(tx, [who], "Utrecht", now),
    "untag": lambda tx, who, now: tagging.remove_tag(tx, [who], "choir", now),
    "ignore": lambda tx, who, now: contacts.ignore(tx, [who], now),
    "release": contacts.release,
    "many": lambda tx, who, now: contacts.edit_many(tx, [who], now, private=True),
}


def test_a_join_alone_comes_apart_exactly(store: Store, me: str, now: datetime) -> None:
    before = dump(store)
    with store.transaction(me) as tx:
        join_id = joined(tx, now)
        assert [(each.kept, each.other) for each in joins.joins(tx, now)] == [("Ann Example", "Ann E")]
        assert joins.take_apart(tx, join_id, now + LATER).what == "join"
        assert joins.joins(tx, now) == []
        with pytest.raises(NotPossible):
            joins.take_apart(tx, join_id, now + LATER)
    assert dump(store) == before
    assert_true(store, me, now)


@pytest.mark.parametrize("name", sorted(DEEDS))
def test_what_was_done_since_is_kept_and_can_still_be_taken_back(
    store: Store, me: str, now: datetime, name: str
) -> None:
    apart = dump(store)
    with store.transaction(me) as tx:
        join_id = joined(tx, now)
        kept = joins.joins(tx, now)[0].kept_id
        DEEDS[name](tx, kept, now + LATER)
        joins.take_apart(tx, join_id, now + 2 * LATER)
        ann, other = two(tx, now)
        assert (ann, contacts.contact(tx, other, now).addresses) == (kept, ["ae@example.net"])
        assert contacts.contact(tx, ann, now).addresses == ["ann@example.com"]
    assert_true(store, me, now + 2 * LATER)
    assert dump(store) != apart, "the later change stands"
    with store.transaction(me) as tx:
        changes.undo(tx, now)
    assert dump(store) == apart, "and with it taken back all is as before the join"


def test_what_was_said_since_stands_with_the_one_kept(store: Store, me: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        join_id = joined(tx, now)
        kept = joins.joins(tx, now)[0].kept_id
        for each in ("edit", "note", "tag", "promise"):
            DEEDS[each](tx, kept, now + LATER)
        joins.take_apart(tx, join_id, now + 2 * LATER)
        ann, other = (contacts.contact(tx, each, now) for each in two(tx, now))
        assert (ann.role, ann.circle, ann.organisation) == ("Chair", "lukewarm", "")
        assert (other.role, other.organisation, other.register) == ("", "Waterworks", "je")
        assert [each.said for each in notes.notes_about(tx, ann.id)] == ["After."]
        assert [each.said for each in notes.notes_about(tx, other.id)] == ["Before."]
        (promise,) = notes.promises(tx, other.id, open_only=False)
        assert promise.done_at == now + LATER, "a promise kept since is kept, and is the other's again"
        assert [tag.word for tag in tagging.tags_of(tx, [ann.id])[ann.id]] == ["choir", "Utrecht"]


@pytest.mark.parametrize("deed", ["never", "rest", "join"])
def test_what_binds_the_two_more_closely_is_taken_back_first(store: Store, me: str, now: datetime, deed: str) -> None:
    with store.transaction(me) as tx:
        join_id = joined(tx, now)
        kept = joins.joins(tx, now)[0].kept_id
        if deed == "join":
            contacts.join(tx, kept, contacts.add_contact(tx, name="Third", now=now), now + LATER)
        elif deed == "never":
            contacts.never(tx, [kept], now + LATER)
        else:
            contacts.lay_to_rest(tx, kept, now + LATER)
        with pytest.raises(NotPossible, match="take that back first"):
            joins.take_apart(tx, join_id, now + LATER)
        changes.undo(tx, now + LATER)
        joins.take_apart(tx, join_id, now + LATER)
        two(tx, now)


def test_ninety_days_and_no_other_change(store: Store, me: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        join_id = joined(tx, now)
        late = now + timedelta(days=90)
        assert joins.joins(tx, late) == []
        with pytest.raises(NotPossible, match="ninety"):
            joins.take_apart(tx, join_id, late)
        contacts.ignore(tx, [joins.joins(tx, now)[0].kept_id], now)
        latest = changes.latest(tx)
        assert latest is not None
        with pytest.raises(NotPossible):
            joins.take_apart(tx, latest.id, now)
    with store.transaction(make.owner(store, "other@example.org")) as tx, pytest.raises(NotFound):
        joins.take_apart(tx, join_id, now)


def test_erasing_forgets_who_was_joined_to_them(store: Store, me: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        joined(tx, now)
        kept = joins.joins(tx, now)[0].kept_id
        contacts.erase(tx, kept, now)
        log = repr(tx.connection.execute(select(change.c.label, change.c.before)).all())
    assert not [word for word in ("Ann E", "ae@example.net", "Waterworks", "Before.") if word in log]
