"""A message for the owner to send themselves: the text, and links that open it where they write."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.messages import KINDS, Draft
from keepwarm.messages.links import mailto, profile, tel, whatsapp
from keepwarm.store import Tx, outbox, rounds, views, writing
from keepwarm.store.contacts import ContactRow
from keepwarm.store.views import World
from service.desk import here, say, to
from service.sending import asked_draft, drafts_in
from service.wake import wake_outbox
from service.words import WORDS

pages = Blueprint("write", __name__)


@pages.get("/write/<contact_id>")
def offer(contact_id: str) -> ResponseReturnValue:
    desk = here()
    kind = request.args.get("kind", "first") if request.args.get("kind") in KINDS else "first"
    with desk.reading() as tx:
        at_now = views.world(tx, desk.now)
        row = at_now.people.get(contact_id) or abort(404)
        whom = at_now.people.get(request.args.get("whom", ""))
        if kind == "introduction" and whom is None:
            abort(404)
        if kind in rounds.KINDS:
            draft = _of_round(tx, at_now, row, kind)
        else:
            draft = writing.message(tx, at_now, row, kind, whom=whom.name if whom else "")
        found, advice = writing.reach(tx, row), writing.channel(tx, at_now, row)
        drafts = drafts_in(desk.runtime, tx) is not None and bool(found.mail) and kind not in rounds.KINDS
    links = {
        "mail": mailto(found.mail, draft),
        "whatsapp": whatsapp(found.phone, desk.owner.country, draft),
        "telephone": tel(found.phone),
        "profile": profile(found),
    }
    return render_template(
        "write.html", row=row, draft=draft, advice=advice, links=links, kind=kind, whom=whom,
        drafts=drafts,
        kinds=[each for each in KINDS if each in WORDS["message"]],
    )  # fmt: skip


@pages.post("/write/<contact_id>/draft")
def save_draft(contact_id: str) -> ResponseReturnValue:
    """Among the owner's own drafts, where they allowed that."""
    desk, kind, whom = here(), request.form.get("kind", ""), request.form.get("whom", "")
    if kind not in KINDS or kind in rounds.KINDS:
        abort(400)
    with desk.writing() as tx:
        account_id = drafts_in(desk.runtime, tx) or abort(404)
        outbox.put(tx, asked_draft(contact_id, kind, whom, account_id, desk.now), desk.now)
    wake_outbox(desk.runtime, desk.owner.id)
    say(desk.texts("It will be among your drafts in a moment."))
    return to("write.offer", contact_id=contact_id, kind=kind, whom=whom or None)


def _of_round(tx: Tx, at_now: World, row: ContactRow, kind: str) -> Draft:
    """The text for one person of the round that goes on."""
    found = rounds.current(tx, at_now)
    if found is None or found.kind != kind:
        abort(404)
    helped = {each.contact.id: each.help for each in (*found.told, *found.turn, *found.waiting)}
    return writing.message(tx, at_now, row, kind, news=found.news, help=helped.get(row.id))
