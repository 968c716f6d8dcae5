"""How Keepwarm itself is doing: duties, streams, outbox, quarantine, zone data, clock; and three plain probes.

The probes answer a monitor without a session and without a detail (RELIABILITY.md H9).
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app, render_template
from flask.typing import ResponseReturnValue

from keepwarm.store import AWAY, accounts, duties, views
from keepwarm.zones import zone_data_version
from service.connecting import CONSENTING
from service.desk import here, runtime
from service.wake import broker_answers
from workers import expiring
from workers.schedule import NOT_COMPARED, POLLED

pages = Blueprint("health", __name__)


@pages.get("/health")
def overview() -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        health = views.health(tx, desk.now)
        broken = duties.quarantined(tx)
    return render_template(
        "health.html",
        health=health,
        broken=broken,
        zone_data=zone_data_version(),
        offset=desk.runtime.settings.clock_offset,
        notices=current_app.extensions["keepwarm.notices"] if desk.owner.operator else None,
        set_up=CONSENTING if desk.owner.operator else {},
        secret=expiring.secret(desk.runtime.settings, desk.now),
    )


def _plain(ok: bool) -> Response:
    return Response("ok\n" if ok else "not ok\n", status=200 if ok else 503, content_type="text/plain; charset=utf-8")


@pages.get("/healthz")
def live() -> ResponseReturnValue:
    return _plain(True)


@pages.get("/readyz")
def ready() -> ResponseReturnValue:
    """Whether database and broker answer."""
    return _plain(_database_answers() and broker_answers(runtime()))


def _database_answers() -> bool:
    try:
        with runtime().store.system(write=False) as tx:
            accounts.owners(tx)
    except AWAY:
        return False
    return True


@pages.get("/healthz/sync")
def sync_state() -> ResponseReturnValue:
    """Whether every duty was done in time, and every account compared."""
    engine = runtime()
    with engine.store.system(write=False) as tx:
        late = any(duty.overdue for duty in duties.duties(tx, engine.now()))
        silent = accounts.silent_accounts(tx, engine.now(), NOT_COMPARED, list(POLLED))
    return _plain(not late and not silent)
