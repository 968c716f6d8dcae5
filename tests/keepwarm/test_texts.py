"""Sentences and dates in both languages, and that no Dutch sentence is missing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.extract import extract_from_dir

from keepwarm.texts import LANGUAGES, Texts

ROOT = Path(__file__).resolve().parents[2]
WORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "texts": None, "mark": None, "t": None}
PACKAGES = ("keepwarm", "workers", "service", "integrations")
PAGES = [("**.html", "jinja2"), ("**.txt", "jinja2")]
SENTENCE = re.compile(r"[A-Z][^\n]* [^\n]*[.]")
OPTIONS = {pattern: {"extensions": "jinja2.ext.i18n"} for pattern, _ in PAGES}


@lru_cache
def messages_in(package: str) -> tuple[tuple[str, str], ...]:
    """(message, where) for every sentence that a package says to people; plurals by their singular."""
    return tuple(_messages_in(ROOT / package))


def _messages_in(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if said := _said(node):
                yield said, f"{path.relative_to(ROOT)}:{node.lineno}"
    for name, line, message, _, _ in extract_from_dir(folder, method_map=PAGES, options_map=OPTIONS, keywords=WORDS):
        if first := message[0] if isinstance(message, tuple) else message:
            yield first, f"{folder.name}/{name}:{line}"


def _said(node: ast.AST) -> str:
    """The sentence of a call to one of WORDS, empty for anything else."""
    if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
        return ""
    name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
    value = node.args[0].value
    return value if name in WORDS and isinstance(value, str) else ""


def places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_sentence_has_its_dutch(package: str) -> None:
    dutch = Texts.load("nl")
    known = {*dutch.sentences, *dutch.plurals}
    missing = sorted({f"{where}: {message}" for message, where in messages_in(package) if message not in known})
    assert not missing


def test_no_dutch_is_left_of_sentences_that_are_gone() -> None:
    """A sentence is there while it is said, or stands in the code for one who says it by a variable."""
    said = {message for package in PACKAGES for message, _ in messages_in(package)}
    stands = {text for package in PACKAGES for text in _strings(ROOT / package)}
    dutch = Texts.load("nl")
    assert not {*dutch.sentences, *dutch.plurals} - said - stands


def _strings(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_every_reason_of_the_readers_is_marked() -> None:
    """A sentence in integrations/ ends as a reason in front of people: in quarantine, a check or the outbox."""
    loose: list[str] = []
    for path in sorted((ROOT / "integrations").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        marked = {node.args[0].lineno for node in ast.walk(tree) if isinstance(node, ast.Call) and _said(node)}
        documented = {node.value.lineno for node in ast.walk(tree) if isinstance(node, ast.Expr) and _constant(node)}
        loose += [
            f"{path.relative_to(ROOT)}:{node.lineno}: {node.value}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and SENTENCE.fullmatch(node.value)
            and node.lineno not in marked | documented
        ]
    assert not loose


def _constant(node: ast.Expr) -> bool:
    return isinstance(node.value, ast.Constant)


def test_the_collector_finds_sentences() -> None:
    found = {message for message, _ in messages_in("keepwarm")}
    assert {"You declined it.", "To ask:", "{most} and {last}"} <= found


def test_translations_fill_the_same_places() -> None:
    dutch = Texts.load("nl")
    wrong = [english for english, text in dutch.sentences.items() if places(english) != places(text)]
    assert not wrong


def test_no_text_shouts() -> None:
    dutch = Texts.load("nl")
    assert not [text for text in (*dutch.sentences, *dutch.sentences.values()) if "!" in text]


@pytest.mark.parametrize(
    ("lang", "expected"),
    [("nl", "dinsdag 1 december, 09:30"), ("en", "Tuesday 1 December, 09:30")],
)
def test_a_moment_says_whose_clock_only_when_asked(lang: str, expected: str) -> None:
    at, texts = datetime(2026, 12, 1, 8, 30, tzinfo=UTC), Texts.load(lang)
    assert texts.moment(at, "Europe/Amsterdam") == expected
    assert texts.moment(at, "Europe/Amsterdam", place=True) == f"{expected} (Amsterdam)"


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", "UTC"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires"),
        ("Etc/GMT-3", "GMT-3"),
        ("America/New_York", "New York"),
    ],
)
def test_a_zone_is_named_after_its_city(zone: str, expected: str) -> None:
    assert Texts.load("en").place(zone) == expected


@pytest.mark.parametrize(
    ("lang", "days", "expected"),
    [
        ("nl", 95, "3 maanden geleden"),
        ("en", 95, "3 months ago"),
        ("en", 1, "1 day ago"),
        ("nl", 0, "vandaag"),
        ("en", 0, "today"),
    ],
)
def test_ago_is_said_in_words(lang: str, days: int, expected: str) -> None:
    assert Texts.load(lang).ago(timedelta(days=days)) == expected


@pytest.mark.parametrize(
    ("parts", "expected"), [([], ""), (["a"], "a"), (["a", "b"], "a en b"), (["a", "b", "c"], "a, b en c")]
)
def test_join_reads_as_a_sentence(parts: list[str], expected: str) -> None:
    assert Texts.load("nl").join(parts) == expected


def test_small_forms() -> None:
    texts = Texts.load("en")
    assert texts.date(date(2026, 12, 1)) == "1 December 2026"
    assert texts.duration(timedelta(minutes=15)) == "15 minutes"
    assert texts.ngettext("{number} person", "{number} people", 1) == "1 person"
    assert texts.ngettext("{number} person", "{number} people", 0) == "0 people"


def test_values_with_braces_stay_as_they_are() -> None:
    assert Texts.load("en")("Get in touch with {name}", name="{x}") == "Get in touch with {x}"


def test_an_unknown_language_is_english() -> None:
    assert Texts.load("xx").lang == LANGUAGES[0] == "en"
