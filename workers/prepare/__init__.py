"""What is due for one owner becomes rows of the outbox: mails around talks, the digest, follow-ups. Sends nothing.

Called by `workers.tasks` every minute and after a sync. Every intent has a key made from what it is about, so preparing
twice is once; what the world no longer wants is withdrawn with the reason. In reading order: `talks` (the mails around
a talk), `weekly` (the digest, or that all is well), `nudges` (what is due today), and `workers.nextsteps` (follow-ups).
"""

from __future__ import annotations

from integrations.base import MailSender
from keepwarm.store import accounts, beginning, duties
from workers import nextsteps
from workers.prepare import nudges, talks, weekly
from workers.prepare.desk import Desk
from workers.runtime import Runtime


def prepare_owner(runtime: Runtime, owner_id: str) -> int:
    """How many new intents there are at this moment; none for an owner who stopped everything, nor for a sample.

    Follow-ups wait while the first steps are under way (`keepwarm.store.beginning`).
    """
    now, new = runtime.now(), 0
    with runtime.store.transaction(owner_id) as tx:
        owner = accounts.owner(tx)
        if owner.is_sample:
            return 0
        held, waits = owner.is_held(now), beginning.waits_until(tx, owner, now)
        if not held:
            desk = Desk(tx=tx, now=now, owner=owner, way_out=runtime.way_out(tx, MailSender))
            new += talks.prepare(desk) + weekly.prepare(desk) + nudges.prepare(desk)
    if not held and waits is None:
        new += nextsteps.prepare(runtime, owner_id)
    with runtime.store.system() as tx:
        duties.prepared(tx, owner_id, runtime.now())
    return new
