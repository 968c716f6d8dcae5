"""The store: the only code that speaks SQL. Rows never leave it; functions return finished values, never generators.

Reading order: `tables`, `database` (Store, Tx), then `accounts` (owners, accounts, streams, imports), `items` (what was
read), `contacts` (who is in it), `changes` (undo), `plans`, `notes`, `talks`, `follow_ups`, `outbox`,
`duties`, `access` (sign-in; `password_links`, `identities`, `invitations`, `tries`), `views` (what pages,
commands and mails read), `planning`, `ties`, `writing` (the plan, introductions, messages).

``with store.transaction(owner_id) as tx`` is the only way in; every function takes ``tx`` first and sees this owner
alone. ``store.reading(owner_id)`` is the same for reading only. ``store.system()`` has no owner: for sweeps, duties and
sign-in; ``store.hint()`` neither, for marks that may be lost. AWAY: what is raised where no database answers.
"""

from __future__ import annotations

from keepwarm.store.database import AWAY, Store, Tx

__all__ = ["AWAY", "Store", "Tx"]
