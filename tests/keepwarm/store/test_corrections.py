"""Notes and promises are put right or taken out, and each is taken back in full."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from keepwarm.errors import NotFound, NotPossible
from keepwarm.store import Store, Tx, changes, contacts, corrections, notes, views
from keepwarm.store.owed import owed
from tests import make
from tests.keepwarm.store.test_contacts import everything
from tests.keepwarm.store.test_undo import bring

ANN = "Ann Example <ann@example.com>"


@pytest.fixture
def me(store: Store) -> str:
    return make.owner(store)


@pytest.fixture
def ann(store: Store, me: str, now: datetime) -> str:
    bring(store, me, [*make.both_ways(ANN)], "mail", now)
    with store.transaction(me) as tx:
        contacts.accept(tx, None, now=now)
        (row,) = contacts.contacts(tx, states=None, now=now)
        at = now - timedelta(days=9)
        notes.add_note(tx, row.id, now, at=at, said="The lamps.", tips="Femke", promises=[(True, "an article", None)])
    return row.id


def held(tx: Tx, ann: str) -> tuple[list[notes.Note], list[notes.Promise]]:
    return notes.notes_about(tx, ann), notes.promises(tx, ann, open_only=False)


def words(tx: Tx, note: str, promise: str, now: datetime) -> None:
    corrections.correct_note(tx, note, now, said="The boats.", tips="", at=now - timedelta(days=30))
    corrections.correct_promise(tx, promise, now, text="a book", mine=False, due_on=date(2026, 12, 24))


def gone(tx: Tx, note: str, promise: str, now: datetime) -> None:
    corrections.delete_note(tx, note, now)
    corrections.delete_promise(tx, promise, now)


@pytest.mark.parametrize("deed", [words, gone])
def test_every_correction_is_taken_back_in_full(
    store: Store, me: str, ann: str, now: datetime, deed: Callable[..., None]
) -> None:
    with store.reading(me) as tx:
        before, row = held(tx, ann), contacts.contact(tx, ann, now)
    with store.transaction(me) as tx:
        deed(tx, before[0][0].id, before[1][0].id, now)
        assert held(tx, ann) != before
        assert [each.label for each in changes.changes(tx, 2)] == ["Ann Example"] * 2
        changes.undo(tx, now)
        changes.undo(tx, now)
        assert held(tx, ann) == before
        assert contacts.contact(tx, ann, now) == row


def test_the_new_words_stand_everywhere(store: Store, me: str, ann: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        (note,), (promise,) = held(tx, ann)
        words(tx, note.id, promise.id, now)
        (note,), (promise,) = held(tx, ann)
        assert (note.said, note.tips, note.at) == ("The boats.", "", now - timedelta(days=30))
        assert (promise.text, promise.mine, promise.due_on) == ("a book", False, date(2026, 12, 24))
        assert [row.id for row in contacts.contacts(tx, states=None, now=now, search="boats")] == [ann]
        assert contacts.contacts(tx, states=None, now=now, search="lamps") == []
        assert [each for each in owed(tx, views.world(tx, now)) if each.kind == "promise"] == []


def test_what_was_taken_out_is_owed_no_more(store: Store, me: str, ann: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        (note,), (promise,) = held(tx, ann)
        assert [each.about for each in owed(tx, views.world(tx, now))] == ["an article"]
        gone(tx, note.id, promise.id, now)
        assert owed(tx, views.world(tx, now)) == []
        assert notes.last_notes(tx, now) == {}
        assert contacts.contacts(tx, states=None, now=now, search="lamps") == []


def test_nothing_is_written_down_where_nothing_differs(store: Store, me: str, ann: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        (note,), (promise,) = held(tx, ann)
        newest = changes.latest(tx)
        assert not corrections.correct_note(tx, note.id, now, said=note.said, tips=note.tips, at=note.at)
        assert not corrections.correct_promise(tx, promise.id, now, text=promise.text, mine=True, due_on=None)
        assert changes.latest(tx) == newest


def test_a_promise_keeps_words_and_a_talk_lies_behind(store: Store, me: str, ann: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        (note,), (promise,) = before = held(tx, ann)
        with pytest.raises(NotPossible):
            corrections.correct_promise(tx, promise.id, now, text="", mine=True, due_on=None)
        with pytest.raises(NotPossible):
            corrections.correct_note(tx, note.id, now, said="x", tips="", at=now + timedelta(days=1))
        assert held(tx, ann) == before


def test_a_note_about_a_meeting_keeps_its_moment(store: Store, me: str, ann: str, now: datetime) -> None:
    start = now - timedelta(days=3)
    make.imported(store, me, make.event([ANN], start=start), path="c.ics")
    with store.transaction(me) as tx:
        (event,) = views.events_between(tx, now - timedelta(days=5), now)
        note = notes.add_note(tx, ann, now, said="Tea.", event_id=event.id, at=start)
        assert corrections.correct_note(tx, note, now, said="Coffee.", tips="", at=now - timedelta(days=30))
        assert (corrections.note(tx, note).said, corrections.note(tx, note).at) == ("Coffee.", start)


def test_nobody_elses_are_there(store: Store, me: str, ann: str, now: datetime) -> None:
    with store.reading(me) as tx:
        (note,), (promise,) = held(tx, ann)
    other = make.owner(store, "other@example.org")
    deeds: list[Callable[[Tx], object]] = [
        lambda tx: corrections.note(tx, note.id),
        lambda tx: corrections.any_promise(tx, promise.id),
        lambda tx: corrections.correct_note(tx, note.id, now, said="x", tips=""),
        lambda tx: corrections.correct_promise(tx, promise.id, now, text="x", mine=True, due_on=None),
        lambda tx: corrections.delete_note(tx, note.id, now),
        lambda tx: corrections.delete_promise(tx, promise.id, now),
    ]
    for deed in deeds:
        with store.transaction(other) as tx, pytest.raises(NotFound):
            deed(tx)


def test_erasing_leaves_no_word_of_what_was_put_right(store: Store, me: str, ann: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        (note,), (promise,) = held(tx, ann)
        words(tx, note.id, promise.id, now)
        gone(tx, note.id, promise.id, now)
        contacts.erase(tx, ann, now)
    told = everything(store)
    for each in ("The lamps.", "The boats.", "an article", "a book", "Ann Example"):
        assert each not in told, each


def test_a_join_is_taken_apart_after_a_note_was_put_right(store: Store, me: str, ann: str, now: datetime) -> None:
    from keepwarm.store import joins

    with store.transaction(me) as tx:
        ben = contacts.add_contact(tx, name="Ben Sample", address="ben@example.net", now=now)
        note = notes.add_note(tx, ben, now, said="Ropes.")
        contacts.join(tx, ann, ben, now)
        joined = changes.latest(tx)
        assert joined is not None
        corrections.correct_note(tx, note, now, said="Sails.", tips="")
        joins.take_apart(tx, joined.id, now)
        assert [each.said for each in notes.notes_about(tx, ben)] == ["Sails."]
        assert [each.said for each in notes.notes_about(tx, ann)] == ["The lamps."]
