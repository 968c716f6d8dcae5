"""Foreign text fit to be shown: nothing hides, turns, steers or floods; honest names survive."""

from __future__ import annotations

import pytest

from integrations.wire.mime.words import INVISIBLE
from keepwarm.foreign import HIDDEN, MARKS, files_as_text, one_line, shown

HONEST = (
    "Zoë Ångström",
    "Nguyễn Thị Hương",
    "שָׁלוֹם לֵוִי",
    "محمد بن سلمان",
    "李小龍",
    "Ľubomír Žiška",
    "สมชาย ใจดี",
    "Ελένη Παππά",
)


@pytest.mark.parametrize("name", HONEST)
def test_honest_names_survive(name: str) -> None:
    assert one_line(name, 120) == name


@pytest.mark.parametrize(
    ("text", "is_"),
    [
        ("a\u202eb", "ab"), ("a\u2800\u3164b", "ab"), ("a\U000e0041b", "ab"), ("\x1b[31ma\x9b", "[31ma"),
        ("a\u2028b", "a\nb"),
        ("a\r\nb\rc\x0bd", "a\nb\nc\nd"), ("\ud800a", "a"), ("tab\tstays", "tab\tstays"), ("", ""),
    ],
)  # fmt: skip
def test_what_hides_or_steers_is_gone_and_lines_stay_lines(text: str, is_: str) -> None:
    assert shown(text) == is_


def test_a_flood_of_marks_is_cut() -> None:
    assert len(shown("Z" + "\u0336\u0353" * 500 + "o")) == MARKS + 2


def test_a_long_line_is_cut_visibly() -> None:
    assert one_line("word " * 5000, 20) == "word word word word…"
    assert len(one_line("x" * 10_000, 160)) == 160


def test_all_that_the_mail_reader_drops_is_dropped_here_too() -> None:
    every = map(chr, range(0x110000))
    assert [each for each in every if INVISIBLE.match(each) and not HIDDEN.match(each) and each not in "\t\n"] == []


def test_an_import_is_called_by_its_first_files_in_any_language() -> None:
    assert files_as_text(["/data/mail/Sent.mbox"]) == "Sent.mbox"
    assert files_as_text(["/data/mail/", "a.ics", "b.vcf"]) == "mail, a.ics, b.vcf"
    assert files_as_text(["a", "b", "c", "d"]) == "a, b, c …"
    assert files_as_text(["/data/odd\udcff\u202e.mbox"]) == "odd\\xff\\u202e.mbox"
