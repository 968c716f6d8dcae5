"""Everything that is held about one person: shown row by row, handed out, erased."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import date, datetime
from functools import partial

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.plan import HELP
from keepwarm.store import holdings, tagging
from keepwarm.vcard import Card, vcard
from keepwarm.zones import local
from service.desk import Desk, here, say, sorry, to
from service.pages.people.one import standing
from workers import erasing

SHOWN = 100  # mails and meetings listed on the page; ours: the file has all of them
_SLUG = re.compile(r"[\w.%~-]{1,120}")


def held(contact_id: str) -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        row = standing(tx, desk, contact_id)
        found = holdings.holdings(tx, contact_id)
    names = sorted({each["name"] for part in ("mails", "meetings") for each in found[part] if each["name"]})
    letters = _letters(desk, contact_id)
    rows = sum(len(each) for each in found.values()) + len(letters)
    return render_template(
        "people/held.html", row=row, found=found, names=names, letters=letters, rows=rows, most=SHOWN, helps=HELP,
        day=partial(_day, desk),
    )  # fmt: skip


def _letters(desk: Desk, contact_id: str) -> list[erasing.Letter]:
    return erasing.letters_about(desk.runtime, desk.owner.id, contact_id)


def _day(desk: Desk, moment: str | None) -> str:
    """The day of a moment or day told as text, by the owner's clock; empty for none."""
    if not moment:
        return ""
    whole = len(moment) == len("2026-11-23")
    at = date.fromisoformat(moment) if whole else local(datetime.fromisoformat(moment), desk.owner.zone).date()
    return desk.texts.date(at)


def as_json(contact_id: str) -> ResponseReturnValue:
    """All rows as they are, for another program or a person who asks what is known about them."""
    desk = here()
    with desk.reading() as tx:
        standing(tx, desk, contact_id)
        found = holdings.holdings(tx, contact_id)
    letters = [asdict(each) | {"at": each.at.isoformat() if each.at else None} for each in _letters(desk, contact_id)]
    told = {"format": "keepwarm person", "version": 1, "at": desk.now.isoformat(), **found, "letters": letters}
    body = json.dumps(told, ensure_ascii=False, indent=1) + "\n"
    return _file(body.encode("utf-8", "replace"), "application/json", "json")


def as_card(contact_id: str) -> ResponseReturnValue:
    """A card for an address book."""
    desk = here()
    with desk.reading() as tx:
        row = standing(tx, desk, contact_id)
        cards = holdings.holdings(tx, contact_id)["cards"]
        tags = tagging.tags_of(tx, [contact_id]).get(contact_id, [])
    slugs = [each.removeprefix("linkedin:") for each in row.profiles]
    card = Card(
        uid=f"keepwarm-{row.id}",
        name=row.name,
        addresses=row.addresses,
        phones=list(dict.fromkeys(each["phone"] for each in cards if each["phone"])),
        profiles=[f"https://www.linkedin.com/in/{each}" for each in slugs if _SLUG.fullmatch(each)],
        organisation=row.organisation,
        role=row.role,
        birthday=next((each["birthday"] for each in cards if each["birthday"]), ""),
        tags=[each.word for each in tags],
    )
    return _file(vcard(card), "text/vcard; charset=utf-8", "vcf")


def _file(body: bytes, kind: str, ending: str) -> Response:
    """A download. Its name tells nobody whom it is about: folders of downloads are looked at by others."""
    answer = Response(body, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="keepwarm-person.{ending}"'
    return answer


def erase(contact_id: str) -> ResponseReturnValue:
    """Ask first, then erase for good: it has no undo."""
    desk, _ = here(), here().texts
    with desk.reading() as tx:
        row = standing(tx, desk, contact_id)
    if request.method == "GET":
        return render_template("people/erase.html", row=row)
    if request.form.get("sure") != "yes":
        sorry(_("Nothing was erased: tick the box to say that you are sure."))
        return to("contacts.erase", contact_id=contact_id)
    erasing.erase(desk.runtime, desk.owner.id, contact_id)
    say(_("Erased. No file will bring this person back."))
    return to("contacts.everybody")
