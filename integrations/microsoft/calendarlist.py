"""The calendars of an account, and which of them is ours. Called by `calendars` and `ours`.

Ours is known by its name: a calendar at Graph has no description, and in the contract no property that could mark it.
It must be the person's, open to change, and not their main one. One of that name that they made themselves is written
to as well: there can be no second of that name, and one that is not known again would be made anew at each look.

Not verified on a real account: that the owner is spelled alike in all calendars of a person; that two of one name are
refused. M/graph/api/resources/singlevaluelegacyextendedproperty says that a calendar may bear a property of ours: if
Graph also lists calendars with it, that is the better mark.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from integrations.microsoft.calls import Calls
from integrations.microsoft.deltas import listed
from integrations.wire.answers import Told, text
from integrations.wire.plain import mail_address, plain

TITLE = "Keepwarm"
SIZES = (100,)  # calendars of one answer
_SELECT = "id,name,canEdit,isDefaultCalendar,owner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One calendar. ``own``: the person's own and open to change, which those of holidays and birthdays are not."""

    ref: str
    name: str
    main: bool
    own: bool

    @property
    def ours(self) -> bool:
        return self.own and not self.main and self.name.casefold() == TITLE.casefold()


def entries(calls: Calls, addresses: Collection[str] = ()) -> list[Entry]:
    """The calendars in Graph's order; ``addresses``: the person's, beside the one their main calendar names."""
    told = [each for each in listed(calls, "/me/calendars", (("$select", _SELECT),), sizes=SIZES) if text(each, "id")]
    theirs = {*addresses, *(_owner(each) for each in told if each.get("isDefaultCalendar") is True)}
    return [_entry(each, theirs) for each in told]


def ours(listed: Iterable[Entry]) -> list[str]:
    """Of the calendars that are ours the first by id is written to."""
    return sorted(each.ref for each in listed if each.ours)


def _entry(told: Told, theirs: Collection[str]) -> Entry:
    main = told.get("isDefaultCalendar") is True
    owned = _owner(told) in theirs or not _owner(told)
    return Entry(
        ref=text(told, "id"),
        name=plain(text(told, "name")),
        main=main,
        own=main or (told.get("canEdit") is True and owned),
    )


def _owner(told: Told) -> str:
    return mail_address(text(told, "owner", "address"))
