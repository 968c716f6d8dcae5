"""The checker can fail: one protection of the engine is taken out at a time, and each time it says so.

Also by hand: each of its complaints is seen once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.rings.conftest import Ring
from tests.rings.crash import story
from tests.rings.crash.arms import STOP
from tests.rings.crash.checker import History, Sent, Wanted, complaints
from tests.rings.crash.conftest import Staging
from tests.rings.crash.stage import Stage, wait_for
from tests.rings.crash.stalled import let_go_on, stalled

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CALLED = "after call receiver.send #1"
WANTED = Wanted(address="owner@example.org", mails=story.MAILS[1:2], made=("Ann",), standing=("Ann",))
BRIEF = Sent(key="1", to="owner@example.org", subject="Prepared: your talk", at=story.TUESDAY)
GOOD = History(mails=(BRIEF,), made=("Ann",), standing=("Ann",))

HISTORIES = {
    "": GOOD,
    "lost: no mail": replace(GOOD, mails=()),
    "doubled: mail": replace(GOOD, mails=(BRIEF, BRIEF)),
    "doubled: 2 mails": replace(GOOD, mails=(BRIEF, replace(BRIEF, key="2"))),
    "late": replace(GOOD, mails=(replace(BRIEF, at=story.TALK),)),
    "early": replace(GOOD, mails=(replace(BRIEF, at=story.MONDAY),)),
    "outside": replace(GOOD, mails=(replace(BRIEF, to="noor@lantern.example"),)),
    "unasked: Hello": replace(GOOD, mails=(BRIEF, replace(BRIEF, key="2", subject="Hello"))),
    "lost: event": replace(GOOD, standing=()),
    "doubled: 2 events": replace(GOOD, made=("Ann", "Ann")),
    "unasked: event": replace(GOOD, made=("Ann", "Bo")),
}


@pytest.mark.parametrize("says", HISTORIES, ids=lambda says: says or "nothing")
def test_each_kind_of_wrong_is_said(says: str) -> None:
    found = list(complaints(HISTORIES[says], WANTED))
    assert any(each.startswith(says) for each in found) if says else found == []


@pytest.mark.parametrize(
    ("uncertain", "mails", "fine"),
    [(["brief"], (), True), ([], (), False), (["brief"], (BRIEF,), False)],
    ids=["its worker died around the call", "nobody died", "it arrived"],
)
def test_uncertain_is_only_what_may_be(uncertain: list[str], mails: tuple[Sent, ...], fine: bool) -> None:
    found = list(complaints(replace(GOOD, mails=mails), WANTED, told=["brief"], uncertain=uncertain))
    assert (found == []) is fine


# --- the engine with something taken out, in a real worker


def dying(stage: Stage) -> list[str]:
    """The story of two owners whose workers die after the call."""
    people = [story.begin(stage, 1, connected=True), story.begin(stage, 2, connected=False)]
    calls = [
        f"after call {each} #1" for each in ("receiver.send", "receiver.put_event", "local.send", "local.put_event")
    ]
    stage.arms.arm({person.id: calls for person in people})
    story.tell(stage, people)
    return [each for person in people for each in story.wrong(stage, person)]


def stalling(stage: Stage) -> list[str]:
    """One owner's Tuesday: each worker sleeps before the call, past its lease, and wakes when others did the work."""
    person = on_tuesday(stage)
    stage.arms.arm({person.id: ["after commit workers.deliver.deliver #1"]}, how=STOP, always=True)
    stalled(stage, 4)
    stage.arms.arm({})
    stage.later()
    stage.sweep_past()
    let_go_on(stage)
    story.until_settled(stage)
    return on_tuesday_wrong(stage, person)


def dying_at_the_claim(stage: Stage) -> list[str]:
    """One owner's Tuesday: the workers die as they take the rows up, and nobody works until the next morning."""
    person = on_tuesday(stage)
    stage.arms.arm({person.id: ["after commit workers.deliver.deliver #1"]}, always=True)
    stage.sweep()
    stage.arms.arm({})
    stage.at(story.WEDNESDAY)
    story.until_settled(stage)
    return on_tuesday_wrong(stage, person)


def on_tuesday(stage: Stage) -> story.Person:
    """An owner with their people accepted, at the moment when much goes out."""
    person = story.begin(stage, 1, connected=True)
    story.until_settled(stage)
    story.accept(stage, [person])
    stage.at(story.TUESDAY)
    return person


def on_tuesday_wrong(stage: Stage, person: story.Person) -> list[str]:
    """What is wrong so far: no alarm was raised, Bo did not call, and the note is for Wednesday."""
    return [each for each in story.wrong(stage, person) if not any(word in each for word in ("alarm", "Bo", "note"))]


BREAKS: dict[str, tuple[Callable[[Stage], list[str]], str]] = {
    "key": (dying, "doubled"),
    "order": (dying, "doubled"),
    "fence": (stalling, "doubled"),
    "deadline": (dying_at_the_claim, "late"),
}


@pytest.mark.parametrize("what", BREAKS)
def test_taking_it_out_is_seen(on_sqlite: Staging, ring: Ring, what: str) -> None:
    play, kind = BREAKS[what]
    stage = on_sqlite(break_what=what, concurrency=6 if play is stalling else 2)
    said = play(stage)
    ring.record(said=sorted({each.partition(":")[0] for each in said}))
    assert kind in {each.partition(":")[0] for each in said}


@pytest.mark.parametrize("play", [dying, stalling], ids=lambda each: each.__name__)
def test_with_everything_in_nothing_is_seen(on_sqlite: Staging, play: Callable[[Stage], list[str]]) -> None:
    assert play(on_sqlite(concurrency=6 if play is stalling else 2)) == []


def test_a_process_that_ends_is_seen_to_end(on_sqlite: Staging) -> None:
    """The arms do what they say: a real process is gone, by a real signal."""
    stage = on_sqlite()
    person = story.begin(stage, 1, connected=True)
    stage.arms.arm({person.id: ["after commit workers.sync.sync_stream #1"]})
    stage.sweep()
    (ended,) = stage.arms.ended()
    wait_for(lambda: ended.pid not in stage.children(), within=10)
    assert "signal 9 (SIGKILL)" in stage.log_end()
