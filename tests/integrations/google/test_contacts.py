"""Reading Google Contacts, and people whom Google noted from mail: from the emulator, and cards that are not as they
should be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from integrations.base import Opening
from integrations.google import contacts as module
from integrations.google.calls import Calls
from integrations.google.contacts import CONNECTIONS, OTHERS, Contacts
from integrations.google.person import as_card
from keepwarm.errors import CursorExpired, Rejected, TryAgainLater, Unreadable
from keepwarm.types import ContactCard, Page, Stream, StreamKind
from tests.emulators.google import Google, Person
from tests.integrations.google.sides import Clock

Open = Callable[..., Opening]


@pytest.fixture
def contacts(town: Google, robin: Person, opening: Open) -> Contacts:
    return Contacts(Calls(opening(town, robin, "contacts")))


def read(contacts: Contacts, cursor: str = "", place: str = CONNECTIONS) -> list[Page]:
    there = Stream(id="s", owner_id="o", account_id="a", kind=StreamKind.CONTACTS, place_ref=place, cursor=cursor)
    return list(contacts.changes(there))


def cards(pages: list[Page]) -> dict[str, ContactCard]:
    return {each.ref: each for page in pages for each in page.items if isinstance(each, ContactCard)}


def ann(**fields: Any) -> dict[str, Any]:
    given = {
        "names": [{"displayName": "Ann Example", "givenName": "Ann"}],
        "emailAddresses": [{"value": "Ann@Example.com"}, {"value": "ann@home.example", "metadata": {"primary": True}}],
    }
    return given | fields


def test_two_lists_are_places(contacts: Contacts) -> None:
    assert [(each.ref, each.name, each.usual) for each in contacts.places()] == [
        ("connections", "Contacts", True),
        ("otherContacts", "Other contacts", True),
    ]


def test_a_card_says_what_the_person_is(robin: Person, contacts: Contacts) -> None:
    ref = robin.contacts.put(ann(
        organizations=[{"name": "Old", "title": "Clerk"}, {"name": "Example BV", "title": "Director", "current": True}],
        phoneNumbers=[{"value": "+31 6 1234 5678", "canonicalForm": "+31612345678"}],
        urls=[{"value": "https://www.linkedin.com/in/Ann-Example/"}, {"value": "https://ann.example"}],
        birthdays=[{"date": {"month": 2, "day": 29}}, {"date": {"year": 1980, "month": 2, "day": 29}}],
    ))  # fmt: skip
    assert cards(read(contacts)) == {
        ref: ContactCard(
            ref=ref,
            source="google",
            name="Ann Example",
            addresses=("ann@home.example", "ann@example.com", "linkedin:ann-example"),
            organisation="Example BV",
            role="Director",
            phone="+31 6 1234 5678",
            url="https://www.linkedin.com/in/Ann-Example/",
            birthday="--02-29",
            resource_ref=ref,
        )
    }


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"names": [{"unstructuredName": "Ann"}]}, {"name": "Ann"}),
        ({"names": [], "organizations": [{"name": "Example BV"}]}, {"name": "Example BV"}),
        ({"names": None}, {"name": "ann@home.example"}),
        ({"names": [{"displayName": "A\u202enn\r\n x"}]}, {"name": "Ann x"}),
        ({"emailAddresses": [{"value": "no address"}, {"value": 7}, "x", {}]}, {"addresses": ()}),
        ({"birthdays": [{"date": {"year": 2000, "month": 13, "day": 1}}]}, {"birthday": ""}),
        ({"birthdays": [{"date": {"year": 10**400, "month": True, "day": "1"}}]}, {"birthday": ""}),
        ({"birthdays": [{"date": {"year": 0, "month": 5, "day": 4}}]}, {"birthday": "--05-04"}),
        ({"birthdays": [{"text": "1980-05-04"}]}, {"birthday": "1980-05-04"}),
        ({"birthdays": [{"date": "1980-05-04"}]}, {"birthday": ""}),
        ({"organizations": {"name": "x"}, "phoneNumbers": "x"}, {"organisation": "", "phone": ""}),
        ({"urls": 1, "metadata": {"previousResourceNames": [7, None]}}, {"url": ""}),
        ({"organizations": [[[[]]]], "metadata": []}, {"organisation": ""}),
        ({"emailAddresses": [{"value": f"a{n}@example.com"} for n in range(99)]}, {
            "addresses": tuple(f"a{n}@example.com" for n in range(50)),
        }),
    ],
)  # fmt: skip
def test_what_a_person_says_arrives(fields: dict[str, Any], says: dict[str, Any]) -> None:
    card = as_card({"resourceName": "people/c1"} | ann(**fields), "google")
    assert {name: getattr(card, name) for name in says} == says


@pytest.mark.parametrize("ref", [None, 7, "", ["people/c1"], {}])
def test_somebody_without_a_name_of_their_own_cannot_be_read(ref: Any) -> None:
    with pytest.raises(Unreadable):
        as_card(ann(resourceName=ref), "google")


def test_everything_arrives_and_then_only_what_changed(robin: Person, contacts: Contacts) -> None:
    one, two = robin.contacts.put(ann()), robin.contacts.put(ann(names=[{"displayName": "Bo Example"}]))
    pages = read(contacts)
    assert [page.last for page in pages] == [True]
    assert pages[-1].everything == {one, two} == set(cards(pages))
    again = read(contacts, pages[-1].cursor)
    assert [(page.items, page.everything, page.whole, page.last) for page in again] == [((), None, (), True)]
    robin.contacts.put(ann(resourceName=two, names=[{"displayName": "Bo Other"}]))
    robin.contacts.remove(one)
    (page,) = read(contacts, again[-1].cursor)
    assert [each.name for each in cards([page]).values()] == ["Bo Other"]
    assert set(page.whole) == {one, two}


def test_an_empty_book_is_read(contacts: Contacts) -> None:
    (page,) = read(contacts)
    assert (page.items, page.everything) == ((), frozenset())


def test_a_card_under_another_name_takes_the_place_of_the_first(robin: Person, contacts: Contacts) -> None:
    old = robin.contacts.put(ann())
    pages = read(contacts)
    del robin.contacts.people[old], robin.contacts._changes[old]
    new = robin.contacts.put(ann(resourceName="people/c999", metadata={"previousResourceNames": [old]}))
    (page,) = read(contacts, pages[-1].cursor)
    assert list(cards([page])) == [new]
    assert page.whole == (new, old)


def test_pages_can_be_gone_on_from(robin: Person, contacts: Contacts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    refs = {robin.contacts.put(ann(names=[{"displayName": f"Ann {n}"}])) for n in range(7)}
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


@pytest.mark.parametrize("kind", ["short-page", "empty-page"])
def test_a_short_page_is_not_the_last(
    town: Google, robin: Person, contacts: Contacts, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 4)
    refs = {robin.contacts.put(ann()) for _ in range(4)}
    town.faults.add("people.people.connections.list", kind)
    pages = read(contacts)
    assert len(pages) == 2
    assert set(cards(pages)) == refs


def test_a_page_that_leads_back_to_itself_is_left(town: Google, robin: Person, contacts: Contacts) -> None:
    robin.contacts.put(ann())
    town.faults.add("people.people.connections.list", "repeated-page-token", times=None)
    with pytest.raises(TryAgainLater):
        read(contacts)


@pytest.mark.parametrize("place", [CONNECTIONS, OTHERS])
@pytest.mark.parametrize("status", [400, 410])
def test_a_token_ends_seven_days_after_the_full_pass_whatever_it_is_used_for(
    town: Google, robin: Person, contacts: Contacts, clock: Clock, status: int, place: str
) -> None:
    town.expired_sync_status = status
    before, book = clock.at, {CONNECTIONS: robin.contacts, OTHERS: robin.other_contacts}[place]
    one, two = book.put(ann()), book.put(ann())
    cursor = read(contacts, place=place)[-1].cursor
    clock.goes(days=6)
    cursor = read(contacts, cursor, place)[-1].cursor
    clock.goes(days=1, minutes=1)
    book.remove(one)
    with pytest.raises(CursorExpired):
        read(contacts, cursor, place)
    assert read(contacts, place=place)[-1].everything == {two}
    clock.at, town.expired_sync_status = before, 400


def test_a_token_that_dies_halfway_is_named(robin: Person, contacts: Contacts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    cursor = read(contacts)[-1].cursor
    for _ in range(5):
        robin.contacts.put(ann())
    there = Stream(id="s", owner_id="o", account_id="a", kind=StreamKind.CONTACTS, place_ref=CONNECTIONS, cursor=cursor)
    pages = contacts.changes(there)
    assert len(next(pages).items) == 2
    robin.contacts.forget_tokens()
    with pytest.raises(CursorExpired):
        next(pages)


@pytest.mark.parametrize("cursor", ["x", "[]", '{"token": 3}', '{"more": ""}', "{}{}"])
def test_a_cursor_that_is_none_of_ours_is_dead(contacts: Contacts, cursor: str) -> None:
    with pytest.raises(CursorExpired):
        read(contacts, cursor)


def test_another_list_is_none(contacts: Contacts) -> None:
    with pytest.raises(Rejected):
        read(contacts, place="people/me")


def test_a_throttle_says_how_long(town: Google, contacts: Contacts) -> None:
    town.faults.add("people.people.connections.list", "429", retry_after=900)
    with pytest.raises(TryAgainLater) as busy:
        read(contacts)
    assert busy.value.after.total_seconds() == 900


def test_what_was_not_allowed_is_said_so(town: Google, robin: Person, opening: Open) -> None:
    calls = Calls(opening(town, robin, "https://www.googleapis.com/auth/contacts.readonly"))
    with pytest.raises(Rejected, match="not allowed"):
        read(Contacts(calls), place=OTHERS)
    town.breaches.clear()


def test_a_bad_card_between_two_good_ones_is_told(town: Google, robin: Person, contacts: Contacts) -> None:
    good = {robin.contacts.put(ann()) for _ in range(2)}
    bad = robin.contacts.put(ann())
    robin.contacts.people[bad]["resourceName"] = ""
    empty = robin.contacts.put({"phoneNumbers": [{"value": "+31 6 1"}]})
    pages = read(contacts)
    town.breaches.clear()
    assert set(cards(pages)) == good
    assert [len(each.digest) for page in pages for each in page.broken] == [64]
    assert [(each.position, each.reason) for page in pages for each in page.skipped] == [(empty, "empty")]


# --- People whom Google noted


def test_people_whom_google_noted_are_evidence_alone(robin: Person, contacts: Contacts) -> None:
    ref = robin.other_contacts.put(ann(phoneNumbers=[{"value": "1"}]))
    nameless = robin.other_contacts.put(ann(names=[]))
    unreachable = robin.other_contacts.put(ann(emailAddresses=[]))
    pages = read(contacts, place=OTHERS)
    assert [(each.ref, each.source, each.name) for each in cards(pages).values()] == [
        (ref, "google_other", "Ann Example")
    ]
    assert {each.position for page in pages for each in page.skipped} == {nameless, unreachable}
    robin.other_contacts.remove(ref)
    (page,) = read(contacts, pages[-1].cursor, OTHERS)
    assert page.whole == (ref,)
