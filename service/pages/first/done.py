"""The last look: the first digest as it would come, one by mail if wished, and then Today."""

from __future__ import annotations

from datetime import timedelta

from flask import abort
from flask.typing import ResponseReturnValue

from integrations.base import MailSender
from keepwarm.pace import digest_at
from keepwarm.store import accounts
from keepwarm.types import Mail
from keepwarm.zones import week_of
from service.desk import Desk, here, to
from service.letters import framed
from service.pages.first.way import keep, pages, shown
from service.sending import ask, asked_sample
from service.wake import wake_outbox
from workers.render import preview_digest


def _digest(desk: Desk) -> Mail | None:
    return preview_digest(desk.runtime, desk.owner, desk.now)


@pages.get("/done")
def done() -> ResponseReturnValue:
    desk = here()
    pace = accounts.pace_of(desk.owner)
    weeks = [digest_at(week_of(desk.now + timedelta(weeks=ahead), desk.owner.zone), pace) for ahead in (0, 1)]
    comes = next(each for each in weeks if each > desk.now)
    with desk.reading() as tx:
        mailbox = desk.runtime.way_out(tx, MailSender) is not None
    kinds = {each: each not in desk.owner.stopped for each in ("digest", "brief")}
    return shown("done", digest=_digest(desk), comes=comes, kinds=kinds, mailbox=mailbox)


@pages.get("/done/digest")
def digest_html() -> ResponseReturnValue:
    """The digest as it would be sent, for the frame on the page; its links are those of a preview."""
    found = _digest(here()) or abort(404)
    return framed(found.html)


@pages.post("/done/send")
def send_digest() -> ResponseReturnValue:
    """One digest now. It counts as no week's digest."""
    desk = here()
    with desk.writing() as tx:
        ask(desk, tx, "digest", asked_sample(desk.runtime, tx, "digest", desk.now))
    wake_outbox(desk.runtime, desk.owner.id)
    return to("first.done")


@pages.post("/done")
def finish() -> ResponseReturnValue:
    """On to Today. What was left out stays open, and can be found in the settings."""
    with here().writing() as tx:
        keep(tx, over=True)
    return to("home.today")
