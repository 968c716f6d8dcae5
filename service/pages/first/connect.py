"""Connecting: Google, Microsoft, any other provider, or files. The forms lead to `accounts`, `consent` and `files`."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from keepwarm.store import accounts
from service import connecting as words
from service.desk import here
from service.leading import leads_out
from service.pages.consent import choices
from service.pages.first.way import pages, shown
from service.unread import lately


@pages.get("/connect")
def connect() -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        held = [each for each in accounts.accounts(tx) if each.provider not in words.INNER]
        batches = [each for each in accounts.batches(tx) if not each.undone_at]
        refused = lately(tx, desk.texts, batches)
    ready = [provider for provider, can in choices(desk).items() if can]
    purposes = {each: words.wishes(desk.texts, each, words.FIRST) for each in ready}
    address = "" if desk.owner.email.endswith("@localhost") else desk.owner.email
    page = shown(
        "connect", held=held, given=[each for each in batches if not each.barren], refused=refused, ready=ready,
        purposes=purposes, labels=words.CONSENTING, address=address,
        own=words.wishes(desk.texts, "open", (*words.FIRST, *words.SECOND)),
    )  # fmt: skip
    return leads_out(page)
