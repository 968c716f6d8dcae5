"""The kinds of mail we send to the owner, and which of them can be stopped one by one.

Called by the store (what counts as a mail), `workers` (what to prepare) and the pages. Mails around a talk come when
the talk asks for them; all others share the ceilings of `keepwarm.pace`.
"""

from __future__ import annotations

from keepwarm.texts import mark

KINDS: dict[str, str] = {
    "booked": mark("a talk was booked: what it is for, what to read"),
    "brief": mark("the question list before a talk"),
    "note": mark("the short note an hour before a talk"),
    "after": mark("how did it go, after a talk"),
    "nudge": mark("thanks that are due, and word to whoever introduced you"),
    "digest": mark("the weekly digest"),
    "well": mark("a line when all is well and there is nothing to say for a month"),
    "alarm": mark("a warning when something has gone quiet"),
    "access": mark("what concerns signing in: a link to a new password, word of every change"),
}
AROUND_TALKS = ("booked", "brief", "note", "after")

# An alarm is not among them: what was stopped must not stop in silence. The switch that holds everything holds it too.
# Nor is what concerns signing in, which goes at once, whatever is held: somebody may be locked out, or break in.
ALWAYS = ("access",)
STOPPABLE = tuple(kind for kind in KINDS if kind not in {"alarm", *ALWAYS})

# Of these the owner can see and get a sample. Not of those about signing in: an invented "your password was changed"
# would frighten, and teach to trust one that somebody else invented.
SHOWN = tuple(kind for kind in KINDS if kind not in ALWAYS)
