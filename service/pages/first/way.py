"""The steps in their order, how far the owner is, and going on. Kept in the owner's settings under ``first``.

Called by the steps beside it, and by the page Today. Nothing here asks to be finished: a step that was left out counts
as settled, and every step stays open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.store import Tx, accounts
from keepwarm.store.accounts import Owner
from keepwarm.store.beginning import FIRST
from keepwarm.texts import mark
from service.connecting import INNER
from service.desk import Desk, here, to

pages = Blueprint("first", __name__, url_prefix="/first")

# The steps of PRODUCT.md section 5.2, by the name of their page; whom no mailbox knows has a step of its own.
STEPS: dict[str, str] = {
    "goal": mark("What for"),
    "connect": mark("Connect"),
    "meet": mark("A first look"),
    "pick": mark("Your people"),
    "origins": mark("Who else"),
    "plan": mark("Three talks"),
    "rhythm": mark("Rhythm"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """``settled``: done or left out; ``here``: the one on this page."""

    name: str
    title: str
    settled: bool
    here: bool


def kept(owner: Owner) -> Mapping[str, Any]:
    """What is remembered: ``settled`` steps, ``picked`` ids, ``over``."""
    found: Mapping[str, Any] = owner.settings.get(FIRST, {})
    return found


def keep(tx: Tx, **values: Any) -> None:
    """Remember more; None forgets."""
    merged = {**kept(accounts.owner(tx)), **values}
    accounts.update_owner(tx, settings={FIRST: {name: each for name, each in merged.items() if each is not None}})


def settle(tx: Tx, step: str) -> None:
    """Note that a step was done or left out."""
    done = {*kept(accounts.owner(tx)).get("settled", ()), step}
    keep(tx, settled=[each for each in STEPS if each in done])


def settled(desk: Desk) -> set[str]:
    """The steps that were done or left out; connecting is done as soon as there is something that can be read."""
    return {*kept(desk.owner).get("settled", ()), *(("connect",) if _something_is_read(desk) else ())}


def steps(desk: Desk, now_at: str) -> list[Step]:
    done = settled(desk)
    return [
        Step(name=name, title=desk.texts(title), settled=name in done, here=name == now_at)
        for name, title in STEPS.items()
    ]


def _something_is_read(desk: Desk) -> bool:
    """Whether an account was connected or files given, and not only such as hold nothing for us."""
    with desk.reading() as tx:
        given = any(not each.undone_at and not each.barren for each in accounts.batches(tx))
        return given or any(each.provider not in INNER for each in accounts.accounts(tx))


def next_open(desk: Desk) -> str:
    """The first step that is not settled, as the name of its page; that of the last look once all are."""
    done = settled(desk)
    return next((f"first.{name}" for name in STEPS if name not in done), "first.done")


def after(step: str) -> str:
    """The page that follows a step."""
    names = list(STEPS)
    following = names[names.index(step) + 1 :]
    return f"first.{following[0]}" if following else "first.done"


def shown(step: str, **values: Any) -> str:
    """The page of a step: its template in the frame that all share."""
    desk = here()
    return render_template(f"first/{step}.html", steps=steps(desk, step), step=step, **values)


@pages.get("/")
def overview() -> ResponseReturnValue:
    """Where one left off."""
    return to(next_open(here()))


@pages.post("/go-on")
def go_on() -> ResponseReturnValue:
    """A step is done, or left out; both are fine."""
    step = request.form.get("step", "")
    if step not in STEPS:
        abort(400)
    with here().writing() as tx:
        settle(tx, step)
    return to(after(step))
