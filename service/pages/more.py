"""More: everything that is needed only now and then, by subject."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from service import navigation

pages = Blueprint("more", __name__)


@pages.get("/more")
def overview() -> ResponseReturnValue:
    return render_template("more.html", others=navigation.others())
