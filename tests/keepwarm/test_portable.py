"""The shape of the export: the guide names every field, and nothing passes that the shape does not know."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from keepwarm.bounds import FIRST_DAY, LAST_DAY
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
        ("meeting", {"uid": "u"}, {"uid": "u", "occurrence": ""}), ("label", " a \n b ", "a b"),
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
        ("text", 5), ("text", "x" * 20_001), ("line", ["a"]), ("line", "x" * 20_001), ("label", 5), ("flag", 1),
        ("number", True), ("number", 1.5), ("number", -1), ("number", 10**30), ("key", "a b"), ("key", "é"),
        ("moment", "2026-11-23"), ("moment", 5), ("moment", "0001-01-01T00:00Z"), ("moment", "9999-12-31T23:00-12:00"),
        ("moment", "2300-01-01T00:00Z"), ("wall", "2026-11-23T09:00Z"), ("wall", "nine"), ("day", "2026-13-01"),
        ("choice", "zzz"), ("choice", {"a": 1}), ("choice", ["a"]), ("country", "nl"), ("country", "NLD"),
        ("zone", "Mars/Base"), ("zone", ["UTC"]), ("link", "javascript:alert(1)"), ("link", "//x.example"),
        ("id", "a/b"), ("id", ""), ("meeting", "u"), ("words", "abc"), ("keys", "a"), ("texts", []), ("texts", "ab"),
        ("worded", 5), ("own_addresses", {}), ("settings", []),
    ],
)  # fmt: skip
def test_a_value_that_may_not_stand_refuses_its_entry(kind: str, raw: object) -> None:
    with pytest.raises(Unreadable):
        entry(one(kind, choices=("a", "b")), {"x": raw})
    spare = entry(one(kind, choices=("a", "b"), spare=True), {"x": raw})
    assert (spare.values["x"], spare.odd) == (EMPTY.get(kind), ("x",))


@pytest.mark.parametrize(
    ("kind", "raw", "kept"),
    [
        ("words", [1, "a"], ["a"]), ("keys", ["zzz", "b", {}], ["b"]), ("ids", [None, "", "a1", "a/b"], ["a1"]),
        ("refs", ["role", "²", "a b", "x" * 65], ["role"]),
        ("addresses", [{}, "a", {"address": "a@b.org"}], ["a@b.org"]),
        ("cards", [{"source": "", "ref": "x"}], []), ("participants", [{"address": "a@b.org", "roles": ["from"]}], []),
        ("texts", {"a": "x", "z": "y", "b": 5}, {"a": "x"}),
        ("questions", ["Why?", "{password}", "{x", "", "{name.__class__}", "Who is {name}?"],
         ["Why?", "Who is {name}?"]),
        ("worded", {"thanks": "{x", "role": "So?", "a b": "Why?"}, {"role": "So?"}),
        ("asked", ["a", {"worded": {"y": "{so}", "²": "b"}, "order": ["talk_1", "talk_²"]}, ["b"]],
         ["a", {"worded": {"y": "{so}"}, "order": ["talk_1"]}]),
        ("settings", {"weekly_people": 19_999_999, "daily_nudges": 2}, {"daily_nudges": 2}),
        ("settings", {"backlog_weeks": 0, "weekly_people": "3", "digest_weekday": 7, "quiet_from": "25:00",
                      "weekend": list(range(7)), "brief_time": 5}, {}),
        ("settings", {"stopped": ["zzz", "nudge"]}, {"stopped": ["nudge"]}),
        ("settings", {"stopped": 5, "weekend": [0]}, {"weekend": [0]}),
    ],
)  # fmt: skip
def test_what_is_odd_in_a_value_is_left_out_and_told(kind: str, raw: object, kept: object) -> None:
    found = entry(one(kind, choices=("a", "b")), {"x": raw})
    assert (found.values["x"], found.odd) == (kept, ("x",))


@pytest.mark.parametrize(
    ("kind", "raw", "kept"),
    [
        ("day", "2999-01-01", LAST_DAY), ("day", "0001-01-01", FIRST_DAY), ("label", "x" * 3_000_000, "x" * 20_000),
        ("moment", "1899-12-31T23:00Z", datetime(1899, 12, 31, 23, tzinfo=UTC)),
        ("choice", "", None), ("zone", "", ""), ("country", "", ""), ("link", "", ""),
    ],
)  # fmt: skip
def test_what_goes_too_far_is_cut_where_nothing_is_lost(kind: str, raw: object, kept: object) -> None:
    found = entry(one(kind), {"x": raw})
    assert (found.values["x"], found.odd) == (kept, ())


@pytest.mark.parametrize("kind", ["line", "label", "zone", "wall"])
def test_what_is_needed_is_not_blank(kind: str) -> None:
    with pytest.raises(Unreadable):
        entry(one(kind, needed=True), {"x": " " if kind in {"line", "label"} else ""})


def fields() -> list[tuple[Section, Field]]:
    return [(section, each) for section in SECTIONS for each in section.fields]


def test_no_key_is_taken_that_no_table_of_ours_knows() -> None:
    """A field of the bare kind ``key`` takes any letters: the salt, which is compared and never looked up."""
    assert [each.name for _, each in fields() if each.kind == "key"] == ["salt"]
    assert [each.name for _, each in fields() if each.kind in {"choice", "keys", "texts"} and not each.choices] == []


def test_somebody_with_one_odd_field_is_kept_without_it() -> None:
    people = section_named("people")
    assert people
    whole = {"id": "a", "name": "Bo", "state": "active", "proposed_at": "2026-11-23T09:00:00Z"}
    odd = {"lang": "de", "register": "xx", "rhythm_days": 100_000, "paused_until": "soon", "circle": "hot",
           "can_help": ["zzz"], "accepted_at": "then", "addresses": [{"address": "a b"}], "cards": [5]}  # fmt: skip
    found = entry(people, whole | odd)
    assert found.values["name"] == "Bo"
    assert sorted(found.odd) == sorted(odd)
    assert {found.values[name] or None for name in odd} == {None}


def test_a_place_that_nobody_knows_is_left_out() -> None:
    section = section_named("owner")
    assert section
    found = entry(section, {"name": "Sam", "lang": "xx", "zone": "Mars/Base", "country": "Nowhere"})
    assert (found.values["name"], found.odd) == ("Sam", ("country", "lang", "zone"))


def test_a_pause_and_what_addresses_a_calendar_do_not_go_along() -> None:
    assert not {"held", "held_until", "feed_round"} & SETTINGS.keys()
