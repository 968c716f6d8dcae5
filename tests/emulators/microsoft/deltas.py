"""Delta rounds, the same for mails, events, contacts and folders: links, pages, and what becomes of lost state.

A round is a number after which and one up to which changes are told; both travel in the opaque links, with the options
of the first call. PROVIDERS.md, section 4, Delta: MD concepts/delta-query-overview.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from tests.emulators.microsoft.values import Call, Refusal, wrong
from tests.emulators.stand.faults import sized
from tests.emulators.stand.values import Json, sealed, unsealed

SIZE = 10  # of a page where none is preferred
TOKENS = ("$deltatoken", "$skiptoken")
HOW = {
    "410": (410, "syncStateNotFound"),  # with the Location to start from
    "410-bare": (410, "syncStateNotFound"),
    "syncStateNotFound": (404, "syncStateNotFound"),
    "syncStateInvalid": (400, "syncStateInvalid"),
    "resyncRequired": (400, "resyncRequired"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round as its links hold it; ``query`` are the options of its first call, ``after`` the place reached."""

    since: int
    until: int
    query: Json
    after: list[int] | None = None
    first: bool = False

    @property
    def start(self) -> int:
        """What lies up to here was given by earlier pages, where places begin with the number of a change."""
        return max(self.since, self.after[0] - 1) if self.after else self.since


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One item of a round; ``place`` orders it, ``shown`` makes its JSON when its page is given."""

    place: list[int]
    shown: Callable[[], Json]


def answered(call: Call, kind: str, of: str, rows: Callable[[Round], Iterable[Row]]) -> Json:
    """A page. ``kind`` is "mail", "calendar", "contacts" or "folders", ``of`` the one collection that links stand
    for; ``rows`` gives the round's, in order."""
    found = _round(call, kind, of)
    size = call.prefer.size or found.query.get("$top") or SIZE
    size = sized(call.kind, size)
    left = (row for row in rows(found) if found.after is None or row.place > found.after)
    ahead = list(islice(left, size + 1))
    taken = ahead[:size]
    value = [row.shown() for row in taken]
    if call.kind == "repeated-item":
        value += value[:1]
    given: Json = {"@odata.context": f"{call.town.base}/v1.0/$metadata#Collection({kind})", "value": value}
    if len(taken) == len(ahead) and call.kind not in ("empty-page", "repeated-link"):
        return given | {"@odata.deltaLink": _link(call, "$deltatoken", _inside(call, kind, of, found))}
    after = taken[-1].place if taken and call.kind != "repeated-link" else found.after
    inside = _inside(call, kind, of, found) | {"since": found.since, "until": found.until, "after": after}
    return given | {"@odata.nextLink": _link(call, "$skiptoken", inside)}


def _inside(call: Call, kind: str, of: str, found: Round) -> Json:
    generation = call.person.lost.get(kind, (0, ""))[0]
    return {"of": of, "since": found.until, "query": found.query, "generation": generation}


def _link(call: Call, name: str, inside: Json) -> str:
    return f"{call.town.base}{call.asked.path}?{name}={sealed(inside)}"


def _round(call: Call, kind: str, of: str) -> Round:
    """As the link says; a first call starts one. Refusal for a link of another collection, or of lost state."""
    last, token = call.person.last, next((call.query[name] for name in TOKENS if name in call.query), None)
    if token is None:
        return Round(since=0, until=last, query=dict(call.query), first=True)
    if len(call.query) > 1:
        raise wrong("A delta link takes no further parameters.")
    try:
        inside = unsealed(token)
        same, skips = inside["of"] == of, "until" in inside
    except (ValueError, KeyError, TypeError) as exc:
        raise wrong("The delta token cannot be read.", "syncStateInvalid") from exc
    if not same or skips != ("$skiptoken" in call.query):
        raise wrong("The delta token belongs elsewhere.", "syncStateInvalid")
    generation, how = call.person.lost.get(kind, (0, ""))
    if inside["generation"] < generation:
        raise _lost(call, how, inside["query"])
    if skips:
        return Round(
            since=inside["since"], until=inside["until"], query=inside["query"], after=inside["after"],
            first=not inside["since"],
        )  # fmt: skip
    return Round(since=0 if call.kind == "replay" else inside["since"], until=last, query=inside["query"])


def _lost(call: Call, how: str, query: Json) -> Refusal:
    status, code = HOW[how]
    plain = {name: ",".join(map(str, part)) if isinstance(part, list) else part for name, part in query.items()}
    start = f"{call.town.base}{call.asked.path}" + (f"?{urlencode(plain)}" if plain else "")
    message = "The sync state generation is not found; continuing is not possible."
    return Refusal(status, code, message, headers={"Location": start} if how == "410" else None)


def removed(id_: str, reason: str = "deleted") -> Json:
    return {"id": id_, "@removed": {"reason": reason}}


def chosen(item: Json, select: Iterable[str] | None) -> Json:
    """The item with the selected properties, and what comes in any case."""
    if not select:
        return item
    names: set[Any] = {"id", *(name.rpartition("/")[2] for name in select)}
    return {name: part for name, part in item.items() if name in names or name.startswith("@")}
