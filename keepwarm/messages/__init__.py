"""Messages for the owner to send themselves: a first word, a second, thanks, a request to be introduced, news.

In the contact's language and register. Texts only: Keepwarm never writes to a third person. Called by
`keepwarm.store.writing`; pages and the command offer them to copy, or to open in a mail program.
Reading order: `values`, `drafts` (the messages), `sentences`, `channels` (how to get in touch), `moments` (when),
`links` (that open it where the owner writes).
"""

from __future__ import annotations

from keepwarm.messages.channels import advise
from keepwarm.messages.drafts import draft
from keepwarm.messages.moments import AHEAD, TALK, WEEKS, free_moments
from keepwarm.messages.values import KINDS, Advice, Draft, Facts, Help, Reach

__all__ = [
    "AHEAD", "KINDS", "TALK", "WEEKS", "Advice", "Draft", "Facts", "Help", "Reach", "advise", "draft", "free_moments",
]  # fmt: skip
