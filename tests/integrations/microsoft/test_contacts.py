"""Reading the address book at Graph: from the emulator, and cards that are not as they should be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from integrations.base import Opening
from integrations.microsoft import contacts as module
from integrations.microsoft.calls import Calls
from integrations.microsoft.contacts import BOOK, Contacts
from integrations.microsoft.person import FIELDS, as_card
from keepwarm.errors import CursorExpired, Rejected, TryAgainLater, Unreadable
from keepwarm.types import ContactCard, Page, Stream, StreamKind
from tests.emulators.microsoft import Microsoft, Person

DELTA = "GET /me/contacts/delta"
Open = Callable[..., Opening]


@pytest.fixture
def contacts(town: Microsoft, robin: Person, opening: Open) -> Contacts:
    return Contacts(Calls(opening(town, robin, "contacts")))


def read(contacts: Contacts, cursor: str = "", place: str = BOOK) -> list[Page]:
    there = Stream(id="s", owner_id="o", account_id="a", kind=StreamKind.CONTACTS, place_ref=place, cursor=cursor)
    return list(contacts.changes(there))


def cards(pages: list[Page]) -> dict[str, ContactCard]:
    return {each.ref: each for page in pages for each in page.items if isinstance(each, ContactCard)}


def ann(**fields: Any) -> dict[str, Any]:
    given = {
        "displayName": "Ann Example",
        "givenName": "Ann",
        "surname": "Example",
        "emailAddresses": [{"address": "Ann@Example.com", "name": "Ann"}, {"address": "ann@home.example"}],
    }
    return given | fields


def test_the_address_book_is_a_place(contacts: Contacts) -> None:
    assert [(each.ref, each.name, each.kind, each.usual) for each in contacts.places()] == [
        ("contacts", "Contacts", StreamKind.CONTACTS, True)
    ]


def test_a_card_says_what_the_person_is(robin: Person, contacts: Contacts) -> None:
    ref = robin.contacts.put(ann(
        companyName="Example BV", jobTitle="Director", mobilePhone="+31 6 1234 5678", businessPhones=["+31 20 1"],
        birthday="1980-02-29T11:59:00Z", businessHomePage="https://www.linkedin.com/in/Ann-Example/",
        categories=["Friends", "Blue category"], personalNotes="secret",
    ))  # fmt: skip
    assert cards(read(contacts)) == {
        ref: ContactCard(
            ref=ref,
            source="microsoft",
            name="Ann Example",
            addresses=("ann@example.com", "ann@home.example", "linkedin:ann-example"),
            organisation="Example BV",
            role="Director",
            phone="+31 6 1234 5678",
            url="https://www.linkedin.com/in/Ann-Example/",
            birthday="1980-02-29",
            origins=("friends",),
            resource_ref=ref,
        )
    }


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"displayName": ""}, {"name": "Ann Example"}),
        ({"displayName": None, "surname": None}, {"name": "Ann"}),
        ({"displayName": 7, "givenName": [], "surname": None, "companyName": "Example BV"}, {"name": "Example BV"}),
        ({"displayName": None, "givenName": None, "surname": None}, {"name": "ann@example.com"}),
        ({"displayName": "A\u202enn\r\n x"}, {"name": "Ann x"}),
        ({"emailAddresses": [{"address": "no address"}, {"address": 7}, "x", {}]}, {"addresses": ()}),
        ({"emailAddresses": {"address": "x"}}, {"addresses": ()}),
        ({"birthday": "1604-05-04T00:00:00Z"}, {"birthday": "--05-04"}),
        ({"birthday": "2000-13-01T00:00:00Z"}, {"birthday": ""}),
        ({"birthday": 7}, {"birthday": ""}),
        ({"mobilePhone": None, "businessPhones": [7, "", "1"], "homePhones": ["2"]}, {"phone": "1"}),
        ({"mobilePhone": None, "businessPhones": "x", "homePhones": ["2"]}, {"phone": "2"}),
        ({"businessHomePage": 1, "categories": "Friends"}, {"url": "", "origins": ()}),
        ({"categories": [[[]], 7, "Collega's"]}, {"origins": ("colleagues",)}),
        ({"emailAddresses": [{"address": f"a{n}@example.com"} for n in range(99)]}, {
            "addresses": tuple(f"a{n}@example.com" for n in range(50)),
        }),
    ],
)  # fmt: skip
def test_what_a_person_says_arrives(fields: dict[str, Any], says: dict[str, Any]) -> None:
    card = as_card({"id": "AAk"} | ann(**fields))
    assert {name: getattr(card, name) for name in says} == says


@pytest.mark.parametrize("person", [ann(id=None), ann(id=7), ann(id=""), ann(id=["x"]), ann(), None, 7, "x", [ann()]])
def test_somebody_without_a_name_of_their_own_cannot_be_read(person: Any) -> None:
    with pytest.raises(Unreadable):
        as_card(person)


def test_only_what_a_card_needs_is_asked_for(contacts: Contacts) -> None:
    asked = list[Any]()
    ask = contacts._calls.call
    contacts._calls.call = lambda *args, **more: asked.append(args) or ask(*args, **more)  # type: ignore[method-assign]
    read(contacts)
    assert [args[2] for args in asked] == [(("$select", FIELDS),), (("$select", "id"),)]
    assert not {"personalNotes", "spouseName", "children"} & set(FIELDS.split(","))


def test_everything_arrives_and_then_only_what_changed(robin: Person, contacts: Contacts) -> None:
    one, two = robin.contacts.put(ann()), robin.contacts.put(ann(displayName="Bo Example"))
    pages = read(contacts)
    assert [page.last for page in pages] == [True]
    assert pages[-1].everything == {one, two} == set(cards(pages))
    again = read(contacts, pages[-1].cursor)
    assert [(page.items, page.everything, page.whole, page.last) for page in again] == [((), None, (), True)]
    robin.contacts.put(ann(id=two, displayName="Bo Other"))
    robin.contacts.remove(one)
    (page,) = read(contacts, again[-1].cursor)
    assert [each.name for each in cards([page]).values()] == ["Bo Other"]
    assert set(page.whole) == {one, two}


def test_an_empty_book_is_read(contacts: Contacts) -> None:
    (page,) = read(contacts)
    assert (page.items, page.everything) == ((), frozenset())


def test_names_are_told_apart_by_case(robin: Person, contacts: Contacts) -> None:
    """Two neighbours' ids differ in the case of a letter alone."""
    refs = {robin.contacts.put(ann()) for _ in range(6)}
    assert len({each.lower() for each in refs}) < 6
    assert set(cards(read(contacts))) == refs


