"""Which addresses are the owner's."""

from __future__ import annotations

import pytest

from keepwarm.contacts import infer_own

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
        ((), {}, {SAM: 5, NOOR: 3, "x@example.com": 2}, {SAM: 5, NOOR: 5, CLUB: 10}, None, {SAM}),
        ((), {}, {SAM: 5, NOOR: 5}, {SAM: 5, NOOR: 5}, None, set()),
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
