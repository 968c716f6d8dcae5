"""The calendars on an account's list, and which of them is ours. Called by `calendars` and `ours`.

Ours bears a line of its own in its description: it is the only text of a calendar that is shown to other programs and
that people leave alone. A colleague's, shared with the owner, bears it too: it is neither ours nor worth reading.
"""

from __future__ import annotations

from collections.abc import Iterator

from integrations.google.answers import Told, objects, paged, text
from integrations.google.calls import Calls
from integrations.google.hosts import CALENDAR

MARKER = "keepwarm:calendar"
MOST = 250  # entries of one answer, the most there may be
_FIELDS = "kind,nextPageToken,items(id,summary,summaryOverride,description,timeZone,primary,selected,accessRole)"


def entries(calls: Calls, *, hidden: bool = False) -> Iterator[Told]:
    """The entries of the list, in Google's order; with ``hidden`` those too that the owner does not want to see."""

    def ask(page: str) -> Told:
        calls.spend("calendar", 1)
        params = {"maxResults": str(MOST), "showHidden": str(hidden).lower(), "fields": _FIELDS, "pageToken": page}
        return calls.get(f"{CALENDAR}/users/me/calendarList", [pair for pair in params.items() if pair[1]]).told

    for _, told, _ in paged(ask):
        yield from objects(told, "items")


def is_marked(entry: Told) -> bool:
    """Whether some Keepwarm made it, the owner's or another person's."""
    return MARKER in (line.strip() for line in text(entry, "description")[:10_000].splitlines())


def is_our_calendar(entry: Told) -> bool:
    return is_marked(entry) and text(entry, "accessRole") == "owner"
