"""The present password, asked for before what opens the door to others or has no way back. Called by pages."""

from __future__ import annotations

from flask import request

from keepwarm.store import accounts
from keepwarm.texts import mark
from service import passwords
from service.auth.signing import throttle
from service.desk import Desk

NOT_RIGHT = mark("The present password was not right. Nothing was changed.")
SLOWLY = mark("That went wrong a few times. Nothing was changed; try again in a quarter of an hour.")


def unknown(desk: Desk) -> str:
    """What to tell who sent this form without the owner's password; empty if it came along, or where there is none."""
    if not desk.owner.has_password:
        return ""
    made = throttle().take([("present", desk.owner.id)])
    if made.wait:
        return desk.texts(SLOWLY)
    with desk.runtime.store.system(write=False) as tx:
        kept = accounts.password_hash(tx, desk.owner.email)
    if not passwords.matches(request.form.get("password", ""), kept[1] if kept else None):
        return desk.texts(NOT_RIGHT)
    throttle().went_well(made)
    return ""
