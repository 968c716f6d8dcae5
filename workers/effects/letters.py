"""The mails about signing in: a link, word of a change, an invitation. They go whatever the owner stopped or holds."""

from __future__ import annotations

from datetime import datetime

from keepwarm.store import invitations, password_links
from keepwarm.store.accounts import Owner
from keepwarm.store.outbox import OutboxRow
from keepwarm.texts import mark
from keepwarm.types import Address
from workers import letting_in
from workers.effects.values import Call, Skip
from workers.render import AccessLetter, access_mail, envelope
from workers.runtime import Runtime

USED = mark("It was used or taken back meanwhile.")


def access(runtime: Runtime, row: OutboxRow, owner: Owner) -> Call | Skip:
    what, ends = str(row.payload["what"]), None
    if what in letting_in.PATHS and (ends := _ends(runtime, row, what)) is None:
        return Skip(reason=USED)
    letter = AccessLetter(
        what=what,
        link=letting_in.link(runtime, what, row.payload["link"]) if ends else "",
        ends_at=ends,
        at=datetime.fromisoformat(row.payload["at"]) if "at" in row.payload else runtime.now(),
        provider=str(row.payload.get("provider", "")),
        who=owner.name or owner.email,
    )
    to = str(row.payload.get("to", owner.email))
    address = Address(address=to, name=owner.name if what != "invitation" else "")
    sender = runtime.open_account(row.owner_id, row.account_id)
    mail = access_mail(envelope(runtime, owner, row.key, to=address), letter)
    return Call(act=lambda: sender.send(mail), once=True)


def _ends(runtime: Runtime, row: OutboxRow, what: str) -> datetime | None:
    """Until when its link works; None if that is over."""
    with runtime.store.reading(row.owner_id) as tx:
        if what in ("password", "address"):
            return password_links.expires_at(tx, row.payload["link"])
        found = invitations.invitation(tx, row.payload["link"], runtime.now())
    return found.expires_at if found else None
