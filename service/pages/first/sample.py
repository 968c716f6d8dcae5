"""Looking around in the sample network, and leaving it."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from service import sampling
from service.desk import here, say, to
from service.pages.first.way import kept, pages
from workers.leaving import leave_sample as leave_behind


@pages.post("/sample")
def look_around() -> ResponseReturnValue:
    """Show the sample instead of one's own; somebody who is in it already begins with it anew."""
    desk = here()
    sampling.begin(desk.runtime, desk.visitor or desk.owner)
    return to("home.today")


@pages.post("/sample/leave")
def leave_sample() -> ResponseReturnValue:
    desk = here()
    if desk.visitor:
        leave_behind(desk.runtime, desk.visitor.id)
        say(desk.texts("You are back with your own. Nothing of the sample stayed."))
    finished = kept(desk.visitor or desk.owner).get("over")
    return to("home.today" if finished else "first.overview")
