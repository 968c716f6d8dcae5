"""Another address to sign in with counts once somebody who reads its mail says so, behind a link that was sent there.

The link is asked for on the page *How I sign in* (`service.pages.access`), where the password was given. Looking uses
it not up: mail scanners open links.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.errors import NotPossible
from keepwarm.store import accounts, password_links
from keepwarm.store.password_links import NewAddress
from keepwarm.texts import mark
from service.auth.door import pages
from service.desk import runtime, say, to
from workers import letting_in

DEAD = mark("This link was used before, is older than a day, or was replaced by a newer one. Nothing was changed.")
NOT_FREE = mark("This address cannot be used here. Nothing was changed.")
DONE = mark("From now on you sign in with {address}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One that works now."""

    id: str
    wanted: NewAddress


@pages.route("/new-address", methods=["GET", "POST"])
def new_address() -> ResponseReturnValue:
    """Ask, then let the new address count."""
    token = request.values.get("token", "")
    found = _opened(token)
    if found is None:
        return _page(problem=g.texts(DEAD), status=400)
    if request.method == "GET":
        return _page(token=token, address=found.wanted.address)
    if problem := _carry_out(found):
        return _page(problem=g.texts(problem), status=400)
    say(g.texts(DONE, address=found.wanted.address))
    return to("auth.sign_in")


def _opened(token: str) -> Link | None:
    engine = runtime()
    link_id = letting_in.opened_by(engine, "address", token)
    with engine.store.system(write=False) as tx:
        wanted = password_links.wanted_address(tx, link_id, engine.now())
    return Link(id=link_id, wanted=wanted) if wanted else None


def _carry_out(found: Link) -> str:
    """What was wrong, as a marked sentence; empty once the address counts and the old one was told."""
    engine, wanted = runtime(), found.wanted
    try:
        with engine.store.transaction(wanted.owner_id) as tx:
            if not password_links.use_address(tx, found.id, engine.now()):
                return DEAD
            before = accounts.owner(tx)
            accounts.change_address(tx, wanted.address, engine.now())
            letting_in.tell(engine, tx, "address_changed", before)
    except NotPossible:
        return NOT_FREE
    return ""


def _page(*, problem: str = "", token: str = "", address: str = "", status: int = 200) -> ResponseReturnValue:
    return render_template("new_address.html", problem=problem, token=token, address=address), status
