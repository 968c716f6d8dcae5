"""The machine can fail: every defect of `broken` is found. A judge that finds nothing proves nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keepwarm.store import Store
from tests.rings.laws.broken import DEFECTS, Defect
from tests.rings.laws.house import Violation
from tests.rings.laws.lives import live, machine, scene

LIVES = 200  # ours: what a defect may take to be found; most take fewer than five
STEPS = 15
QUICK = frozenset({"nobody delivers", "deadline ignored", "cursor without the page"})

WORK = ("a_worker_works", "all_is_done", "a_worker_dies", "a_lease_runs_out")
STALL = ("a_worker_stalls", "a_stalled_worker_goes_on")
SCENES: dict[str, tuple[str, ...]] = {
    "sending": (*WORK, *STALL, "a_talk_comes_near", "an_answer_gets_lost"),
    "changing": ("a_worker_works", "a_talk_comes_near", "a_talk_is_moved", "a_talk_is_cancelled", "a_hint_comes"),
    "held": (*STALL, "a_worker_works", "stops_everything", "a_talk_comes_near", "a_lease_runs_out"),
    "reading": (*WORK, *STALL, "a_mail", "mails_both_ways", "what_we_made_comes_back", "the_same_again"),
    "people": ("says", "erases", "mails_both_ways", "all_is_done", "time_passes"),
    "entries": (
        "moves_an_entry", "deletes_an_entry", "an_answer_gets_lost", "mails_both_ways", "a_talk_is_booked",
        "all_is_done", "time_passes",
    ),
}  # fmt: skip


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """All defects in full; in a sample those that are found within a minute."""
    full = metafunc.config.getoption("--full")
    tried = [each for each in DEFECTS if full or each.name in QUICK]
    metafunc.parametrize("defect", tried, ids=lambda each: each.name)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_defect_is_found(
    defect: Defect, on_sqlite: Callable[[Path], Store], ring: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    defect.apply(monkeypatch)
    tried = scene(machine(on_sqlite), SCENES[defect.scene])
    with pytest.raises(Violation) as found:
        live(tried, examples=LIVES, steps=STEPS, by=ring.seed, shrink=False)
    ring.record(lives=tried.lived["lives"], law=str(found.value))
