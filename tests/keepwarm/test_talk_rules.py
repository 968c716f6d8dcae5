"""RELIABILITY.md E8, cell by cell: which answers, sizes and kinds of event make a talk, by a rule of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

from keepwarm.talks import Known, NotATalk, talk_of
from keepwarm.types import Address, CalendarEvent, Participant, Reply, Role

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ME, NOOR = "me@example.org", "noor@example.com"
SIZES = (2, 3, 8, 9)  # people, the owner and Noor among them
HOSTS = ("me", "noor", "somebody", "nobody")
KINDS = ("plain", "cancelled", "all day", "recurring", "ours", "begun")


def wanted(mine: Reply, theirs: Reply, size: int, kind: str, noor_is: str) -> str:
    """As a person would say it: what is off, mine to decline, too large, or without her, is no talk to prepare for."""
    if kind in {"cancelled", "all day", "ours", "begun"}:
        return {"cancelled": "cancelled", "all day": "all_day", "ours": "ours", "begun": "past"}[kind]
    if mine is Reply.DECLINED:
        return "declined"
    if size > 8:
        return "crowd"
    if kind == "recurring" and size > 2:
        return "team_meeting"
    if noor_is != "network":
        return {"private": "private", "stranger": "nobody_known", "left out": "nobody_known"}[noor_is]
    return "they_declined" if theirs is Reply.DECLINED else "talk"


def event(mine: Reply, theirs: Reply, size: int, kind: str, host: str) -> CalendarEvent:
    others = [f"guest{number}@example.net" for number in range(size - 2)]
    people = [(ME, mine), (NOOR, theirs), *((each, Reply.ACCEPTED) for each in others)]
    hosts = {"me": ME, "noor": NOOR, "somebody": "guest0@example.net", "nobody": ""}
    found = [Participant(role=Role.ATTENDEE, address=Address(address=who), reply=reply) for who, reply in people]
    if hosts[host] in {who for who, _ in people}:
        found.append(Participant(role=Role.ORGANISER, address=Address(address=hosts[host])))
    start = NOW - timedelta(minutes=1) if kind == "begun" else NOW + timedelta(days=1)
    return CalendarEvent(
        uid="u", title="Coffee", start_at=start, end_at=start + timedelta(hours=1), zone="Europe/Amsterdam",
        cancelled=kind == "cancelled", all_day=kind == "all day", recurring=kind == "recurring", ours=kind == "ours",
        participants=tuple(found),
    )  # fmt: skip


def test_every_cell_of_the_table() -> None:
    known = {
        "network": {NOOR: Known(contact_id="c")},
        "private": {NOOR: Known(contact_id="c", private=True)},
        "left out": {NOOR: Known(contact_id="c", active=False)},
        "stranger": {},
    }
    wrong, cells = [], 0
    for mine, theirs, size, kind, host, who in product(Reply, Reply, SIZES, KINDS, HOSTS, known):
        found = talk_of(event(mine, theirs, size, kind, host), own=frozenset({ME}), known=known[who], now=NOW)
        said = found.reason if isinstance(found, NotATalk) else "talk"
        cells += 1
        # an organiser says no by cancelling: their own row holds no answer
        if said != wanted(mine, theirs, size, kind, who):
            wrong.append((mine, theirs, size, kind, host, who, said))
    assert cells == len(Reply) ** 2 * len(SIZES) * len(KINDS) * len(HOSTS) * len(known)
    assert wrong == []


def test_a_talk_says_with_whom() -> None:
    found = talk_of(
        event(Reply.ACCEPTED, Reply.TENTATIVE, 3, "plain", "noor"), own=frozenset({ME}),
        known={NOOR: Known(contact_id="c"), "guest0@example.net": Known(contact_id="d")}, now=NOW,
    )  # fmt: skip
    assert not isinstance(found, NotATalk)
    assert set(found.contact_ids) == {"c", "d"}
    assert found.people == 3
