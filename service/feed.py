"""The private calendar feed: what a calendar program subscribes to, at an address nobody can guess.

No session and no cookie: the address is the key. The owner can give it a new one; the old one is dead at once.
"""

from __future__ import annotations

from hashlib import sha256
from hmac import compare_digest

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from keepwarm.store import accounts
from keepwarm.store.accounts import Owner
from service.desk import runtime
from workers.runtime import Runtime

pages = Blueprint("feed", __name__)

ROUND = "feed_round"  # in the owner's settings: raised to give the feed a new address


def token(engine: Runtime, owner: Owner) -> str:
    """What the address of this owner's feed is made of."""
    return engine.feed_token(f"{owner.id}.{owner.settings.get(ROUND, 0)}")


def feed_path(engine: Runtime, owner: Owner) -> str:
    return f"/feed/{token(engine, owner)}.ics"


def rotate(engine: Runtime, owner: Owner) -> None:
    with engine.store.transaction(owner.id) as tx:
        accounts.update_owner(tx, settings={ROUND: int(owner.settings.get(ROUND, 0)) + 1})


@pages.get("/feed/<given>.ics")
def calendar(given: str) -> ResponseReturnValue:
    """The owner's follow-ups as iCalendar, with an ETag so that an unchanged feed costs nothing."""
    engine = runtime()
    with engine.store.system(write=False) as tx:
        owners = accounts.owners(tx)
    # Every owner is compared, so that the time taken tells nothing about which one nearly fitted.
    found = [owner for owner in owners if compare_digest(token(engine, owner).encode(), given.encode())]
    if not found:
        abort(404)
    body = engine.open_local(found[0].id).feed()
    answer = Response(body, content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = 'inline; filename="keepwarm.ics"'
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.set_etag(sha256(body).hexdigest()[:32])
    return answer.make_conditional(request)
