"""Letting people in: addresses that open something once, answers to who forgot a password, word of every change.

Called by the pages and the command (`service.auth`), and by `workers.tasks`. An address follows from the id of its row
and our secret, so a copy of the database opens nothing. Whose a forgotten password is, a worker looks up: what the page
does is the same for every address, and takes as long.
"""

from __future__ import annotations

import hmac
from dataclasses import replace
from datetime import timedelta

from integrations.base import MailSender
from keepwarm.store import Tx, accounts, outbox, password_links
from keepwarm.store.accounts import Owner
from keepwarm.store.invitations import Invitation
from keepwarm.store.outbox import Intent
from workers.runtime import POST, Runtime

WORD_LASTS = timedelta(days=3)  # ours: word of a change is worth something for as long
PATHS = {"password": "new-password", "invitation": "join", "address": "new-address"}  # what a link opens → its page


def link(runtime: Runtime, what: str, row_id: str) -> str:
    """The address that opens it; ``what``: a key of PATHS."""
    return f"{runtime.base_url}/{PATHS[what]}?token={token(runtime, what, row_id)}"


def token(runtime: Runtime, what: str, row_id: str) -> str:
    """``ID.PROOF``."""
    return f"{row_id}.{_proof(runtime, what, row_id)}"


def opened_by(runtime: Runtime, what: str, given: str) -> str:
    """The id of the row that a token is for; empty for one that we did not make."""
    row_id, _, proof = given.partition(".")
    fits = hmac.compare_digest(proof.encode(errors="replace"), _proof(runtime, what, row_id).encode())
    return row_id if fits else ""


def _proof(runtime: Runtime, what: str, row_id: str) -> str:
    said = f"{what}:{row_id}".encode(errors="replace")
    return hmac.new(runtime.key("letting in"), said, "sha256").hexdigest()


def answer_request(runtime: Runtime, link_id: str) -> str:
    """Mail a link where the address is somebody's. What became of it: held (answered already), nobody, or mailed."""
    now = runtime.now()
    with runtime.store.system() as tx:
        email = password_links.take(tx, link_id, now)
        if email is None:
            return "held"
        owner = accounts.owner_by_email(tx, email)
        if owner is None:
            password_links.drop(tx, link_id)
            return "nobody"
        mine = replace(tx, owner_id=owner.id)
        password_links.give(mine, link_id)
        ends = now + password_links.LASTS
        payload = {"what": "password", "link": link_id}
        key = f"access:{owner.id}:{link_id}"
        outbox.put(mine, _intent(key, payload, run_at=now, not_after=ends, by=POST), now)
    return "mailed"


def send_invitation(runtime: Runtime, tx: Tx, invitation: Invitation) -> bool:
    """Mail an invitation in the operator's name; False where there is no way out, or nobody to name."""
    operator = accounts.operator(tx)
    if not runtime.settings.smtp_url or operator is None:
        return False
    now, mine = runtime.now(), replace(tx, owner_id=operator.id)
    payload = {"what": "invitation", "link": invitation.id, "to": invitation.email}
    key = f"access:{operator.id}:{invitation.id}"
    return outbox.put(mine, _intent(key, payload, run_at=now, not_after=now + WORD_LASTS, by=POST), now)


def send_to_new_address(runtime: Runtime, tx: Tx, address: str) -> bool:
    """Mail a link to confirm it to the new address of this owner; False where there is no way out."""
    if not runtime.settings.smtp_url:
        return False
    now = runtime.now()
    link_id = password_links.make_for_address(tx, address, now)
    payload = {"what": "address", "link": link_id, "to": address}
    ends = now + password_links.ADDRESS_LASTS
    outbox.put(tx, _intent(f"access:{tx.owner_id}:{link_id}", payload, run_at=now, not_after=ends, by=POST), now)
    return True


def tell(runtime: Runtime, tx: Tx, what: str, owner: Owner, **more: str) -> None:
    """Tell the owner of a change to how they sign in; ``owner`` as they were before it, since their address may change.

    By the operator's way out, else through an account of theirs, else into the local mailbox.
    """
    now = runtime.now()
    by = POST if runtime.settings.smtp_url else runtime.way_out(tx, MailSender)
    payload = {"what": what, "to": owner.email, "at": now.isoformat(), **more}
    key = f"access:{owner.id}:{what}:{tx.new_id()}"
    outbox.put(tx, _intent(key, payload, run_at=now, not_after=now + WORD_LASTS, by=by), now)


def _intent(key: str, payload: dict[str, str], *, by: str | None, **times: object) -> Intent:
    return Intent(key=key, kind="access", payload=payload, account_id=by, **times)  # type: ignore[arg-type]  # its times
