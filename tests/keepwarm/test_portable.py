"""The shape of the export: the guide names every field, and nothing passes that the shape does not know."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from keepwarm.errors import Unreadable
from keepwarm.portable import SECTIONS, VERSION, Field, Section, entry, section_named
from keepwarm.portable.reading import EMPTY, KINDS, SETTINGS

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "export.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("section", SECTIONS, ids=lambda each: each.name)
def test_the_guide_names_every_field(section: Section) -> None:
    (line,) = [line for line in GUIDE.splitlines() if line.startswith(f"| `{section.name}`")]
    named = set(re.findall(r"`(\w+)`", line.split("|")[3]))
    assert {each.name for each in section.fields} <= named
    assert f'"version": {VERSION}' in GUIDE


def test_what_is_referred_to_stands_before() -> None:
    seen: set[str] = set()
    for section in SECTIONS:
        assert {each.refers for each in section.fields if each.refers} <= seen
        seen.add(section.name)


def test_every_kind_is_read() -> None:
    used = {each.kind for section in SECTIONS for each in section.fields}
    assert used <= KINDS.keys()
    assert EMPTY.keys() <= KINDS.keys()


def one(kind: str, **more: object) -> Section:
    return Section(name="profile", single=True, fields=(Field(name="x", kind=kind, **more),))  # type: ignore[arg-type]  # a field


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("text", "a\x00b\u202ec\nd", "abc\nd"), ("line", " a \n b ", "a b"), ("flag", None, False), ("number", 7, 7),
        ("key", "a-b_1", "a-b_1"), ("words", ["a"], ["a"]), ("addresses", [{"address": " A@B.org "}], ["a@b.org"]),
        ("settings", {"weekly_people": 3, "held": True, "feed_round": 4}, {"weekly_people": 3}),
        ("meeting", {"uid": "u"}, {"uid": "u", "occurrence": ""}), ("texts", {"nl": "x"}, {"nl": "x"}),
        ("own_addresses", [{"address": "a@b.org"}], [{"address": "a@b.org", "own": True}]),
        ("asked", ["a", {"hidden": ["x"], "worded": {"y": "b"}, "order": ["y"], "z": 1}, {"z": 1}],
         ["a", {"hidden": ["x"], "worded": {"y": "b"}, "order": ["y"]}]),
    ],
)  # fmt: skip
def test_a_value_is_kept_as_it_may_stand(kind: str, raw: object, value: object) -> None:
    assert entry(one(kind), {"x": raw}).values == {"x": value}


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("text", 5), ("text", "x" * 20_001), ("line", ["a"]), ("flag", 1), ("number", True), ("number", 1.5),
        ("number", -1), ("key", "a b"), ("key", "é"), ("moment", "2026-11-23"), ("moment", 5),
        ("moment", "0001-01-01T00:00Z"),
        ("day", "2026-13-01"), ("day", "9999-01-01"), ("words", "abc"), ("words", [1]), ("texts", []), ("id", "a/b"),
        ("ids", [None]), ("addresses", [{}]), ("addresses", ["a"]), ("cards", [{"source": "", "ref": "x"}]),
        ("participants", [{"address": "a@b.org", "roles": ["from"]}]), ("meeting", "u"), ("own_addresses", {}),
        ("settings", {"weekly_people": "3"}), ("settings", {"quiet_from": "25:00"}),
        ("settings", {"weekend": list(range(7))}),
        ("settings", {"digest_weekday": 7}), ("settings", []),
    ],
)  # fmt: skip
def test_a_value_that_may_not_stand_refuses_its_entry(kind: str, raw: object) -> None:
    with pytest.raises(Unreadable):
        entry(one(kind), {"x": raw})


@pytest.mark.parametrize(("lang", "zone"), [("xx", "UTC"), ("en", "Mars/Base")])
def test_a_place_that_nobody_knows_is_refused(lang: str, zone: str) -> None:
    section = section_named("owner")
    assert section
    with pytest.raises(Unreadable):
        entry(section, {"lang": lang, "zone": zone})


def test_a_pause_and_what_addresses_a_calendar_do_not_go_along() -> None:
    assert not {"held", "held_until", "feed_round"} & SETTINGS.keys()
