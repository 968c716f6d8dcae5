"""Every table. In reading order: ``owners``, ``sources``, ``items``, ``people``, ``deeds``; ``base`` is shared by all.

Known to `keepwarm.store` alone. Bulk rows (message, event, card, address) have a 63-bit key, a hash of the owner
and of what identifies the thing outside (`identity`), so that writing a thing twice is one row without a look-up.
Times are `Moment`: aware UTC in, aware UTC out, kept as whole microseconds so that both databases order them alike.
No table has a column for a body or for the subject of a mail; `tests/keepwarm/store/test_tables.py` guards that.
"""

from keepwarm.store.tables.base import EPOCH, Moment, identity, metadata, microseconds
from keepwarm.store.tables.deeds import (
    duty,
    follow_up,
    instance,
    introduction,
    news_round,
    note,
    outbox,
    own_list,
    plan,
    plan_entry,
    promise,
    quarantine,
    talk,
)
from keepwarm.store.tables.items import EVENT_ROLES, card, card_address, event, message, participant, plays, sighting
from keepwarm.store.tables.owners import one_time_token, own_address, owner, profile, session, target
from keepwarm.store.tables.people import ERASED, address, change, contact, suggestion, tally, tombstone, touch
from keepwarm.store.tables.sources import account, batch, grant, place, purse, source, stream, subscription

__all__ = [
    "EPOCH",
    "ERASED",
    "EVENT_ROLES",
    "Moment",
    "account",
    "address",
    "batch",
    "card",
    "card_address",
    "change",
    "contact",
    "duty",
    "event",
    "follow_up",
    "grant",
    "identity",
    "instance",
    "introduction",
    "message",
    "metadata",
    "microseconds",
    "news_round",
    "note",
    "one_time_token",
    "outbox",
    "own_address",
    "own_list",
    "owner",
    "participant",
    "place",
    "plan",
    "plan_entry",
    "plays",
    "profile",
    "promise",
    "purse",
    "quarantine",
    "session",
    "sighting",
    "source",
    "stream",
    "subscription",
    "suggestion",
    "talk",
    "tally",
    "target",
    "tombstone",
    "touch",
]
