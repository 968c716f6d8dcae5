"""Who is drawn like somebody known is told, and honest people are left alone (RELIABILITY.md E6)."""

from __future__ import annotations

import pytest

from keepwarm.contacts import Doubt, doubt, doubt_words, familiar
from keepwarm.texts import Texts

KNOWN = familiar(
    [("1", "Noor Jansen", ["noor@lantern.example"]), ("2", "José Díaz", ["jose@far.example"])],
    "Robin Owner",
    ["robin@example.org"],
)


@pytest.mark.parametrize(
    ("name", "address", "key"),
    [
        ("N\u043e\u043er Jansen", "x@y.example", "like_name"),  # Cyrillic o
        ("Noor Janseո", "x@y.example", "like_name"),  # Armenian
        ("\uff2eoor Jansen", "x@y.example", "like_name"),  # full width
        ("Robin Owner", "x@y.example", "your_name"),
        ("Somebody", "noor@lantem.example", "like_address"),
        ("Somebody", "n0or@lantern.example", "like_address"),
        ("Somebody", "noor@xn--lntern-3nf.example", "like_address"),  # Cyrillic a
        ("Somebody", "r0bin@example.org", "like_address"),
        ("P\u0430ul", "x@y.example", "mixed"),
    ],
)
def test_look_alikes_are_told(name: str, address: str, key: str) -> None:
    found = doubt(("9", name, [address]), KNOWN)
    assert found is not None
    assert found.key == key


@pytest.mark.parametrize(
    "name",
    [
        "Noor Jansen",
        "NOOR JANSEN",
        "Jose Diaz",
        "Иван Петров",
        "李 Wei",
        "Ελένη Παππά",
        "Noor",
        "Mª José Ñuño",
        "שלום",
        "山田さくらスズキ",
        "",
    ],
)
def test_honest_people_are_left_alone(name: str) -> None:
    assert doubt(("9", name, ["somebody@elsewhere.example"]), KNOWN) is None


def test_nobody_is_like_themselves() -> None:
    assert doubt(("1", "Noor Jansen", ["noor@lantern.example", "Noor+list@lantern.example"]), KNOWN) is None


@pytest.mark.parametrize("lang", ["en", "nl"])
def test_every_doubt_has_its_sentence(lang: str) -> None:
    said = {
        doubt_words(Texts.load(lang), Doubt(key=key, value="Noor"))
        for key in ("like_address", "like_name", "your_name", "mixed")
    }
    assert len(said) == 4
    assert doubt_words(Texts.load(lang), None) == ""
