"""A message to somebody among the owner's own drafts: they finish and send it, Keepwarm never does.

Only in an account where the owner allowed it. The text is made when it is saved: no body of a mail is stored.
"""

from __future__ import annotations

from keepwarm.store import views, writing
from keepwarm.store.accounts import Owner
from keepwarm.store.outbox import OutboxRow
from keepwarm.texts import mark
from keepwarm.types import Address, Mail
from workers.effects.values import Call, Skip
from workers.render import heading_safe
from workers.runtime import Runtime

NOBODY = mark("There is nobody to write to any more.")


def draft(runtime: Runtime, row: OutboxRow, owner: Owner) -> Call | Skip:
    """The message of the kind in the payload, for a contact of the network who has an address."""
    now = runtime.now()
    with runtime.store.reading(row.owner_id) as tx:
        at_now = views.world(tx, now)
        who, whom = at_now.people.get(row.subject_ref), at_now.people.get(str(row.payload.get("whom")))
        if who is None or who.private or not who.addresses or row.account_id is None:
            return Skip(reason=NOBODY)
        text = writing.message(tx, at_now, who, str(row.payload["message"]), whom=whom.name if whom else "")
    mail = Mail(
        message_id=runtime.message_id(row.key),
        sender=Address(address=owner.email, name=heading_safe(owner.name)),
        to=Address(address=who.addresses[0], name=heading_safe(who.name)),
        subject=text.subject,
        text=text.body,
        html="",
        at=now,
        lang=who.lang or owner.lang,
    )
    account = runtime.open_account(row.owner_id, row.account_id)
    return Call(act=lambda: account.save_draft(mail), once=False)
