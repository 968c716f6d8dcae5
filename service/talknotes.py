"""What the owner typed about a talk that was held: the same five fields on several pages. Called by `service.pages`."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from flask import request

from keepwarm.aftertalk import new_names
from keepwarm.errors import NotPossible
from keepwarm.foreign import one_line, shown
from keepwarm.plan import FINDINGS
from keepwarm.texts import mark
from keepwarm.zones import local, to_utc
from service.desk import Desk

TEXT_LONGEST = 4_000
AHEAD = mark(
    "The day you chose is still ahead, and here you note what was said in a talk. Nothing was kept: go back, what you"
    " typed still stands there, and choose the day on which you talked."
)
NOON = time(12)  # when a talk without an hour is taken to have been


def given(desk: Desk) -> dict[str, Any]:
    """The arguments of `notes.add_note`; empty where nothing was typed. Raises NotPossible for a day still ahead."""
    promises = [
        (mine, text, _day(f"{field}_on"))
        for mine, field in ((True, "mine"), (False, "theirs"))
        if (text := one_line(request.form.get(field, ""), 500))
    ]
    said, tips = (shown(request.form.get(name, "")).strip()[:TEXT_LONGEST] for name in ("said", "tips"))
    names = new_names(shown(request.form.get("names", ""))[:TEXT_LONGEST])
    finding = request.form.get("finding", "")
    finding = finding if finding in FINDINGS else ""
    if not (said or tips or names or promises or finding):
        return {}
    found: dict[str, Any] = {"said": said, "tips": tips, "names": names, "promises": promises, "finding": finding}
    on = _day("on")
    today = local(desk.now, desk.owner.zone).date()
    if on and on > today:
        raise NotPossible(AHEAD)
    return found | ({"at": to_utc(on, NOON, desk.owner.zone)} if on and on < today else {})


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.form.get(name, "").strip())
    except ValueError:
        return None
