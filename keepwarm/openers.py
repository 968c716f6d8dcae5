"""The first lines to write to somebody when neither a promise nor a note says what to write. Called by `reconnect`.

Several for each kind of tie, so that a digest never repeats itself while there is another one. The choice is made by a
hash of person and week: the same digest, made again, says the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from keepwarm.texts import mark

OPENERS: dict[str, tuple[str, ...]] = {
    "warm": (
        mark("Tell in two lines how you are doing, ask how they are, and ask for one tip or name."),
        mark("Send something that made you think of them, with a line on how you are."),
        mark("Ask what is new, and suggest a coffee or a walk in the coming weeks."),
        mark("Say what you are working on these days, and ask how they would go about it."),
        mark("Is there something they once helped you with? Say thanks, and tell them what came of it."),
    ),
    "lukewarm": (
        mark("Ask what keeps them busy these days, and say in a line what you are looking into."),
        mark("Recall how you know each other, and ask how things are going."),
        mark("Ask one small question that takes a minute to answer; people like to help with those."),
        mark("Begin with something you read about their work or organisation, and ask how they see it."),
        mark("Say that you wonder what their work is like at the moment, and suggest a call of ten minutes."),
    ),
    "cold": (
        mark("Say in two lines who you are and how you found them, and ask for a quarter of an hour."),
        mark("Name who or what brought you to them, and ask one question about their work."),
        mark("Say what struck you about their work, and ask whether you may call for ten minutes."),
        mark("See first whether somebody you know can introduce you; otherwise two honest lines are enough."),
        mark("Write what you would like to find out, and ask when ten minutes would suit."),
    ),
    "asleep": (
        mark("Say that you thought of them and ask how they are; it is more welcome than you would expect."),
        mark("Share a memory, or something that brought them to mind; the silence needs no explaining."),
        mark("Write the two lines that you would like to get yourself: how it is here, and how are you?"),
        mark("Ask what has happened since; most people are glad when somebody picks up the thread."),
        mark("Begin where you left off: one line on what has changed for you, and one question."),
    ),
}


def choose(asked: Sequence[tuple[str, str]], week_number: int) -> tuple[str, ...]:
    """A sentence for each (contact id, kind), in order; one kind repeats only when it has run out.

    ``kind`` is a key of `OPENERS`. Whoever comes first in the alphabet of ids chooses first, so the order
    of ``asked`` changes nothing.
    """
    left: dict[str, list[str]] = {}
    found: dict[str, str] = {}
    for contact_id, kind in sorted(asked):
        every = OPENERS[kind]
        rest = left.get(kind) or list(every)
        start = _number(contact_id, week_number) % len(every)
        wanted = next(each for each in (*every[start:], *every[:start]) if each in rest)
        left[kind] = [each for each in rest if each != wanted]
        found[contact_id] = wanted
    return tuple(found[contact_id] for contact_id, _ in asked)


def _number(contact_id: str, week_number: int) -> int:
    return int.from_bytes(sha256(f"{contact_id}\n{week_number}".encode()).digest()[:8])
