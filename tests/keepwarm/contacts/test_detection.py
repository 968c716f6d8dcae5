"""Whom detection proposes, what it attaches, who is likely the same."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepwarm.contacts import AddressFacts, CardFacts, Decisions, KnownContact, detect, match_form, tombstone_keys
from keepwarm.types import ContactCard

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
OWN = frozenset({"sam@example.org"})
NONE: frozenset[str] = frozenset()


def facts(address: str, name: str = "", **more: object) -> AddressFacts:
    """An address in touch both ways, unless ``more`` says otherwise."""
    values = {"sent": 2, "received": 2, "authored": 2, "first_at": AT, "last_at": AT} | more
    return AddressFacts(address=address, names=((name, 2),) if name else (), **values)  # type: ignore[arg-type] # a table


def card(number: int, name: str, *addresses: str, source: str = "vcf", **more: object) -> CardFacts:
    value = ContactCard(ref=f"r{number}", source=source, name=name, addresses=addresses, **more)  # type: ignore[arg-type] # a table
    return CardFacts(card_id=number, card=value)


def known(contact_id: str, name: str, *addresses: str, **more: object) -> KnownContact:
    values = {"state": "active", "organisation": "", "role": "", "origins": ("mail",)} | more
    return KnownContact(contact_id=contact_id, name=name, addresses=addresses, **values)  # type: ignore[arg-type] # a table


def noted(number: int, name: str, *addresses: str) -> CardFacts:
    """Somebody whom a provider noted from mail; no owner ever wrote them down."""
    return card(number, name, *addresses, source="google_other")


def proposed(found: Decisions) -> dict[str, tuple[str, ...]]:
    return {each.name: each.addresses for each in found.new}


@pytest.mark.parametrize(
    ("one", "yes"),
    [
        (facts("noor@example.com"), True),
        (facts("noor@gmail.com"), True),
        (facts("noor@example.com", received=0), False),
        (facts("noor@example.com", sent=0), False),
        (facts("noor@example.com", sent=0, received=0, meetings=1), True),
        (facts("club@example.com", group=True), False),
        (facts("room@example.com", resource=True), False),
        (facts("no-reply@example.com"), False),
        (facts("info@example.com", "Example Shop"), False),
        (facts("info@example.com", "Noor Smit"), True),
        (facts("sam@example.org"), False),
        (facts("sam+other@example.org"), False),
    ],
)
def test_people_in_touch_are_proposed(one: AddressFacts, *, yes: bool) -> None:
    assert bool(detect([one], [], [], NONE, OWN).new) is yes


def test_a_proposal_carries_what_is_known() -> None:
    noor = facts("noor@voorbeeld.example", "Smit, Noor", meetings=1, brought_by="jan@example.net")
    (new,) = detect([noor], [], [], NONE, OWN).new
    assert (new.name, new.organisation, new.brought_by) == ("Noor Smit", "Voorbeeld", "jan@example.net")
    assert new.origins == ("mail", "calendar")


def test_who_brought_them_is_told_by_the_earliest_address() -> None:
    early = facts("noor@example.com", "Noor Smit", brought_by="jan@example.net", first_at=AT - timedelta(days=9))
    late = facts("noor+x@example.com", "Noor Smit", brought_by="eva@example.net")
    (new,) = detect([late, early], [], [], NONE, OWN).new
    assert new.brought_by == "jan@example.net"


def test_the_same_mailbox_under_agreeing_names_is_one_person() -> None:
    found = detect([facts("n.smit@gmail.com", "Noor Smit"), facts("nsmit+a@gmail.com", "N. Smit")], [], [], NONE, OWN)
    assert [set(each.addresses) for each in found.new] == [{"n.smit@gmail.com", "nsmit+a@gmail.com"}]
    assert not found.likely


def test_the_same_mailbox_under_contradicting_names_is_asked() -> None:
    found = detect([facts("desk@example.com", "Noor Smit"), facts("desk+x@example.com", "Jan Vos")], [], [], NONE, OWN)
    assert len(found.new) == 2
    assert [(each.a, each.b, each.reason_key) for each in found.likely] == [("new:0", "new:1", "same_address")]


def test_a_card_joins_the_person_with_its_address() -> None:
    entry = card(
        7,
        "Smit, Noor",
        "noor@example.com",
        "noor@gmail.com",
        organisation="Works",
        role="Engineer",
        origins=("friends",),
    )
    (new,) = detect([facts("noor@example.com", "N. Smit")], [entry], [], NONE, OWN).new
    assert (new.name, new.organisation, new.role) == ("Noor Smit", "Works", "Engineer")
    assert (new.addresses, new.card_ids) == (("noor@example.com", "noor@gmail.com"), (7,))
    assert new.origins == ("mail", "address_book", "friends")


def test_a_cards_name_is_filled_up_and_never_contradicted() -> None:
    heard = AddressFacts(address="noor@example.com", names=(("Jan Vos", 9), ("Noor Smit", 3)))
    (new,) = detect([heard], [card(1, "N. Smit", "noor@example.com")], [], NONE, OWN).new
    assert new.name == "Noor Smit"


def test_a_card_brings_two_addresses_in_touch_together() -> None:
    both = [facts("noor@example.com", "Noor Smit"), facts("ns@example.net", "Noor Smit")]
    (new,) = detect(both, [card(1, "Noor Smit", "noor@example.com", "ns@example.net")], [], NONE, OWN).new
    assert set(new.addresses) == {"noor@example.com", "ns@example.net"}


def test_a_card_under_another_name_joins_nobody() -> None:
    found = detect([facts("desk@example.com", "Noor Smit")], [card(1, "Jan Vos", "desk@example.com")], [], NONE, OWN)
    assert proposed(found) == {"Noor Smit": ("desk@example.com",), "Jan Vos": ()}
    assert [each.reason_key for each in found.likely] == ["same_address"]


@pytest.mark.parametrize(
    ("entry", "yes"),
    [
        (card(1, "Noor Smit", "noor@example.com"), True),
        (card(1, "Noor Smit", "linkedin:noor", source="linkedin"), True),
        (card(1, "Noor Smit", source="facebook"), True),
        (card(1, "", "noor@example.com"), True),
        (card(1, "Mum"), True),
        (card(1, "Noor Smit", "info@noorsmit.example"), True),
        (card(1, "Example Shop", "info@example.com"), False),
        (card(1, "Example Shop", "no-reply@example.com"), False),
        (card(1, "Example", organisation="Example"), False),
        (card(1, ""), False),
        (card(1, "Sam de Jong", "sam@example.org", "sam@home.example"), False),
    ],
)
def test_cards_of_people_are_proposed_as_known(entry: CardFacts, *, yes: bool) -> None:
    assert bool(detect([], [entry], [], NONE, OWN).new) is yes


def test_a_machine_among_a_persons_addresses_is_left_out() -> None:
    (new,) = detect([], [card(1, "Noor Smit", "no-reply@example.com", "noor@example.com")], [], NONE, OWN).new
    assert new.addresses == ("noor@example.com",)


def test_a_contact_gets_forms_of_its_address_and_cards() -> None:
    noor = known("c1", "Noor Smit", "noor@example.com")
    found = detect(
        [facts("noor+x@example.com", "Noor Smit", received=0)],
        [card(3, "N. Smit", "noor@example.com", "noor@gmail.com", role="Engineer", source="linkedin")],
        [noor],
        NONE,
        OWN,
    )
    assert not found.new
    (attach,) = found.attach
    assert set(attach.addresses) == {"noor+x@example.com", "noor@gmail.com"}
    assert (attach.contact_id, attach.card_ids, attach.role, attach.origins) == ("c1", (3,), "Engineer", ("linkedin",))
    assert attach.name == ""


def test_the_owners_words_are_never_filled_over() -> None:
    noor = known("c1", "Noor", "noor@example.com", edited=("name", "organisation", "role", "origins"))
    entry = card(3, "Noor Smit", "noor@example.com", organisation="Works", role="Engineer")
    (attach,) = detect([], [entry], [noor], NONE, OWN).attach
    assert (attach.name, attach.organisation, attach.role, attach.origins) == ("", "", "", ())
    (attach,) = detect([], [entry], [replace(noor, edited=())], NONE, OWN).attach
    assert (attach.name, attach.organisation, attach.role) == ("Noor Smit", "Works", "Engineer")


def test_a_contact_whose_name_contradicts_is_asked_about() -> None:
    noor = known("c1", "Noor Smit", "desk@example.com")
    found = detect([facts("desk+x@example.com", "Jan Vos")], [], [noor], NONE, OWN)
    assert not found.attach
    assert [(each.a, each.b) for each in found.likely] == [("c1", "new:0")]


def test_a_proposal_gets_a_better_name_when_one_is_seen() -> None:
    noor = known("c1", "Noor", "noor@example.com", state="proposed")
    seen = facts("noor@example.com", "Noor Smit", contact_id="c1")
    (attach,) = detect([seen], [], [noor], NONE, OWN).attach
    assert attach.name == "Noor Smit"
    assert not detect([seen], [], [replace(noor, name="Noor Smit", organisation="Example")], NONE, OWN).attach


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [
        (facts("noor@example.com", "Noor Smit"), facts("ns@other.example", "Smit, Noor"), "same_name"),
        (facts("noor@example.com", "Noor Smit"), facts("ns@mail.example.com", "Noor Smit"), "same_name_organisation"),
        (facts("noor.smit@example.com", "Noor Smit"), facts("noor.smit@gmail.com"), "same_name"),
        (facts("nsmit@example.com", "Noor Smit"), facts("nsmit@gmail.com", "Noor Ada Smit"), "same_local_part"),
        (facts("noor@example.com", "Noor"), facts("noor@example.net", "Noor"), None),
        (facts("noor@example.com", "Noor Smit"), facts("jan@example.com", "Jan Smit"), None),
        (facts("nsmit@example.com", "Noor Smit"), facts("nsmit@gmail.com", "Niels Smit"), None),
    ],
)
def test_likely_ones_are_asked_and_never_joined(a: AddressFacts, b: AddressFacts, reason: str | None) -> None:
    found = detect([a, b], [], [], NONE, OWN)
    assert len(found.new) == 2
    assert [each.reason_key for each in found.likely] == ([reason] if reason else [])


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("Lantern", "LANTERN ", "same_name_organisation"),
        ("Lantern", "Waterworks", "same_name"),  # although their addresses share a domain
        ("Example", "", "same_name_organisation"),  # the domain of the other says so
        ("", "", "same_name_organisation"),
    ],
)
def test_a_card_says_more_of_an_organisation_than_a_domain(one: str, other: str, reason: str) -> None:
    cards = [
        card(1, "Noor Smit", "noor@example.com", organisation=one),
        card(2, "Noor Smit", "ns@example.com", organisation=other),
    ]
    assert [each.reason_key for each in detect([], cards, [], NONE, OWN).likely] == [reason]


def test_questions_about_one_name_stay_few() -> None:
    homonyms = [facts(f"p{n}@house{n}.example", "Noor Smit") for n in range(9)]
    assert len(detect(homonyms, [], [], NONE, OWN).likely) <= 5
    crowd = [facts(f"p{n}@house{n}.example", "Noor Smit") for n in range(40)]
    assert not detect(crowd, [], [], NONE, OWN).likely


def test_the_gone_do_not_return() -> None:
    gone = frozenset(
        {*tombstone_keys("", "", "", ["noor@example.com"]), *tombstone_keys("Jan Vos", "Works", "linkedin", [])}
    )
    cards = [
        card(1, "Noor Smit", "noor@example.com", "noor@other.example"),
        card(2, "Jan Vos", source="linkedin", organisation="Works"),
        card(3, "Jan Vos", source="facebook"),
    ]
    found = detect([facts("noor+again@example.com", "Noor Smit")], cards, [], gone, OWN)
    assert [each.card_ids for each in found.new] == [(3,)]


NAMES = st.sampled_from(["", "Noor Smit", "N. Smit", "Jan Vos", "Noor", "Eva Das"])
ADDRESSES = st.sampled_from(
    (
        *("noor@example.com", "noor+x@example.com", "n.oor@gmail.com", "noor@gmail.com", "jan@example.com"),
        *("info@example.com", "sam@example.org", "club@example.net", "no-reply@example.net", "linkedin:noor"),
    )
)
FACTS = st.lists(
    st.builds(facts, ADDRESSES, NAMES, sent=st.integers(0, 2), received=st.integers(0, 2), group=st.booleans()),
    max_size=8,
    unique_by=lambda each: each.address,
)
CARDS = st.lists(
    st.builds(
        lambda number, name, addresses: card(number, name, *addresses),
        st.integers(1, 99),
        NAMES,
        st.lists(ADDRESSES, max_size=3, unique=True),
    ),
    max_size=5,
    unique_by=lambda each: each.card_id,
)


def carried_out(
    found: Decisions, seen: list[AddressFacts], cards: list[CardFacts], contacts: list[KnownContact]
) -> tuple[list[AddressFacts], list[CardFacts], list[KnownContact]]:
    """What the store would hold after the decisions."""
    holder = {address: f"c{index}" for index, new in enumerate(found.new) for address in new.addresses}
    holder |= {address: each.contact_id for each in found.attach for address in each.addresses}
    cards_of = {number: f"c{index}" for index, new in enumerate(found.new) for number in new.card_ids}
    made = [
        known(
            f"c{index}", new.name, *new.addresses, state="proposed", organisation=new.organisation, origins=new.origins
        )
        for index, new in enumerate(found.new)
    ]
    after = [replace(each, contact_id=holder.get(each.address, each.contact_id)) for each in seen]
    return after, [replace(each, contact_id=cards_of.get(each.card_id)) for each in cards], [*contacts, *made]


@settings(max_examples=200)
@given(seen=FACTS, cards=CARDS)
def test_nobody_twice_nobody_forbidden_and_settled_after_one_run(
    seen: list[AddressFacts], cards: list[CardFacts]
) -> None:
    found = detect(seen, cards, [], NONE, OWN)
    addresses = [address for each in found.new for address in each.addresses]
    groups = {each.address for each in seen if each.group}
    assert len(addresses) == len(set(addresses))
    assert not {match_form(each) for each in addresses} & OWN
    assert not groups & set(addresses)
    assert "no-reply@example.net" not in addresses
    assert all(each.name and (each.addresses or each.card_ids) for each in found.new)
    again = detect(*carried_out(found, seen, cards, []), NONE, OWN)
    assert (again.new, again.attach) == ((), ())


@given(seen=FACTS, cards=CARDS, data=st.data())
def test_the_order_of_what_is_known_does_not_matter(
    seen: list[AddressFacts], cards: list[CardFacts], data: st.DataObject
) -> None:
    mixed = data.draw(st.permutations(seen)), data.draw(st.permutations(cards))
    assert detect(*mixed, [], NONE, OWN) == detect(seen, cards, [], NONE, OWN)


def test_twenty_thousand_people_take_seconds() -> None:
    people = [facts(f"p{n}@house{n % 700}.example", f"Given{n} Family{n % 5000}") for n in range(10_000)]
    cards = [card(n, f"Card{n} Family{n % 5000}", f"q{n}@house{n % 700}.example") for n in range(10_000)]
    start = time.perf_counter()
    found = detect(people, cards, [], NONE, OWN)
    assert len(found.new) == 20_000
    assert time.perf_counter() - start < 20  # far above what it takes; a quadratic step would take minutes


@pytest.mark.parametrize(
    "more",
    [
        [],
        [facts("noor@example.com", received=0)],
        [facts("noor@example.com", sent=0, received=0)],
        [facts("info@example.com", "Example Shop")],
    ],
)
def test_people_whom_a_provider_noted_propose_nobody(more: list[AddressFacts]) -> None:
    """Nor do they join anybody: they stay evidence."""
    found = detect(
        more, [noted(1, "Noor Smit", "noor@example.com"), noted(2, "Info", "info@example.com")], [], NONE, OWN
    )
    assert found == Decisions()


def test_a_noted_name_names_somebody_in_touch() -> None:
    cards = [noted(1, "Noor Smit", "n.s@example.com"), noted(2, "Another", "else@example.com")]
    found = detect([facts("n.s@example.com")], cards, [], NONE, OWN)
    assert [(each.name, each.addresses, each.card_ids, each.origins) for each in found.new] == [
        ("Noor Smit", ("n.s@example.com",), (), ("mail",))
    ]


def test_a_noted_name_does_not_beat_what_mails_say() -> None:
    one = replace(facts("n.s@example.com"), names=(("Noor Smit", 40),))
    found = detect([one], [noted(1, "Noor van der Smit-Jansen", "n.s@example.com")], [], NONE, OWN)
    assert proposed(found) == {"Noor Smit": ("n.s@example.com",)}


def test_what_was_noted_is_nobodys_and_nothing_is_left_to_decide() -> None:
    here = known("c1", "Noor Smit", "noor@example.com")
    one = replace(facts("noor@example.com"), contact_id="c1")
    found = detect([one], [noted(1, "Noor Smit", "noor@example.com")], [here], NONE, OWN)
    assert found == Decisions()


@pytest.mark.parametrize("source", ["google", "microsoft"])
def test_a_card_of_a_provider_is_an_address_book(source: str) -> None:
    found = detect([], [card(1, "Noor Smit", "noor@example.com", source=source)], [], NONE, OWN)
    assert [each.origins for each in found.new] == [("address_book",)]
