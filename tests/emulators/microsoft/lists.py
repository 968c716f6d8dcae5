"""Plain lists, the same for every kind of item: filtered, ordered, in pages by ``$skip``, as Outlook makes them.

`mail_api.py`, `calendar_api.py`, `contacts_api.py` and `subscriptions.py` call this.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from tests.emulators.microsoft import odata
from tests.emulators.microsoft.deltas import SIZE
from tests.emulators.microsoft.values import Call, Refusal
from tests.emulators.stand.faults import sized
from tests.emulators.stand.values import Json

T = TypeVar("T")
Names = Iterable[str] | None
GUID = re.compile(r"\{[0-9A-Fa-f-]{36}\}")


def listed(call: Call, rows: Sequence[T], shown: Callable[[T, Names], Json]) -> Json:
    """A page of the rows. ``shown`` gives an item's named properties, or those of a plain answer for None."""
    if "$search" in call.query:
        raise Refusal(501, "notImplemented", "$search is not emulated", breach=True)
    kept = list(rows)
    if "$filter" in call.query:
        found = odata.read(_filter(call.query["$filter"]))
        kept = [row for row in kept if found.test(shown(row, found.names))]
    for path, down in reversed(list(odata.order(call.query.get("$orderby", ())))):
        kept.sort(key=lambda row, path=path: _value(shown(row, [path.partition("/")[0]]), path), reverse=down)  # type: ignore[misc]
    skip, size = call.query.get("$skip", 0), call.prefer.size or call.query.get("$top", SIZE)
    size = sized(call.kind, size)
    taken = kept[skip : skip + size]
    given: Json = {"value": [shown(row, call.query.get("$select")) for row in taken]}
    if call.query.get("$count"):
        given["@odata.count"] = len(kept)
    if skip + len(taken) < len(kept) or call.kind in ("empty-page", "repeated-link"):
        given["@odata.nextLink"] = _next(call, skip if call.kind == "repeated-link" else skip + len(taken))
    return given


def _filter(text: str) -> str:
    """Property ids are compared without case in their GUID."""
    return GUID.sub(lambda found: found.group().lower(), text)


def _value(item: Json, path: str) -> Any:
    found: Any = item
    for name in path.split("/"):
        found = found.get(name) if isinstance(found, dict) else None
    return (found is not None, found if found is not None else "")


def _next(call: Call, skip: int) -> str:
    kept = [(name, value) for name, value in call.asked.query if name != "$skip"]
    query = urlencode([*kept, ("$skip", str(skip))], quote_via=quote, safe="$")
    return f"{call.town.base}{call.asked.path}?{query}"
