"""What the owner settled about one talk is kept whole, and each change can be taken back."""

from __future__ import annotations

from keepwarm.questions import OwnTalk
from keepwarm.store import Store, changes, talks
from tests import make

OWN = OwnTalk(
    added=("Mine?",), hidden=frozenset({"a", "b"}), worded={"c": "Said {so}"}, order=("c", "talk_1")
)  # fmt: skip


def test_the_list_of_one_talk_comes_back_as_it_was_kept(store: Store) -> None:
    owner = make.owner(store)
    with store.transaction(owner) as tx:
        talks.settle(tx, "7", make.NOW, own=OWN, type="orientation")
        talks.settle(tx, "7", make.NOW, questions=["Other?"])
        kept = talks.talk_choice(tx, "7")
    assert kept is not None
    assert (kept.type, kept.questions) == ("orientation", ["Other?"])
    assert (kept.own.hidden, kept.own.worded, kept.own.order) == (OWN.hidden, OWN.worded, OWN.order)


def test_every_change_is_taken_back_in_turn(store: Store) -> None:
    owner = make.owner(store)
    with store.transaction(owner) as tx:
        talks.settle(tx, "7", make.NOW, type="orientation")
        talks.settle(tx, "7", make.NOW, own=OWN)
        talks.settle(tx, "7", make.NOW, own=OWN)  # nothing new, so nothing to take back
        assert len(changes.changes(tx)) == 2
        changes.undo(tx, make.NOW)
        kept = talks.talk_choice(tx, "7")
        assert kept is not None
        assert (kept.type, kept.own) == ("orientation", OwnTalk())
        changes.undo(tx, make.NOW)
        assert talks.talk_choice(tx, "7") is None
