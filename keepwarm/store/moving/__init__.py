"""An owner's own words as records, out of the rows and into them again. Called through `accounts` and `workers`.

Reading order: `columns` (which table holds which section), `out` (rows → raw entries, portion by portion), `into`
(records → rows, for `keepwarm.store.items`), `persons` (the same of people), `back` (an import of them taken back).
"""

from __future__ import annotations

from keepwarm.store.moving.out import Portion, portion, single

__all__ = ["Portion", "portion", "single"]
