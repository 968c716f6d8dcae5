"""What part of the rings runs: drawn by the seed, another each day, and each test soon."""

from __future__ import annotations

from tests.report import drawn

RING = [f"tests/rings/laws/test_breaking.py::test_a_defect_is_found[{number}]" for number in range(400)]


def test_a_share_is_about_that_much_and_the_same_for_the_same_seed() -> None:
    part = [each for each in RING if drawn(each, 20270301, 0.5)]
    assert 160 < len(part) < 240
    assert part == [each for each in RING if drawn(each, 20270301, 0.5)]


def test_every_test_comes_up_within_days() -> None:
    days = range(20270301, 20270313)
    assert all(any(drawn(each, day, 0.5) for day in days) for each in RING)


def test_whole_runs_are_in_every_part_and_a_whole_share_is_everything() -> None:
    assert drawn("tests/test_end_to_end.py::test_main_job", 1, 0.0)
    assert all(drawn(each, 1, 1.0) for each in RING)
