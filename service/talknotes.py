"""What the owner typed about a talk that was held: the same five fields on several pages. Called by `service.pages`."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import request

from keepwarm.aftertalk import PROMISE_LONGEST, TEXT_LONGEST, moment_of, new_names
from keepwarm.foreign import one_line, shown
from keepwarm.plan import FINDINGS
from keepwarm.texts import mark
from service import typed
from service.desk import Desk, sorry

WITHOUT = mark("{problem} What you wrote was kept without it.")


def given(desk: Desk) -> dict[str, Any]:
    """The arguments of `notes.add_note`; empty where nothing was typed. Raises NotPossible for a day still ahead."""
    promises = [
        (mine, text, _day(desk, f"{field}_on"))
        for mine, field in ((True, "mine"), (False, "theirs"))
        if (text := one_line(request.form.get(field, ""), PROMISE_LONGEST))
    ]
    said, tips = (shown(request.form.get(name, "")).strip()[:TEXT_LONGEST] for name in ("said", "tips"))
    names = new_names(shown(request.form.get("names", ""))[:TEXT_LONGEST])
    finding = request.form.get("finding", "")
    finding = finding if finding in FINDINGS else ""
    if not (said or tips or names or promises or finding):
        return {}
    found: dict[str, Any] = {"said": said, "tips": tips, "names": names, "promises": promises, "finding": finding}
    on = _day(desk, "on")
    return found | ({"at": moment_of(on, desk.now, desk.owner.zone)} if on else {})


def _day(desk: Desk, name: str) -> date | None:
    """The day typed in this field; what is none is told."""
    told = request.form.get(name, "").strip()
    found = typed.day(told)
    if told and found is None:
        sorry(desk.texts(WITHOUT, problem=desk.texts(typed.NO_DAY, told=one_line(told, 20))))
    return found
