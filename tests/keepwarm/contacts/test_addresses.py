"""The canonical form of an address, and what a gone person is remembered by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepwarm.contacts import match_form, tombstone_keys


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("Noor@Example.ORG", "noor@example.org"),
        ("noor+news@example.org", "noor@example.org"),
        ("noor.smit@example.org", "noor.smit@example.org"),
        ("n.o.or+x@gmail.com", "noor@gmail.com"),
        ("n.oor@googlemail.com", "noor@gmail.com"),
        ("+31612345678@example.org", "+31612345678@example.org"),
        ("linkedin:Noor-Smit", "linkedin:noor-smit"),
        ("...@gmail.com", "...@gmail.com"),
        ("", ""),
    ],
)
def test_forms_that_reach_the_same_mailbox_match(address: str, form: str) -> None:
    assert match_form(address) == form


@given(st.text(max_size=30))
def test_the_form_of_a_form_is_itself(address: str) -> None:
    assert match_form(match_form(address)) == match_form(address)


def test_a_gone_person_is_remembered_by_every_address() -> None:
    keys = tombstone_keys("Noor Smit", "Example", "vcf", ["noor+a@example.org", "noor@example.org", "linkedin:noor"])
    assert keys == ("noor@example.org", "linkedin:noor")


def test_without_an_address_name_organisation_and_source_stand_in() -> None:
    (key,) = tombstone_keys("Smit, Noor", " Example ", "linkedin", [])
    assert key == tombstone_keys("Noor Smit", "example", "linkedin", [])[0]
    assert key != tombstone_keys("Noor Smit", "example", "vcf", [])[0]
    assert key != tombstone_keys("Noor Smit", "other", "linkedin", [])[0]
