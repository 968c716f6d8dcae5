"""Which questions are asked of whom. Called by `workers.prepare`, the pages and `keepwarm.followups`.

A list shows at most six: first what the owner added themselves, for this talk or to the list; what this person's log
and promises ask for (one question each), then the core of the type by priority, at most one extra from the plan, one
that fits the circle (first with strangers), one that fits the goal, and the closing question at the end. So goal,
circle, last note and promises each leave their mark, and two people never get the same list unless all four are the
same; a property test holds it to that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from keepwarm.questions.lists import PERSONAL, load_lists, slots_in
from keepwarm.questions.one_talk import arranged
from keepwarm.questions.own import OWN, applied, for_one_talk
from keepwarm.questions.values import (
    REGISTERS,
    FollowOn,
    OwnList,
    Prepared,
    Question,
    QuestionList,
    Situation,
    StoredList,
)
from keepwarm.texts import Texts

SHOWN = 6  # METHOD.md section 6: four to six
CALM = 5  # ours: five where nothing personal asks for room
SLOT_LENGTH = 240  # ours: characters of a note, promise or name that a question repeats

Asked = tuple[str, Prepared]  # source, question


def prepare(situation: Situation) -> QuestionList:
    """The list for a talk, from the stored lists of its language. Raises KeyError for a type that is not one."""
    return compose(_list(situation.type, situation), situation)


def _list(type_: str, situation: Situation) -> StoredList:
    """The prepared list of a type as the owner wants it."""
    return applied(load_lists(situation.lang)[type_], situation.own.get(type_, OwnList()))


def compose(stored: StoredList, situation: Situation) -> QuestionList:
    """The questions of a list that fit the situation: shown in order of asking, the others under ``more``."""
    slots = _slots(situation)
    shown, more, gone = arranged(*_choose(stored, situation, slots), situation.talk)
    return QuestionList(
        type=stored.type,
        title=stored.title,
        opening=_opening(stored, situation, slots),
        shown=tuple(_render(each, situation, slots) for each in shown),
        more=tuple(_render(each, situation, slots) for each in more),
        follow_on=tuple(_follow_on(kind, when, situation, slots) for kind, when in stored.follow_on),
        left_out=tuple(_render(each, situation, slots) for each in gone),
    )


def short_list(situation: Situation, count: int = 3) -> tuple[Question, ...]:
    """The first questions of a list: for a follow-up in the calendar or the note an hour before."""
    return prepare(situation).shown[:count]


def _choose(stored: StoredList, situation: Situation, slots: Mapping[str, str]) -> tuple[list[Asked], list[Asked]]:
    """What is shown and what comes under more: the owner's own come first and push others back, but for the closing."""
    shown, more = _prepared(stored, situation, slots)
    for_this = [for_one_talk(text, number, situation.lang) for number, text in enumerate(situation.asked, 1)]
    added = [each for each in stored.questions if each.part == OWN and _fits(each, situation, slots)]
    own = [*(("talk", each) for each in for_this), *((OWN, each) for each in added)]
    if not own:
        return shown, more
    closing = [each for each in shown if each[1].closing]
    others = [*own, *(each for each in shown if not each[1].closing)]
    room = SHOWN - len(closing)
    return [*others[:room], *closing], [*others[room:], *more]


