"""Which table holds which section of the export; columns bear the names of the fields unless `out` says otherwise."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Table

from keepwarm.store.tables import (
    follow_up,
    introduction,
    never_entry,
    news_round,
    note,
    own_list,
    plan,
    plan_entry,
    promise,
    suggestion,
    tag,
    target,
)

TABLES: Mapping[str, Table] = {
    "never": never_entry,
    "targets": target,
    "goals": plan,
    "tags": tag,
    "plan": plan_entry,
    "introductions": introduction,
    "notes": note,
    "promises": promise,
    "own_lists": own_list,
    "rounds": news_round,
    "follow_ups": follow_up,
    "different": suggestion,
}
LIVE = ("planned", "placed", "moved")  # follow-ups that are still to come: elsewhere they are planned anew
