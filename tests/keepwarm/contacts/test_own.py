"""Which addresses are the owner's."""

from __future__ import annotations

import pytest

from keepwarm.contacts import aliases, infer_own, namesakes

SAM, WORK, NOOR, CLUB = "sam@example.org", "sam@work.example", "noor@example.com", "club@example.net"


@pytest.mark.parametrize(
    ("given", "sent", "authors", "recipients", "names", "own"),
    [
        ((), {SAM: 90}, {}, {}, None, {SAM}),
        ((), {SAM: 90, WORK: 10}, {}, {}, None, {SAM, WORK}),
        ((), {SAM: 90, NOOR: 1}, {}, {}, None, {SAM}),
        ((), {SAM: 990, NOOR: 4}, {}, {}, None, {SAM}),
        ((), {SAM: 990, WORK: 2}, {}, {}, {SAM: "Sam de Jong", WORK: "Jong, Sam de"}, {SAM, WORK}),
        ((), {SAM: 990, NOOR: 2}, {}, {}, {SAM: "Sam", NOOR: "Sam"}, {SAM}),
        ((SAM,), {SAM: 90, WORK: 10}, {}, {}, None, {WORK}),
        (("SAM+x@example.org",), {SAM: 90}, {}, {}, None, set()),
        ((SAM,), {}, {NOOR: 90}, {NOOR: 9}, None, set()),
        ((), {f"p{n}@example.org": 3 for n in range(9)}, {}, {}, None, set()),
        ((), {}, {SAM: 5, NOOR: 3, "x@example.com": 2}, {SAM: 5, NOOR: 5}, None, {SAM}),
        ((), {}, {SAM: 5, NOOR: 5}, {SAM: 5, NOOR: 5}, None, set()),
        ((), {}, {SAM: 30, NOOR: 8, WORK: 60}, {SAM: 40, NOOR: 9}, None, {SAM}),
        ((), {}, {NOOR: 20, WORK: 80}, {NOOR: 70, SAM: 100}, None, set()),
        ((), {}, {NOOR: 20, WORK: 80}, {NOOR: 90, SAM: 90}, None, set()),
        ((), {}, {NOOR: 20, WORK: 80}, {NOOR: 70}, None, {NOOR}),
        ((), {SAM: 95, NOOR: 5}, {}, {}, {SAM: "Sam de Jong", NOOR: "Noor Voorbeeld"}, {SAM}),
        ((), {SAM: 95, NOOR: 5}, {}, {}, {SAM: "Sam de Jong", NOOR: "S. de Jong"}, {SAM, NOOR}),
        ((), {SAM: 60, NOOR: 40}, {}, {}, {SAM: "Sam de Jong", NOOR: "Noor Voorbeeld"}, {SAM, NOOR}),
        ((), {}, {NOOR: 5}, {SAM: 5}, None, set()),
        ((), {}, {}, {}, None, set()),
    ],
)
def test_the_owner_is_found_where_evidence_names_them(
    given: tuple[str, ...],
    sent: dict[str, int],
    authors: dict[str, int],
    recipients: dict[str, int],
    names: dict[str, str] | None,
    own: set[str],
) -> None:
    assert infer_own(frozenset(given), sent, authors, recipients, names) == own


def test_a_list_is_nobody_who_could_be_the_owner() -> None:
    authors, recipients = {SAM: 30, NOOR: 70}, {SAM: 60, NOOR: 9, CLUB: 100}
    assert infer_own(frozenset(), {}, authors, recipients) == frozenset()
    assert infer_own(frozenset(), {}, authors, recipients, groups=frozenset({CLUB})) == {SAM}


@pytest.mark.parametrize(
    ("name", "found"), [("Jong, Sam de", {WORK}), ("Sam", set()), ("S. de Jong", set()), ("Noor Voorbeeld", set())]
)
def test_a_namesake_bears_the_whole_name(name: str, found: set[str]) -> None:
    assert namesakes(frozenset({SAM}), [SAM, WORK], {SAM: "Sam de Jong", WORK: name}) == found


@pytest.mark.parametrize(("to_the_owner", "theirs"), [(0, True), (4, True), (5, False), (10, False)])
def test_who_mostly_writes_to_the_owner_is_not_the_owner(to_the_owner: int, theirs: bool) -> None:
    assert (aliases(frozenset({WORK}), {WORK: 10}, {WORK: to_the_owner}) == {WORK}) is theirs
