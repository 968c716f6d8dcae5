"""Names fit to be shown, and names that can be one person's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepwarm.contacts import best_name, clean_name, compatible_name, name_from_address
from keepwarm.contacts.names import is_personal


@pytest.mark.parametrize(
    ("seen", "shown"),
    [
        ("Smit, Noor", "Noor Smit"),
        ("Vries, Jan de", "Jan de Vries"),
        ("Vries, de, Jan", "Jan de Vries"),
        ("Smit, Noor, PhD", "Noor Smit"),
        ("Noor Smit, MD", "Noor Smit"),
        ("Houten K.L. van", "K.L. van Houten"),
        ("Example Works, Inc.", "Example Works, Inc."),
        ("Voorbeeld, B.V.", "Voorbeeld, B.V."),
        ("'Noor Smit'", "Noor Smit"),
        ('"Noor" Smit', "Noor Smit"),
        ("Noor Smit via Walking Club", "Noor Smit"),
        ("Noor Smit (by way of the list)", "Noor Smit"),
        ("Noor Smit (Example)", "Noor Smit"),
        ("[EXT] Noor Smit", "Noor Smit"),
        ("Cc: Noor Smit", "Noor Smit"),
        ("JAN DE VRIES", "Jan de Vries"),
        ("DE VRIES, JAN", "Jan de Vries"),
        ("SEAN O'NEIL", "Sean O'Neil"),
        ("ANNE-MARIE SMIT", "Anne-Marie Smit"),
        ("IBM", "IBM"),
        ("N . S . Smit", "N. S. Smit"),
        ("Olivia van der Berg", "Olivia van der Berg"),
        ("noor@example.org", ""),
        ("=?utf-8?q?broken", ""),
        ("  ", ""),
        ("-- 12", ""),
    ],
)
def test_a_name_is_cleaned(seen: str, shown: str) -> None:
    assert clean_name(seen) == shown


@pytest.mark.parametrize(
    ("seen", "best"),
    [
        ([("Noor", 40), ("Noor Smit", 12)], "Noor Smit"),
        ([("N. Smit", 40), ("Noor Smit", 12)], "Noor Smit"),
        ([("Noor Smit", 99), ("My Dear Sister Noor", 1)], "Noor Smit"),
        ([("Noor", 99), ("Noor Smit", 1)], "Noor Smit"),
        ([("NOOR SMIT", 5), ("Smit, Noor", 1)], "Noor Smit"),
        ([("noor smit", 5), ("Noor Smit", 4)], "Noor Smit"),
        ([("noor@example.org", 9), ("", 3)], ""),
        ([], ""),
    ],
)
def test_the_most_informative_name_wins(seen: list[tuple[str, int]], best: str) -> None:
    assert best_name(seen) == best
    assert best_name(seen[::-1]) == best


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("jan.de.vries@example.org", "Jan de Vries"),
        ("noor_smit2@example.org", "Noor Smit"),
        ("j.smit+x@example.org", "J. Smit"),
        ("noor@example.org", "noor@example.org"),
        ("a.b@example.org", "a.b@example.org"),
        ("x9y.z@example.org", "x9y.z@example.org"),
    ],
)
def test_a_readable_local_part_serves_as_a_name(address: str, name: str) -> None:
    assert name_from_address(address) == name


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("M. de Vries", "Maria de Vries", True),
        ("M.A. de Vries", "Maria Anna Vries", True),
        ("de Vries, Maria", "Maria de Vries", True),
        ("Maria Vries", "MARIA DE VRIES", True),
        ("José Muñoz", "Jose Munoz", True),
        ("Jürgen Groß", "Juergen Gross", True),
        ("Noor van Dam", "Noor Elise van Dam", True),
        ("Dr. Noor Smit", "Noor Smit", True),
        ("Noor", "Noor Smit", True),
        ("Smit Noor", "Noor Smit", True),
        ("", "Noor Smit", True),
        ("noor@example.org", "Noor Smit", True),
        ("陳大文", "Tai Man Chan", True),
        ("Jan Smit", "Noor Smit", False),
        ("Noor Smit", "Noor Jansen", False),
        ("Liz Smit", "Elizabeth Smit", False),
        ("J. D.", "Jan Dekker", False),
        ("N. Smit", "Jan Smit", False),
        ("Jan Jan", "Jan Smit", False),
    ],
)
def test_names_that_can_be_one_persons(a: str, b: str, *, same: bool) -> None:
    assert compatible_name(a, b) is same
    assert compatible_name(b, a) is same


@pytest.mark.parametrize(
    ("name", "personal"),
    [
        ("Noor Smit", True),
        ("J. de Vries", True),
        ("Ann List", True),
        ("Matt Daemon", True),
        ("Noor", False),
        ("Customer Service", False),
        ("Team Example", False),
        ("Example 24 Online", False),
        ("", False),
    ],
)
def test_a_persons_name_is_told_from_a_services(name: str, *, personal: bool) -> None:
    assert is_personal(name) is personal


@given(st.text(max_size=200), st.text(max_size=40))
def test_no_text_breaks_the_functions(a: str, b: str) -> None:
    assert len(clean_name(a)) <= 130
    assert compatible_name(a, b) == compatible_name(b, a)
    assert compatible_name(a, a)
