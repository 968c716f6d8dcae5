"""Lists of connections: recognised by content, read in every known layout, odd rows set aside alone."""

from __future__ import annotations

import io
import json
import random
import tracemalloc
from collections import Counter
from datetime import UTC, date, datetime

import pytest

from integrations.files.exports import READERS, sniff
from integrations.files.exports.linkedin import day
from keepwarm.types import Broken, ContactCard, Item, Message, Role, Skipped
from tests.integrations.wire.ical.make import corpus

LINKEDIN = "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
LINKEDIN_OLD = "First Name,Last Name,Email Address,Company,Position,Connected On\n"
MESSAGES = (
    "CONVERSATION ID,CONVERSATION TITLE,FROM,SENDER PROFILE URL,TO,RECIPIENT PROFILE URLS,DATE,SUBJECT,CONTENT,FOLDER\n"
)
GOOGLE = "First Name,Middle Name,Last Name,Organization Name,Organization Title,Birthday,Labels,"
GOOGLE += "E-mail 1 - Value,E-mail 2 - Value\n"
GOOGLE_OLD = "Name,Given Name,Family Name,Group Membership,E-mail 1 - Value,Organization 1 - Name\n"
OUTLOOK = "Title,First Name,Last Name,Company,Job Title,E-mail Address,E-mail 2 Address,Birthday,Categories\n"
OUTLOOK_NL = "Titel;Voornaam;Achternaam;Bedrijf;Functie;E-mailadres;Verjaardag;Categorie\u00ebn\n"


def read(text: str | bytes) -> list[Item | Skipped | Broken]:
    data = text if isinstance(text, bytes) else text.encode()
    kind = sniff(data[: 64 * 1024])
    assert kind is not None
    return list(READERS[kind](io.BytesIO(data)))


def one(text: str | bytes) -> ContactCard:
    (found,) = read(text)
    assert isinstance(found, ContactCard), found
    return found


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (LINKEDIN, "linkedin"),
        ('Opmerking:\n"Een zin, en nog een."\n\n' + LINKEDIN, "linkedin"),
        (LINKEDIN_OLD, "linkedin"),
        (MESSAGES, "linkedin_messages"),
        (GOOGLE, "google_csv"),
        (GOOGLE_OLD, "google_csv"),
        (OUTLOOK, "outlook_csv"),
        (OUTLOOK_NL, "outlook_csv"),
        ('{"friends_v2": [{"name": "Kim"}]}', "facebook"),
        ('{"friends": []}', "facebook"),
        ('{"photos": []}', None),
        ("Dear Kim,\nhow are you?\n", None),
        ("Date,Amount,Name\n1,2,3\n", None),
        ("From me@example.org Thu Jan  1 00:00:00 2026\nSubject: First Name,Last Name\n", None),
        ("", None),
    ],
)
def test_kind_is_told_by_content(text: str, kind: str | None) -> None:
    assert sniff(text.encode()) == kind
    assert sniff(text.encode("utf-8-sig")) == kind
    assert sniff(text.encode("utf-16")) == kind


def test_connection_is_a_card_with_its_profile() -> None:
    found = one(
        LINKEDIN
        + 'Zo\u00eb,Bos,https://www.linkedin.com/in/Zoe-Bos-1,Zoe@Example.org,"Acme, Inc.","VP ""Sales""",08 Aug 2012\n'
    )
    assert (found.name, found.addresses) == ("Zo\u00eb Bos", ("zoe@example.org", "linkedin:zoe-bos-1"))
    assert (found.organisation, found.role, found.ref) == ("Acme, Inc.", 'VP "Sales"', "linkedin:zoe-bos-1")
    assert (found.connected_on, found.origins) == (date(2012, 8, 8), ("linkedin",))


