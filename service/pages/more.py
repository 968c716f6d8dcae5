"""More: everything that is needed only now and then, by subject."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from service import navigation
from service.desk import here
from service.sampling import is_closed

pages = Blueprint("more", __name__)


@pages.get("/more")
def overview() -> ResponseReturnValue:
    desk = here()
    others = {
        subject: [each for each in places if not is_closed(desk, each.endpoint)]
        for subject, places in navigation.others().items()
    }
    return render_template("more.html", others=others)
