"""How best to get in touch with somebody: METHOD.md section 5."""

from __future__ import annotations

from keepwarm.messages.values import Advice
from keepwarm.texts import Texts, mark

_CHANNELS = {
    "own": mark("You chose this way yourself."),
    "in_person": mark("You see each other: ask it in passing, or go round."),
    "mail": mark("A short mail is a good way to announce yourself, and can be answered when it suits."),
    "social": mark("You have no mail address for them; a short message on LinkedIn does the same."),
    "telephone": mark("You have a number and nothing else. Write down first what you want to ask."),
    "introduction": mark("You have no address for them. Ask somebody who knows {name} to introduce you."),
}


def advise(  # noqa: PLR0913 - what is known of somebody, each by name
    *, name: str, circle: str, chosen: str, mail: bool, phone: bool, profile: bool, seen_lately: bool, texts: Texts
) -> Advice:
    """How to get in touch (METHOD.md section 5): the owner's own wish, else in person where one meets, else by mail."""
    if chosen:
        return Advice(channel=chosen, why=texts(_CHANNELS["own"]))
    table = (
        ("in_person", circle == "warm" and seen_lately), ("mail", mail), ("social", profile), ("telephone", phone),
    )  # fmt: skip
    channel = next((key for key, holds in table if holds), "")
    return Advice(channel=channel, why=texts(_CHANNELS[channel or "introduction"], name=name))