def _prepared(stored: StoredList, situation: Situation, slots: Mapping[str, str]) -> tuple[list[Asked], list[Asked]]:
    own = _ranked([each for each in stored.questions if each.part != OWN], situation, slots)
    shared = _ranked(load_lists(situation.lang)[PERSONAL].questions, situation, slots)
    personal = [(part, each) for part in ("log", "promises") for each in shared if each.part == part][:2]
    circle = [("circle", each) for each in (*own, *shared) if len(each.circles) == 1 and not each.closing][:1]
    taken = {each.id for _, each in circle}
    goal = [("goal", each) for each in (*own, *shared) if _for_one_goal(each) and each.id not in taken][:1]
    closing = [("list", each) for each in own if each.closing]
    used = {each.id for _, each in (*personal, *circle, *goal, *closing)}
    extras = [("plan", each) for each in shared if each.part == "extra" and each.id not in used]
    core = [("list", each) for each in own if each.id not in used]
    room = (SHOWN if personal or extras else CALM) - len(personal) - len(circle) - len(goal) - len(closing)
    extra = extras[: min(1, room - 1)] if core else extras[:room]
    kept = core[: room - len(extra)]
    first, later = (circle, []) if situation.circle == "cold" else ([], circle)  # a stranger's own story breaks the ice
    shown = [*personal, *first, *kept, *extra, *later, *goal, *closing]
    return shown, [*core[len(kept) :], *extras[len(extra) :]]


def _for_one_goal(each: Prepared) -> bool:
    return len(each.goals) == 1 and not each.closing


def _ranked(questions: Sequence[Prepared], situation: Situation, slots: Mapping[str, str]) -> list[Prepared]:
    fitting = [each for each in questions if _fits(each, situation, slots)]
    return sorted(fitting, key=lambda each: -each.priority)


def _fits(each: Prepared, situation: Situation, slots: Mapping[str, str]) -> bool:
    return (
        each.slots <= slots.keys()
        and not each.unless & slots.keys()
        and (not each.goals or (situation.goal or "none") in each.goals)
        and (not each.circles or situation.circle in each.circles)
        and (not each.types or situation.type in each.types)
        and (not each.origins or not set(each.origins).isdisjoint(situation.origins))
    )


def _slots(situation: Situation) -> dict[str, str]:
    """The filled slots; what is unknown or blank is not among them."""
    texts = Texts.load(situation.lang)
    plain = (
        "name", "organisation", "role", "sector", "wanted_role", "background", "vacancy", "named_person",
        "previous_application", "help", "introducer", "find_out",
    )  # fmt: skip
    values = {name: getattr(situation, name) for name in plain}
    values["progress"] = "; ".join(map(_short, situation.progress))
    values["promise_mine"] = "; ".join(map(_short, situation.promises_mine))
    values["promise_theirs"] = "; ".join(map(_short, situation.promises_theirs))
    if situation.last and situation.last.text.strip():
        values |= {"last_note": situation.last.text, "last_date": texts.date(situation.last.on)}
    joined = {"progress", "promise_mine", "promise_theirs"}
    clean = {name: value.strip() if name in joined else _short(value) for name, value in values.items()}
    return {name: value for name, value in clean.items() if value}


def _short(text: str) -> str:
    """On one line, without the full stop at its end, cut at a word."""
    line = " ".join(text.split()).rstrip(" .;")
    return line if len(line) <= SLOT_LENGTH else line[:SLOT_LENGTH].rsplit(" ", 1)[0] + " …"


def _register(situation: Situation) -> str:
    """The wanted register in the words of the language: the familiar and the formal one answer to each other."""
    formal = situation.register in {pair[1] for pair in REGISTERS.values()}
    return REGISTERS[situation.lang][formal]


def _opening(stored: StoredList, situation: Situation, slots: Mapping[str, str]) -> str:
    line = stored.opening.get(_register(situation), "")
    return line.format(**slots) if slots_in(line) <= slots.keys() else ""


def _render(asked: Asked, situation: Situation, slots: Mapping[str, str]) -> Question:
    source, each = asked
    text = each.text[_register(situation)].format(**slots)
    return Question(id=each.id, text=text[:1].upper() + text[1:], why=each.why.format(**slots), source=source)


def _follow_on(kind: str, when: str, situation: Situation, slots: Mapping[str, str]) -> FollowOn:
    """The list to ask on with, without what is personal: that stands in the list it follows."""
    questions = _ranked(_list(kind, situation).questions, situation, slots)
    asked = sorted(questions, key=lambda each: each.closing)
    return FollowOn(type=kind, when=when, questions=tuple(_render(("list", each), situation, slots) for each in asked))
