"""The order of the plan: warm, lukewarm naming whom one shares, cold through somebody; the owner's own wins."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from keepwarm.plan import Entry, ordered
from keepwarm.texts import Texts

START = datetime(2026, 11, 1, tzinfo=UTC)
EN = Texts.load("en")


def entry(name: str, circle: str = "", shared: str = "", *, number: int = 0, **fields: object) -> Entry:
    contact = {"contact_id": f"c-{name}"} if circle else {}
    return Entry(
        id=name, name=name, circle=circle, shared=shared, created_at=START + timedelta(days=number), **contact, **fields  # type: ignore[arg-type]
    )  # fmt: skip


PLAN = [
    entry("role", role="planner"),
    entry("cold", "cold"),
    entry("role_shared", shared="Noor", organisation="Lantern"),
    entry("cold_shared", "cold", "Noor"),
    entry("lukewarm", "lukewarm"),
    entry("lukewarm_shared", "lukewarm", "Noor"),
    entry("warm_later", "warm", number=2),
    entry("warm_interesting", "warm", number=3, interesting=True),
    entry("warm", "warm"),
]
IN_ORDER = [
    "warm_interesting", "warm", "warm_later", "lukewarm_shared", "lukewarm", "cold_shared", "role_shared", "cold",
    "role",
]  # fmt: skip


def names(entries: list[Entry]) -> list[str]:
    return [each.entry.id for each in ordered(entries, EN)]


def test_the_proposed_order_and_its_reasons() -> None:
    assert names(PLAN) == IN_ORDER
    why = {each.entry.id: each.why for each in ordered(PLAN, EN)}
    assert why["lukewarm_shared"] == "You both know Noor: begin with that name."
    assert why["cold_shared"] == "Better through Noor than straight away."
    assert why["warm"] == "warm knows you, so this is a good place to begin."


def test_the_owners_own_place_wins() -> None:
    moved = [Entry(**{**_fields(each), "position": 1}) if each.id == "cold" else each for each in PLAN]
    assert names(moved)[0] == "cold"
    assert ordered(moved, EN)[0].why == "You put it here yourself."
    whole = [Entry(**{**_fields(each), "position": number}) for number, each in enumerate(PLAN, 1)]
    assert names(whole) == [each.id for each in PLAN]


def _fields(each: Entry) -> dict[str, object]:
    return {name: getattr(each, name) for name in Entry.__slots__}


@given(st.integers(0, 1000), st.sets(st.sampled_from(IN_ORDER)))
def test_any_order_in_gives_the_same_order_out(seed: int, kept: set[str]) -> None:
    some = [each for each in PLAN if each.id in kept]
    random.Random(seed).shuffle(some)
    assert names(some) == [each for each in IN_ORDER if each in kept]
