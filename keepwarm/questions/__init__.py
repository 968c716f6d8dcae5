"""Choose and compose the question list for a talk (METHOD.md section 6).

Called by `workers.prepare`, the pages and `keepwarm.followups`. In reading order: `values` (what a list and a situation
are), `lists` (the prepared lists, read from ``keepwarm/question_lists/<lang>/*.toml``), `own` (what the owner changed
about them), `one_talk` (what is different for one talk), `compose` (which questions are asked of whom, and why).

    prepare(Situation(type="orientation", goal="learn_field", circle="cold", register="u", lang="nl", name="Noor"))
"""

from keepwarm.questions.compose import compose, prepare, short_list
from keepwarm.questions.lists import ListError, load_lists, propose_register
from keepwarm.questions.own import FOR_ONE_TALK, LONGEST, MOST, checked
from keepwarm.questions.values import (
    GOALS,
    REGISTERS,
    TYPES,
    FollowOn,
    Note,
    OwnList,
    OwnTalk,
    Prepared,
    Question,
    QuestionList,
    Situation,
    StoredList,
)

__all__ = [
    "FOR_ONE_TALK",
    "GOALS",
    "LONGEST",
    "MOST",
    "REGISTERS",
    "TYPES",
    "FollowOn",
    "ListError",
    "Note",
    "OwnList",
    "OwnTalk",
    "Prepared",
    "Question",
    "QuestionList",
    "Situation",
    "StoredList",
    "checked",
    "compose",
    "load_lists",
    "prepare",
    "propose_register",
    "short_list",
]
