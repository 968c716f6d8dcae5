"""The owner's version of the list for one talk: what they left out, said otherwise, put earlier, or added.

Kept as differences by the id of a question, like `own` for a whole list. Pure; ``arranged`` is called by `compose`, the
moves by the page of a talk. None of the moves fails: one that does not apply leaves the version as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from keepwarm.foreign import one_line
from keepwarm.questions.own import FOR_ONE_TALK, LONGEST
from keepwarm.questions.values import OwnTalk, Prepared

Asked = tuple[str, Prepared]  # source, question; as in `compose`
ADDED = "talk_"  # how the ids of questions begin that were added for one talk, then their place from 1
_PLACE = re.compile("[0-9]{1,4}")


def arranged(
    shown: Sequence[Asked], more: Sequence[Asked], own: OwnTalk
) -> tuple[list[Asked], list[Asked], list[Asked]]:
    """What is asked, what stays under more, what was left out; as the owner wants them for this talk."""
    every = [_worded(each, own) for each in (*shown, *more)]
    kept = [each for each in every if each[1].id not in own.hidden]
    first = {each[1].id for each in shown} | set(own.order)
    place = {each: number for number, each in enumerate(own.order)}
    asked = [each for each in kept if each[1].id in first]
    return (
        sorted(asked, key=lambda each: place.get(each[1].id, len(place))),
        [each for each in kept if each[1].id not in first],
        [each for each in every if each[1].id in own.hidden],
    )


def _worded(asked: Asked, own: OwnTalk) -> Asked:
    source, each = asked
    text = own.worded.get(each.id)
    if text is None:
        return asked
    as_typed = text.replace("{", "{{").replace("}", "}}")
    return source, replace(each, text=dict.fromkeys(each.text, as_typed))


# --- moves --------------------------------------------------------------------------------------------------------


def add(own: OwnTalk, text: str) -> OwnTalk:
    """One more question for this talk; nothing for blank text, one that is there already, or too many."""
    line = one_line(text, LONGEST)
    if not line or line in own.added or len(own.added) >= FOR_ONE_TALK:
        return own
    return replace(own, added=(*own.added, line))


def leave_out(own: OwnTalk, question_id: str) -> OwnTalk:
    """Not in this talk; a question that was added for it alone is gone."""
    number = _number(own, question_id)
    if number:
        return replace(
            own,
            added=tuple(each for place, each in enumerate(own.added, 1) if place != number),
            order=tuple(_moved_up(each, number) for each in own.order if each != question_id),
        )
    return replace(own, hidden=own.hidden | {question_id}, order=tuple(e for e in own.order if e != question_id))


def ask_again(own: OwnTalk, question_id: str) -> OwnTalk:
    return replace(own, hidden=own.hidden - {question_id})


def word(own: OwnTalk, question_id: str, text: str) -> OwnTalk:
    """In other words; blank text: as it was prepared. One that was added is said anew, and stays if nothing is said."""
    line, number = one_line(text, LONGEST), _number(own, question_id)
    if number:
        return replace(
            own, added=tuple(line or each if place == number else each for place, each in enumerate(own.added, 1))
        )
    others = {key: each for key, each in own.worded.items() if key != question_id}
    return replace(own, worded=others | ({question_id: line} if line else {}))


def move(own: OwnTalk, shown: Sequence[str], question_id: str, *, earlier: bool) -> OwnTalk:
    """One place earlier or later among ``shown``, the ids as they stand."""
    ids = list(shown)
    at = ids.index(question_id) if question_id in ids else -1
    other = at - 1 if earlier else at + 1
    if at < 0 or not 0 <= other < len(ids):
        return own
    ids[at], ids[other] = ids[other], ids[at]
    return replace(own, order=tuple(ids))


def draw_up(own: OwnTalk, shown: Sequence[str], question_id: str) -> OwnTalk:
    """Ask one from under more: the last but one, so that the closing question stays the last."""
    ids = [each for each in shown if each != question_id]
    return replace(own, order=(*ids[:-1], question_id, *ids[-1:]), hidden=own.hidden - {question_id})


def _number(own: OwnTalk, question_id: str) -> int:
    """The place of a question that was added for this talk; 0 for any other."""
    number = question_id.removeprefix(ADDED)
    if not question_id.startswith(ADDED) or not _PLACE.fullmatch(number):
        return 0
    return int(number) if 1 <= int(number) <= len(own.added) else 0


def _moved_up(question_id: str, gone: int) -> str:
    number = question_id.removeprefix(ADDED)
    if not question_id.startswith(ADDED) or not _PLACE.fullmatch(number) or int(number) < gone:
        return question_id
    return f"{ADDED}{int(number) - 1}"
