"""A request to be introduced: how it stands, and whom to thank when. METHOD.md sections 3 and 7.

Computed from the owner's word and from what happened since. Called by `keepwarm.store.introductions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from keepwarm.plan import Happened
from keepwarm.texts import Texts, mark

SAID = ("asked", "agreed", "introduced", "declined")  # the owner's words; silent follows from the calendar
SILENT_AFTER = timedelta(days=14)  # ours: as long as a second word is waited for
WORD_WITHIN = timedelta(days=3)  # after the talk that came of it

_ASKED = mark("You asked {via} {ago}.")
_SILENT = mark("You asked {via} {ago} and heard nothing. Perhaps somebody else can help; {via} owes you no answer.")
_AGREED = mark("{via} will introduce you to {whom}.")
_THANK = mark("{via} introduced you to {whom}. Say thanks now; it is quickly forgotten.")
_WAIT = mark("{via} introduced you to {whom}. Tell {via} how it went once you have talked.")
_WORD = mark("You talked to {whom} {ago}. Tell {via} how it went.")
_DONE = mark("You talked to {whom}, and {via} has heard from you since.")
_DECLINED = mark("{via} would rather not. That is fine.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Whom the owner asked (``via``) to be introduced to whom, by name. ``said``: one of SAID, since ``said_at``."""

    via: str
    whom: str
    said: str
    said_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestStanding:
    """``state``: one of SAID, or silent. ``step``: thank, word, wait, another_way or none. ``why``: one sentence."""

    state: str
    step: str
    due_at: datetime | None
    why: str


def request_standing(request: Request, via: Happened, whom: Happened, now: datetime, texts: Texts) -> RequestStanding:
    """How the request stands at ``now``; ``via`` and ``whom``: what went on with the two."""
    names = {"via": request.via, "whom": request.whom}
    if request.said == "declined":
        return RequestStanding(state="declined", step="another_way", due_at=None, why=texts(_DECLINED, **names))
    if request.said == "introduced":
        return _introduced(request, via, whom, now, texts)
    ago = texts.ago(now - request.said_at)
    if request.said == "agreed":
        return RequestStanding(state="agreed", step="wait", due_at=None, why=texts(_AGREED, **names))
    silent_at = request.said_at + SILENT_AFTER
    if now < silent_at or any(at > request.said_at for at in via.received):
        why = texts(_ASKED, ago=ago, **names)
        return RequestStanding(state="asked", step="wait", due_at=silent_at, why=why)
    why = texts(_SILENT, ago=ago, **names)
    return RequestStanding(state="silent", step="another_way", due_at=silent_at, why=why)


def _introduced(request: Request, via: Happened, whom: Happened, now: datetime, texts: Texts) -> RequestStanding:
    names = {"via": request.via, "whom": request.whom}
    talks = [at for at in whom.talks if request.said_at < at <= now]
    told = [at for at in (*via.sent, *via.talks) if request.said_at < at <= now]
    if talks and not any(at > talks[-1] for at in told):
        why = texts(_WORD, ago=texts.ago(now - talks[-1]), **names)
        return RequestStanding(state="introduced", step="word", due_at=talks[-1] + WORD_WITHIN, why=why)
    if talks:
        return RequestStanding(state="introduced", step="none", due_at=None, why=texts(_DONE, **names))
    if not told:
        return RequestStanding(state="introduced", step="thank", due_at=request.said_at, why=texts(_THANK, **names))
    return RequestStanding(state="introduced", step="wait", due_at=None, why=texts(_WAIT, **names))
