"""Pictures of a network as plain numbers: where each dot, label, line and bar stands. No drawing, no store, no clock.

Called by `service.pages.pictures`, whose templates turn it into SVG. Reading order: `values` (who is drawn), `groups`
(by organisation or origin), `frame` (rings and seats), `labels`, `network` (the whole map), `spans` (months and weeks),
`heat` (freshness over time), `months` (bars), `chain` (ways to somebody). The same input gives the same picture.
"""

from keepwarm.pictures.chain import Chain, chain
from keepwarm.pictures.groups import Group, by_organisation, by_origin, main_origin
from keepwarm.pictures.heat import History, Row, heat
from keepwarm.pictures.months import Bars, bars
from keepwarm.pictures.network import Network, network, rim_name
from keepwarm.pictures.spans import Span, last_months, last_weeks
from keepwarm.pictures.values import LOOKS, MOST, RINGS, Someone, look_of, ring_of

__all__ = [
    "LOOKS", "MOST", "RINGS", "Bars", "Chain", "Group", "History", "Network", "Row", "Someone", "Span", "bars",
    "by_organisation", "by_origin", "chain", "heat", "last_months", "last_weeks", "look_of", "main_origin", "network",
    "rim_name", "ring_of",
]  # fmt: skip
