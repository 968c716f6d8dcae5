"""The sample network on the pages: shown in place of one's own until it is left; closed for what reaches outside.

`service.auth` asks at every request whose pages these are; the page of the first steps begins it, the banner ends it.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace

from flask import request
from flask.typing import ResponseReturnValue

from keepwarm.errors import NotFound
from keepwarm.store import Tx, accounts, samples
from keepwarm.store.accounts import Owner
from keepwarm.texts import mark
from service.desk import Desk, sorry, to
from workers.runtime import Runtime

# What would connect, read or open something real: their forms are closed while the sample is shown.
CLOSED = frozenset({"accounts", "consent", "files"})
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
    room = (request.endpoint or "").partition(".")[0]
    if not desk.owner.is_sample or request.method != "POST" or room not in CLOSED:
        return None
    sorry(desk.texts(NOT_HERE))
    return to("home.today")


def begin(runtime: Runtime, owner: Owner) -> None:
    """Show the sample to this owner from now on."""
    leave(runtime, owner)
    with runtime.store.system() as tx:
        samples.begin(tx, accounts.owner(replace(tx, owner_id=owner.id)), runtime.now())


def leave(runtime: Runtime, owner: Owner) -> None:
    """Take the sample away, rows and folder; nothing happens where there is none."""
    with runtime.store.system() as tx:
        gone = samples.end(tx, accounts.owner(replace(tx, owner_id=owner.id)))
    if gone:
        shutil.rmtree(runtime.home / "owners" / gone, ignore_errors=True)
