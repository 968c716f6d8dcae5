"""The sample network on the pages: shown in place of one's own until it is left; closed for what reaches outside.

`service.auth` asks at every request whose pages these are; the page of the first steps begins it, the banner ends it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from flask import request
from flask.typing import ResponseReturnValue

from keepwarm.errors import NotFound
from keepwarm.store import Tx, accounts, samples
from keepwarm.store.accounts import Owner
from keepwarm.texts import mark
from service.desk import Desk, sorry, to
from workers.leaving import leave_sample
from workers.runtime import Runtime

# What would connect, read or open something real, or is about who signs in: closed while the sample is shown.
CLOSED = frozenset({"accounts", "consent", "files", "access", "data"})
# Of these the pages too: they tell how whoever looks around signs in and what is kept of them, and the sample has none.
OWN = frozenset({"access", "data"})
OWN_PAGE = mark("This page is about your own account. Leave the sample to open it.")
NOT_HERE = mark("This is the sample network, so nothing real is connected to it. Leave it first; nothing was changed.")


def shown_instead(tx: Tx, owner: Owner) -> Owner:
    """The sample that this owner looks at, else themselves."""
    sample_id = owner.settings.get(samples.SHOWN)
    if sample_id:
        with suppress(NotFound):
            return accounts.owner(replace(tx, owner_id=str(sample_id)))
    return owner


def turned_away(desk: Desk) -> ResponseReturnValue | None:
    """The answer to a form or page that is closed while the sample is shown; None for any other."""
    place = (request.endpoint or "").partition(".")[0]
    if not desk.owner.is_sample or place not in (CLOSED if request.method == "POST" else OWN):
        return None
    sorry(desk.texts(NOT_HERE if request.method == "POST" else OWN_PAGE))
    return to("home.today")


def is_closed(desk: Desk, endpoint: str) -> bool:
    """Whether a page is not there while the sample is shown, so that nothing leads to it."""
    return desk.owner.is_sample and endpoint.partition(".")[0] in OWN


def begin(runtime: Runtime, owner: Owner) -> None:
    """Show the sample to this owner from now on."""
    leave_sample(runtime, owner.id)
    with runtime.store.system() as tx:
        samples.begin(tx, accounts.owner(replace(tx, owner_id=owner.id)), runtime.now())