def test_connection_without_a_name_is_skipped() -> None:
    found = read('Notes:\r\n"x, y"\r\n\r\n' + LINKEDIN + ",,,,,,24 Nov 2018\r\nKim,Bos,,,,,01 Jan 2020\r\n")
    assert [getattr(one, "reason", "") for one in found] == ["no_name", ""]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("08 Aug 2012", date(2012, 8, 8)),
        ("8 mrt. 2012", date(2012, 3, 8)),
        ("01 mei 2020", date(2020, 5, 1)),
        ("05/24/13, 3:04 PM", date(2013, 5, 24)),
        ("2019-02-03", date(2019, 2, 3)),
        ("31 Feb 2019", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_day_of_a_connection(text: str, value: date | None) -> None:
    assert day(text) == value


def test_message_keeps_who_and_when_and_nothing_said() -> None:
    me, kim = "https://www.linkedin.com/in/me", "https://www.linkedin.com/in/Kim-1"
    rows = [
        f'c1,Hi,Kim Bos,{kim},Me,{me},2024-05-03 14:22:11 UTC,Secret,"Long\nsecret, text",INBOX',
        f'c2,,Me,{me},"Kim Bos,Al","{kim},https://www.linkedin.com/in/al",2024-05-04 08:00:00 UTC,,x,INBOX',
        "c3,Offer,LinkedIn Offers,,Me," + me + ",2024-05-03 14:22:11 UTC,Buy,now,INBOX",
        f"c4,,X,{kim},Me,{me},2024-05-03 14:22:11 UTC,,x,SPAM",
    ]
    first, second, *skipped = read(MESSAGES + "\n".join(rows) + "\n")
    assert isinstance(first, Message)
    assert isinstance(second, Message)
    assert first.at == datetime(2024, 5, 3, 14, 22, 11, tzinfo=UTC)
    assert [(p.role, p.address.address, p.address.name) for p in first.participants] == [
        (Role.FROM, "linkedin:kim-1", "Kim Bos"),
        (Role.TO, "linkedin:me", "Me"),
    ]
    assert [p.address.name for p in second.participants] == ["Me", "Kim Bos", "Al"]
    assert "ecret" not in repr(first)
    assert [one.reason for one in skipped if isinstance(one, Skipped)] == ["sponsored", "spam"]


def test_google_values_joined_in_one_cell_are_all_read() -> None:
    mails = "a@example.org,b@example.org ::: C@example.org"
    found = one(f'{GOOGLE}Kim,de,Bos,"Acme, Inc.",Lead, --02-10,Vrienden ::: * myContacts ::: Family,{mails}\n')
    assert found.addresses == ("a@example.org", "b@example.org", "c@example.org")
    assert (found.name, found.birthday, found.origins) == ("Kim de Bos", "--02-10", ("friends", "family"))


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_older_google_layout_in_any_encoding(coding: str) -> None:
    text = GOOGLE_OLD + "Zo\u00eb Bos,Zo\u00eb,Bos,* myContacts,z@example.org,Acme\n"
    found = one(("\ufeff" + text if coding == "utf-16-le" else text).encode(coding))
    assert (found.name, found.addresses, found.organisation) == ("Zo\u00eb Bos", ("z@example.org",), "Acme")


@pytest.mark.parametrize(
    ("text", "birthday", "origins"),
    [
        (OUTLOOK + ",Kim,Bos,Acme,Lead,kim@example.org,,0/0/00,\n", "", ()),
        (OUTLOOK + ",Kim,Bos,Acme,Lead,kim@example.org,,06/29/1979,Family;Work\n", "1979-06-29", ("family",)),
        (OUTLOOK_NL + ";Kim;Bos;Acme;Lead;kim@example.org;29-6-1979;Collega's\n", "1979-06-29", ("colleagues",)),
    ],
)
def test_outlook_layouts_in_two_languages(text: str, birthday: str, origins: tuple[str, ...]) -> None:
    found = one(text)
    assert (found.name, found.organisation, found.role, found.addresses) == (
        "Kim Bos",
        "Acme",
        "Lead",
        ("kim@example.org",),
    )
    assert (found.birthday, found.origins) == (birthday, origins)


def test_facebook_names_are_made_good() -> None:
    escaped = "Zo\u00eb \u0141ukasik".encode().decode("latin-1")
    friends = [
        {"name": escaped, "timestamp": 1480204800, "contact_info": "zoe@example.org"},
        {"name": ""},
        "odd",
        {"name": "Bj\u00f8rn"},
    ]
    first, *rest = read(json.dumps({"friends_v2": friends}))
    assert isinstance(first, ContactCard)
    assert (first.name, first.connected_on, first.addresses) == (
        "Zo\u00eb \u0141ukasik",
        date(2016, 11, 27),
        ("zoe@example.org",),
    )
    assert [type(one) for one in rest] == [Skipped, Broken, ContactCard]


ODD = {
    "quote never closed": '"Kim,Bos,,,,,',
    "quote inside": 'Ki"m,Bos,,,,,',
    "long field": "Kim," + "x" * 70_000 + ",,,,,",
    "null and bell": "Kim\0\x07,\x00,,,,,",
    "too many cells": "," * 3000,
}


@pytest.mark.parametrize("name", ODD)
def test_odd_row_leaves_the_hundred_beside_it(name: str) -> None:
    good = [f"Kim{number},Bos,,,,,01 Jan 2020" for number in range(100)]
    found = read(LINKEDIN + "\n".join([*good[:50], ODD[name], *good[50:]]) + "\n")
    names = {one.name for one in found if isinstance(one, ContactCard)}
    assert {f"Kim{number} Bos" for number in range(100)} <= names
    assert len(found) == 101


@pytest.mark.parametrize(
    "text",
    [
        LINKEDIN + "Kim,Bos,,,,,01 Jan 2020\n",
        GOOGLE_OLD + "A,B,C,D,e@example.org,F\n",
        '{"friends": [{"name": "Kim"}]}',
    ],
)
def test_mutated_exports_never_raise(text: str) -> None:
    chance = random.Random(7)
    kind = sniff(text.encode())
    assert kind is not None
    for _ in range(1000):
        data = bytearray(text.encode())
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(data))
            data[at : at + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
        list(READERS[kind](io.BytesIO(bytes(data))))


ODD_FRIENDS = {
    "nested": '{"name":' + "[" * 100_000 + "]" * 100_000 + "}",
    "ten megabytes": '{"name":"' + "x" * 10_000_000 + '"}',
    "many digits": '{"name":"Kim","timestamp":' + "9" * 50_000 + "}",
    "no object": '"odd"',
}


@pytest.mark.parametrize("name", ODD_FRIENDS)
def test_odd_friend_leaves_the_hundred_beside_it(name: str) -> None:
    good = [f'{{"name": "Kim {number}, [Bos]"}}' for number in range(100)]
    found = read('{"friends_v2": [' + ",".join([*good[:50], ODD_FRIENDS[name], *good[50:]]) + "]}")
    assert [type(one) for one in found].count(ContactCard) == 100
    assert [type(one) for one in found].count(Broken) == 1


def test_list_of_friends_that_breaks_off_keeps_those_before() -> None:
    found = read('{"friends": [{"name": "Kim Bos"}, {"name": "Al \\"')
    assert [type(one) for one in found] == [ContactCard, Broken]


def test_list_of_friends_without_end_is_read_in_bounded_memory() -> None:
    data = ('{"friends": [{"name":"Kim"},{"x":[' + "[]," * 3_000_000).encode()
    tracemalloc.start()
    found = read(data)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [type(one) for one in found] == [ContactCard, Broken]
    assert most < 10 << 20


EXPECTED = {
    "facebook-friends-old.json": ("facebook", {"ContactCard": 50}),
    "facebook-your_friends.json": ("facebook", {"ContactCard": 160}),
    "google-contacts-2024.csv": ("google_csv", {"ContactCard": 200}),
    "google-contacts-old.csv": ("google_csv", {"ContactCard": 100}),
    "linkedin-Connections-bom-crlf.csv": ("linkedin", {"ContactCard": 39, "no_name": 1}),
    "linkedin-Connections-old-no-url.csv": ("linkedin", {"ContactCard": 59, "no_name": 1}),
    "linkedin-Connections.csv": ("linkedin", {"ContactCard": 599, "no_name": 1}),
    "outlook-contacts.csv": ("outlook_csv", {"ContactCard": 120}),
}


@pytest.mark.shared
def test_shared_exports_give_every_row() -> None:
    for path in corpus("exports"):
        data = path.read_bytes()
        found = read(data)
        counts = Counter(getattr(one, "reason", type(one).__name__) for one in found)
        assert (sniff(data[: 64 * 1024]), dict(counts)) == EXPECTED[path.name], path.name
        assert not any("\u00c3" in one.name for one in found if isinstance(one, ContactCard)), path.name
