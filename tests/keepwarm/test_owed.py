"""What is owed: by when, what is pressing, and how it is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from keepwarm.owed import Owed, pressing, says, thanks_due
from keepwarm.texts import Texts

NOW = datetime(2026, 11, 25, 7, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def one(kind: str = "thanks", due_in: float = 0, ref: str = "e1") -> Owed:
    return Owed(
        kind=kind, contact_id="c1", name="Noor", about="Ann" if kind in {"introduction", "word"} else "send the book",
        ref=ref, since=NOW - 20 * HOUR, due_at=NOW + due_in * HOUR,
    )  # fmt: skip


def test_thanks_are_due_within_a_day_and_among_familiars_within_five() -> None:
    assert thanks_due(NOW, "lukewarm") == NOW + timedelta(hours=24)
    assert thanks_due(NOW, "cold") == NOW + timedelta(hours=24)
    assert thanks_due(NOW, "warm") == NOW + timedelta(days=5)


@pytest.mark.parametrize(
    ("due_in", "named"), [(37, False), (36, True), (0, True), (-14 * 24, True), (-14 * 24 - 1, False)]
)
def test_what_is_pressing(due_in: float, named: bool) -> None:
    assert bool(pressing([one(due_in=due_in)], NOW)) is named


def test_the_most_pressing_comes_first() -> None:
    found = pressing([one(due_in=5, ref="b"), one(due_in=-3, ref="c"), one(due_in=5, ref="a")], NOW)
    assert [each.ref for each in found] == ["c", "a", "b"]


@pytest.mark.parametrize("kind", ["thanks", "promise", "introduction", "word"])
@pytest.mark.parametrize("lang", ["en", "nl"])
def test_it_is_said_in_one_sentence_without_blame(kind: str, lang: str) -> None:
    said = says(one(kind, 5), NOW, "Europe/Amsterdam", Texts.load(lang))
    assert "{" not in said
    assert not {"!", "overdue", "late", "te laat", "must", "moet"} & set(said.lower().split())
    assert ("Wednesday" in said or "woensdag" in said) == (kind != "introduction")
