"""A follow-up as a calendar event: why now, a suggestion and three short questions. Called by `workers.prepare`."""

from __future__ import annotations

from datetime import datetime

from keepwarm.followups.values import LENGTH, OWED, Due
from keepwarm.foreign import one_line, shown
from keepwarm.questions import Situation, short_list
from keepwarm.texts import Texts, mark
from keepwarm.types import OurEvent

NAME_LENGTH = 120  # characters of a name in a calendar; ours, as `keepwarm.contacts` shows them

TITLES: dict[str, str] = {  # by what is owed: `keepwarm.owed.Owed.kind`, empty for keeping in touch
    "": mark("Get in touch with {name}"),
    "promise": mark("What you promised {name}"),
    "thanks": mark("Thank {name}"),
    "introduction": mark("Thank {name}"),
    "word": mark("Tell {name} how it went"),
}
SUGGESTIONS: dict[str, str] = {
    "in_person": mark("Suggest a walk or a coffee; an hour is plenty."),
    "mail": mark("A few lines are enough: how you are, and one question."),
    "telephone": mark("Call for ten minutes; ask first whether it is a good moment."),
    "warm": mark("A short message will do: ask how they are and tell them how you are."),
    "lukewarm": mark("Write a few lines, and recall what you last spoke about or how you know each other."),
    "cold": mark("Write two lines: why you are getting in touch, and one question that is easy to answer."),
}


def uid_of(follow_up_id: str) -> str:
    """The identifier of the event in any calendar."""
    return f"{follow_up_id}@keepwarm"


def event_of(  # noqa: PLR0913 - all by name past the third: what an event needs, and the two a later write adds
    follow_up_id: str, person: Due, at: datetime, *, situation: Situation, zone: str, url: str = "", sequence: int = 0
) -> OurEvent:
    """The event, in the language and register of ``situation`` (its type: ``keep_up``). It rings at its start."""
    texts = Texts.load(situation.lang)
    suggestion = texts.gettext(SUGGESTIONS.get(person.channel) or SUGGESTIONS.get(person.circle, SUGGESTIONS["warm"]))
    lines = [f"– {each.text}" for each in short_list(situation)]
    asked = "\n".join((texts("To ask:"), *lines))
    owed = person.cycle.startswith(OWED)
    parts = (person.address, person.reason, url) if owed else (person.address, person.reason, suggestion, asked, url)
    title = TITLES[person.about if owed else ""]
    return OurEvent(
        uid=uid_of(follow_up_id),
        title=texts(title, name=one_line(person.name, NAME_LENGTH)),
        description=shown("\n\n".join(part for part in parts if part)),
        start_at=at,
        end_at=at + LENGTH,
        zone=zone,
        reminder_minutes=0,
        url=url,
        sequence=sequence,
    )
