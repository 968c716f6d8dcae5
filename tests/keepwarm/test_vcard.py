"""A person as a vCard: all that is known is in it, and nothing that was typed becomes a line of its own."""

from __future__ import annotations

import pytest

from keepwarm.vcard import Card, vcard

HOSTILE = (
    "Ann\r\nEMAIL:evil@example.com", "a;b,c\\d", "x" * 900, "Łukasz 李 " * 40, "\x00\x1b[2J", "END:VCARD\nBEGIN:VCARD",
    "\u2028TEL:1", "=cmd()",
)  # fmt: skip


def unfolded(data: bytes) -> list[str]:
    return data.decode().replace("\r\n ", "").split("\r\n")[:-1]


def test_a_card_holds_what_is_known() -> None:
    card = Card(
        uid="keepwarm-1", name="Ann Example", addresses=["ann@example.org", "a@example.com"], phones=["+31 6 123"],
        profiles=["https://www.linkedin.com/in/ann"], organisation="Sample; Sons", role="Chair", birthday="1980-02-29",
        tags=["choir", "Utrecht, east"],
    )  # fmt: skip
    assert unfolded(vcard(card)) == [
        "BEGIN:VCARD", "VERSION:4.0", "UID:keepwarm-1", "FN:Ann Example", "N:Example;Ann;;;",
        "EMAIL;PREF=1:ann@example.org",
        "EMAIL:a@example.com", "TEL;VALUE=text:+31 6 123", "URL:https://www.linkedin.com/in/ann", "ORG:Sample\\; Sons",
        "TITLE:Chair", "BDAY:19800229", "CATEGORIES:choir,Utrecht\\, east", "END:VCARD",
    ]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_typed_becomes_a_line(text: str) -> None:
    card = Card(uid="u", name=text, addresses=[text], organisation=text, role=text, profiles=[text], tags=[text, text])
    data = vcard(card)
    names = [line.partition(":")[0] for line in unfolded(data)]
    names = [each for each in names if each not in ("EMAIL", "URL")]  # left out where the text is no address
    assert names == ["BEGIN", "VERSION", "UID", "FN", "N", "ORG", "TITLE", "CATEGORIES", "END"]
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))


@pytest.mark.parametrize("name", ["é" * 100, "💡" * 40, "a" * 74, "x" * 1999, "Ji\u0159í " * 30])
def test_a_line_is_folded_between_characters_and_comes_back(name: str) -> None:
    data = vcard(Card(uid="1", name=name, organisation=name, birthday="--04-12"))
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    assert f"ORG:{name.strip()}" in unfolded(data)
    assert b"BDAY:--0412" in data


@pytest.mark.parametrize(
    ("card", "line"),
    [
        (Card(uid="1", name="Jan de Vries"), "N:de Vries;Jan;;;"),
        (Card(uid="1", name="Sukarno"), "N:;Sukarno;;;"),
        (Card(uid="1", name="a;b,c\\d"), "FN:a\\;b\\,c\\\\d"),
        (Card(uid="1", name="x", birthday="1985-04-12"), "BDAY:19850412"),
        (Card(uid="1", name="x", addresses=("a@example.org", "b@example.org")), "EMAIL;PREF=1:a@example.org"),
        (Card(uid="1", name="x", addresses=("a@example.org",)), "EMAIL:a@example.org"),
    ],
)
def test_a_card_says_it_as_the_standard_wants(card: Card, line: str) -> None:
    assert line in unfolded(vcard(card))


@pytest.mark.parametrize("odd", ["a b@example.org", "<a@example.org>", "x\r\nNOTE:y", ""])
def test_what_is_no_address_is_left_out(odd: str) -> None:
    found = unfolded(vcard(Card(uid="1", name="x", addresses=[odd], profiles=[odd], birthday=odd)))
    assert not [line for line in found if line.startswith(("EMAIL", "URL", "BDAY", "NOTE"))]


def test_somebody_without_a_name_is_called_by_an_address() -> None:
    assert "FN:ann@example.org" in unfolded(vcard(Card(uid="u", name="", addresses=["ann@example.org"])))
    assert "FN:-" in unfolded(vcard(Card(uid="u", name="")))
