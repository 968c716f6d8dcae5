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
TAKEN_AWAY = frozenset({"data.export"})  # a page that only shows, and would hand out what is invented as one's own
NOT_HERE = mark("This is the sample network, so nothing real is connected to it. Leave it first; nothing was changed.")


def shown_instead(tx: Tx, owner: Owner) -> Owner:
    """The sample that this owner looks at, else themselves."""
    sample_id = owner.settings.get(samples.SHOWN)
    if sample_id:
        with suppress(NotFound):
            return accounts.owner(replace(tx, owner_id=str(sample_id)))
    return owner


def turned_away(desk: Desk) -> ResponseReturnValue | None:
    """The answer to a form that is closed while the sample is shown; None for any other."""
    endpoint = request.endpoint or ""
    closed = request.method == "POST" and endpoint.partition(".")[0] in CLOSED
    if not desk.owner.is_sample or not (closed or endpoint in TAKEN_AWAY):
        return None
    sorry(desk.texts(NOT_HERE))
    return to("home.today")


def begin(runtime: Runtime, owner: Owner) -> None:
    """Show the sample to this owner from now on."""
    leave_sample(runtime, owner.id)
    with runtime.store.system() as tx:
        samples.begin(tx, accounts.owner(replace(tx, owner_id=owner.id)), runtime.now())
