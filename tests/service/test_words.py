"""Keys in words: nothing that reading, planning or sending names is shown as a bare key."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.google import headers
from integrations.wire.mime.items import LEFT_OUT
from keepwarm.questions import GOALS, REGISTERS, TYPES
from keepwarm.store.moving.into import NOBODY
from keepwarm.texts import LANGUAGES, Texts
from service.words import WORDS, sentence, word
from workers.effects import EFFECTS

ROOT = Path(__file__).resolve().parents[2]


def reasons_to_skip() -> Iterator[str]:
    """Every reason that a reader in integrations/ gives a `Skipped`, and those of the store."""
    store = ast.parse((ROOT / "keepwarm" / "store" / "items.py").read_text(encoding="utf-8"))
    left_out = next(each for each in ast.walk(store) if getattr(each, "name", "") == "_left_out")
    yield from (node.value for node in ast.walk(left_out) if isinstance(node, ast.Constant) and node.value)
    yield NOBODY
    for path in (ROOT / "integrations").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Skipped":
                given = next(each.value for each in node.keywords if each.arg == "reason")
                yield from (each.value for each in ast.walk(given) if isinstance(each, ast.Constant))


def test_every_reason_to_skip_has_its_words() -> None:
    used = {*reasons_to_skip(), *LEFT_OUT, *headers.LEFT_OUT.values()}
    assert used >= {
        "ours",
        "stays_away",
        "not_an_event",
        "superseded",
        "too_many",
        "no_occurrence",
        "group",
        "empty",
        "no_name",
    }
    assert used == set(WORDS["skipped"])


def test_every_type_goal_and_register_has_its_words() -> None:
    assert set(TYPES) == set(WORDS["talk"])
    assert {"", *GOALS} == set(WORDS["goal"])
    assert {each for pair in REGISTERS.values() for each in pair} == set(WORDS["register"])
    assert set(EFFECTS) == set(WORDS["outbox_kind"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_words_show_no_key(lang: str) -> None:
    texts = Texts.load(lang)
    assert not [key for kind, words in WORDS.items() for key in words if "_" in word(texts, kind, key)]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [("This file is empty.", "Dit bestand is leeg."), ("The talk was moved.", "Het gesprek is verzet.")],
)
def test_a_kept_reason_is_said_in_the_language_of_the_owner(reason: str, expected: str) -> None:
    assert sentence(Texts.load("nl"), reason) == expected
    assert sentence(Texts.load("en"), reason) == reason