def test_pages_can_be_gone_on_from(robin: Person, contacts: Contacts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SIZES", (2, 1))
    monkeypatch.setattr(module, "NAMES", 3)
    refs = {robin.contacts.put(ann(displayName=f"Ann {n}")) for n in range(7)}
    pages = read(contacts)
    assert len(pages) == 4
    for number, page in enumerate(pages[:-1], 1):
        rest = read(contacts, page.cursor)
        assert set(cards(pages[:number])) | set(cards(rest)) == refs == rest[-1].everything
    for ref in sorted(refs)[:3]:
        robin.contacts.remove(ref)
    changed = read(contacts, pages[-1].cursor)
    assert [page.last for page in changed] == [False, True]
    assert changed[-1].everything == set(sorted(refs)[3:])
    assert read(contacts, changed[0].cursor)[-1].everything == changed[-1].everything


@pytest.mark.parametrize("kind", ["short-page", "empty-page", "repeated-item"])
def test_a_short_page_is_not_the_last(
    town: Microsoft, robin: Person, contacts: Contacts, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SIZES", (4, 1))
    refs = {robin.contacts.put(ann()) for _ in range(4)}
    town.faults.add(DELTA, kind)
    pages = read(contacts)
    assert set(cards(pages)) == refs == pages[-1].everything


@pytest.mark.parametrize("there", [True, False])
def test_who_is_gone_on_one_page_and_there_on_a_later_one_is_there(
    contacts: Contacts, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    """Unless the list of all names, which is asked for last, says otherwise."""
    away = {"id": "X", "@removed": {"reason": "changed"}}
    rounds = [("", {"value": [away]}, "1"), ("1", {"value": [ann(id="X")]}, "2"),
              ("2", {"value": [], "@odata.deltaLink": "https://d"}, "")]  # fmt: skip
    monkeypatch.setattr(module, "changes", lambda *_, **__: iter(rounds))
    monkeypatch.setattr(module, "listed", lambda *_, **__: iter([{"id": "X"}] if there else []))
    pages = read(contacts, '{"link": "https://l"}')
    assert [page.whole for page in pages] == [(), ("X",), () if there else ("X",)]
    assert pages[-1].everything == ({"X"} if there else set())


@pytest.mark.parametrize("whole", [True, False], ids=["first gone", "first there"])
def test_who_is_both_on_one_page_is_there(contacts: Contacts, monkeypatch: pytest.MonkeyPatch, whole: bool) -> None:
    away, there = {"id": "X", "@removed": {"reason": "changed"}}, ann(id="X")
    value = [away, there] if whole else [there, away]
    monkeypatch.setattr(module, "changes", lambda *_, **__: iter([("", {"value": value, "@odata.deltaLink": "d"}, "")]))
    (page,) = read(contacts, '{"link": "https://l"}')
    assert (page.whole, page.everything, len(page.items)) == (("X",), None, 1)


def test_a_page_that_leads_back_to_itself_is_left(town: Microsoft, robin: Person, contacts: Contacts) -> None:
    robin.contacts.put(ann())
    town.faults.add(DELTA, "repeated-link", times=None)
    with pytest.raises(TryAgainLater):
        read(contacts)


@pytest.mark.parametrize("kind", ["truncated", "cut", "500", "504"])
def test_half_an_answer_is_none(town: Microsoft, robin: Person, contacts: Contacts, kind: str) -> None:
    robin.contacts.put(ann())
    town.faults.add(DELTA, kind)
    with pytest.raises(TryAgainLater):
        read(contacts)


@pytest.mark.parametrize("how", ["410", "410-bare", "syncStateNotFound", "syncStateInvalid", "resyncRequired"])
def test_a_lost_state_is_named(robin: Person, contacts: Contacts, how: str) -> None:
    one, two = robin.contacts.put(ann()), robin.contacts.put(ann())
    cursor = read(contacts)[-1].cursor
    robin.contacts.remove(one)
    robin.forget_delta("contacts", how)
    with pytest.raises(CursorExpired):
        read(contacts, cursor)
    assert read(contacts)[-1].everything == {two}


def test_a_state_that_is_lost_halfway_is_named(
    robin: Person, contacts: Contacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SIZES", (2, 1))
    cursor = read(contacts)[-1].cursor
    for _ in range(5):
        robin.contacts.put(ann())
    there = Stream(id="s", owner_id="o", account_id="a", kind=StreamKind.CONTACTS, place_ref=BOOK, cursor=cursor)
    pages = contacts.changes(there)
    assert len(next(pages).items) == 2
    robin.forget_delta("contacts")
    with pytest.raises(CursorExpired):
        next(pages)


@pytest.mark.parametrize("cursor", ["x", "[]", '{"link": 3}', '{"more": ""}', "{}{}"])
def test_a_cursor_that_is_none_of_ours_is_dead(contacts: Contacts, cursor: str) -> None:
    with pytest.raises(CursorExpired):
        read(contacts, cursor)


def test_another_book_is_none(contacts: Contacts) -> None:
    with pytest.raises(Rejected):
        read(contacts, place="others")


def test_a_throttle_says_how_long(town: Microsoft, contacts: Contacts) -> None:
    town.faults.add(DELTA, "429", retry_after=900)
    with pytest.raises(TryAgainLater) as busy:
        read(contacts)
    assert busy.value.after.total_seconds() == 900


def test_what_was_not_allowed_is_said_so(town: Microsoft, robin: Person, opening: Open) -> None:
    with pytest.raises(Rejected, match="not allowed"):
        read(Contacts(Calls(opening(town, robin, "calendar"))))
    town.breaches.clear()


def test_a_bad_card_between_two_good_ones_is_told(town: Microsoft, robin: Person, contacts: Contacts) -> None:
    good = {robin.contacts.put(ann()) for _ in range(2)}
    robin.contacts.put(ann(_raw={"id": 7}))
    empty = robin.contacts.put({"mobilePhone": "+31 6 1"})
    pages = read(contacts)
    town.breaches.clear()  # the emulator's own, for that
    assert set(cards(pages)) == good
    assert [len(each.digest) for page in pages for each in page.broken] == [64]
    assert [(each.position, each.reason) for page in pages for each in page.skipped] == [(empty, "empty")]
