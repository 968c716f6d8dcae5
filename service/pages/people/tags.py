"""Tags: on and off one person; all of them at a glance, to rename or take away."""

from __future__ import annotations

from functools import partial

from flask import render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.errors import NotPossible
from keepwarm.store import tagging
from service.desk import done, here, sorry, to
from service.pages.people.everybody import room, text
from service.pages.people.one import one, standing
from service.refusing import refused


def tag(contact_id: str) -> ResponseReturnValue:
    """Put a word on somebody; several are parted by commas."""
    desk, _ = here(), here().texts
    given = [each.strip() for each in text("word").split(",")]
    wanted = [each for each in given if tagging.tag_key(each)]
    if not wanted:
        return refused(_("A tag needs a word. Nothing was changed."), partial(one, contact_id))
    try:
        with desk.writing() as tx:
            standing(tx, desk, contact_id)
            if tagging.add_tags(tx, [contact_id], wanted, desk.now):
                done(tx, _("Tagged."))
            else:
                sorry(_("This tag was there already. Nothing was changed."))
    except NotPossible as problem:
        return refused(_(str(problem)), partial(one, contact_id))
    return to("contacts.one", contact_id=contact_id)


def untag(contact_id: str) -> ResponseReturnValue:
    desk, _ = here(), here().texts
    with desk.writing() as tx:
        standing(tx, desk, contact_id)
        if tagging.remove_tag(tx, [contact_id], request.form.get("tag", ""), desk.now):
            done(tx, _("The tag is off."))
    return to("contacts.one", contact_id=contact_id)


def overview() -> ResponseReturnValue:
    with here().reading() as tx:
        found, counts = tagging.tags(tx), room(tx)
    return render_template("people/tags.html", tags=found, tab="", **counts)


def rename() -> ResponseReturnValue:
    """Another word for a tag, wherever it is."""
    desk, _ = here(), here().texts
    if not tagging.tag_key(text("word")):
        sorry(_("A tag needs a word. Nothing was changed."))
        return to("contacts.tags")
    with desk.writing() as tx:
        count = tagging.rename_tag(tx, request.form.get("tag", ""), text("word"), desk.now)
        done(tx, desk.texts.ngettext("Renamed on {number} person.", "Renamed on {number} people.", count))
    return to("contacts.tags")


def remove() -> ResponseReturnValue:
    """Off everybody; the people stay."""
    desk, _ = here(), here().texts
    with desk.writing() as tx:
        count = tagging.remove_tag(tx, None, request.form.get("tag", ""), desk.now)
        if count:
            done(tx, desk.texts.ngettext("Taken off {number} person.", "Taken off {number} people.", count))
        else:
            sorry(_("This tag is nobody's any more. Nothing was changed."))
    return to("contacts.tags")
