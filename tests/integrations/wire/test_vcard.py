"""Cards of all three versions, photographs dropped, bombs alone, and the files of public test suites."""

from __future__ import annotations

import io
import random
import tracemalloc
from time import process_time

import pytest

from integrations.wire.vcard import read_cards
from keepwarm.types import Broken, ContactCard, Skipped
from tests.integrations.wire.ical.make import corpus


def card(*lines: str) -> bytes:
    return "\r\n".join(("BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD", "")).encode()


def read(data: bytes) -> list[ContactCard | Skipped | Broken]:
    return list(read_cards(io.BytesIO(data)))


def one(*lines: str) -> ContactCard:
    (found,) = read(card(*lines))
    assert isinstance(found, ContactCard), found
    return found


@pytest.mark.parametrize(
    ("lines", "field", "value"),
    [
        (("FN:Kim Bos", "N:Other;Name"), "name", "Kim Bos"),
        (("N:Bos;Kim;de;;",), "name", "Kim de Bos"),
        (("ORG:Acme;Sales",), "name", "Acme"),
        (("NICKNAME:Kimmie",), "name", "Kimmie"),
        (("EMAIL:kim@example.org",), "name", "kim@example.org"),
        (("FN:Bos\\, Kim\\nPhD",), "name", "Bos, Kim PhD"),
        (("FN:K\u202ei\u200bm",), "name", "Kim"),
        (
            ("FN:A", "EMAIL;TYPE=WORK:Kim@Example.org", "item1.EMAIL:b@example.org"),
            "addresses",
            ("kim@example.org", "b@example.org"),
        ),
        (("FN:A", "URL:https\\://nl.linkedin.com/in/Kim-Bos-1/"), "addresses", ("linkedin:kim-bos-1",)),
        (("FN:A", "X-SOCIALPROFILE;type=linkedin:http://www.linkedin.com/in/kim"), "addresses", ("linkedin:kim",)),
        (("FN:A", "EMAIL:not an address"), "addresses", ()),
        (("FN:A", "ORG:Acme\\; Co;Sales"), "organisation", "Acme; Co"),
        (("FN:A", "ROLE:Lead", "TITLE:Engineer"), "role", "Engineer"),
        (("FN:A", "ROLE:Lead"), "role", "Lead"),
        (("FN:A", "TEL;VALUE=uri:tel:+31-20-555;ext=2", "TEL:1"), "phone", "+31-20-555"),
        (("FN:A", 'item2.URL;type="a:b":http://example.org'), "url", "http://example.org"),
        (("FN:A", "BDAY:1980-05-21"), "birthday", "1980-05-21"),
        (("FN:A", "BDAY:19800521T000000Z"), "birthday", "1980-05-21"),
        (("FN:A", "BDAY:--0521"), "birthday", "--05-21"),
        (("FN:A", "BDAY;X-APPLE-OMIT-YEAR=1604:1604-05-21"), "birthday", "--05-21"),
        (("FN:A", "BDAY:1980-13-41"), "birthday", ""),
        (("FN:A", "BDAY;VALUE=text:circa 1800"), "birthday", ""),
        (("FN:A", "CATEGORIES:Friends,Collega's,Foo"), "origins", ("friends", "colleagues")),
        (("FN:A", "UID:urn:uuid:1"), "ref", "urn:uuid:1"),
    ],
)
def test_property_is_read(lines: tuple[str, ...], field: str, value: object) -> None:
    assert getattr(one(*lines), field) == value


@pytest.mark.parametrize(
    "lines",
    [
        ("FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Zo=C3=AB", "EMAIL:z@example.org"),
        ("FN;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:Zo=EB", "EMAIL:z@example.org"),
        ("FN;QUOTED-PRINTABLE;CHARSET=UTF-8:Zo=", "=C3=AB", "EMAIL;INTERNET;PREF:z@example.org"),
        (
            "NOTE;ENCODING=QUOTED-PRINTABLE:one=0D=0A=",
            "EMAIL:x@example.org=",
            "end",
            "FN:Zo\u00eb",
            "EMAIL:z@example.org",
        ),
        ("PHOTO;ENCODING=BASE64;TYPE=JPEG:", " AAAA", " BBBB", "", "FN:Zo\u00eb", "EMAIL:z@example.org"),
        ("PHOTO;ENCODING=BASE64:", "AAAA", "BBBB==", "", "FN:Zo\u00eb", "EMAIL:z@example.org"),
        (
            "FN:Zo\r\n \u00eb",
            "AGENT:",
            "BEGIN:VCARD",
            "FN:Agent",
            "EMAIL:a@example.org",
            "END:VCARD",
            "EMAIL:z@example.org",
        ),
    ],
    ids=["quoted", "latin quoted", "soft break", "dropped soft break", "folded photo", "bare photo", "agent"],
)
def test_old_cards_are_read(lines: tuple[str, ...]) -> None:
    found = one(*lines)
    assert (found.name, found.addresses) == ("Zo\u00eb", ("z@example.org",))


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encoding_does_not_matter(coding: str) -> None:
    (found,) = read(card("FN:Zo\u00eb").decode().encode(coding))
    assert isinstance(found, ContactCard)
    assert found.name == "Zo\u00eb"


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (("FN:All", "KIND:group"), "group"),
        (("FN:All", "X-ADDRESSBOOKSERVER-KIND:group"), "group"),
        (("TEL:1",), "empty"),
    ],
)
def test_what_is_nobody_is_skipped(lines: tuple[str, ...], reason: str) -> None:
    (found,) = read(card(*lines))
    assert isinstance(found, Skipped)
    assert found.reason == reason


def test_reference_is_the_content_where_no_uid_stands() -> None:
    assert one("FN:A").ref == one("FN:A").ref != one("FN:B").ref


BOMBS = {
    "long card": [f"EMAIL:{number}@example.org" for number in range(50_000)],
    "cards in cards": [*["AGENT:", "BEGIN:VCARD"] * 500, *["END:VCARD"] * 500],
    "long lines": ["FN:" + "x" * 60_000] * 20,
}


@pytest.mark.parametrize("name", BOMBS)
def test_bomb_leaves_the_hundred_beside_it(name: str) -> None:
    good = b"".join(card(f"FN:Kim {number}") for number in range(50))
    begin = process_time()
    found = read(good + card("FN:Bomb", *BOMBS[name]) + good)
    assert process_time() - begin < 2  # seconds
    assert [type(one) for one in found].count(ContactCard) == 100
    assert [type(one) for one in found].count(Broken) == 1


@pytest.mark.parametrize("fold", ["\r\n ", ""])
def test_photograph_of_fifty_megabytes_costs_little(fold: str) -> None:
    data = card("FN:Kim", "PHOTO;ENCODING=b:" + fold.join(["A" * 74] * 700_000), "EMAIL:kim@example.org")
    begin = process_time()
    (found,) = read(data)
    assert process_time() - begin < 2  # seconds; measured 0.11
    assert isinstance(found, ContactCard)
    assert found.addresses == ("kim@example.org",)


COSTLY = {
    "a million folds": ["NICKNAME:x" + "\r\n a" * 1_000_000],
    "ten names, a fold after every letter": ["NICKNAME:x" + "\r\n a" * 60_000] * 10,
    "ten names of soft breaks": ["TITLE;ENCODING=QUOTED-PRINTABLE:x=\r\n" + "a=\r\n" * 60_000 + "b"] * 10,
    "labels by the hundred thousand": ["CATEGORIES:" + "," * 60_000] * 8,
    "1,200 international addresses": [f"EMAIL:b@{'.'.join(['ü' * 20] * 8)}.x{at}" for at in range(1_200)],
}


@pytest.mark.parametrize("name", COSTLY)
def test_costly_card_is_read_in_time(name: str) -> None:
    data = card("FN:Kim", *COSTLY[name])
    begin = process_time()
    assert len(read(data)) == 1
    assert process_time() - begin < 0.5  # seconds: twice what the ring allows, for a busy machine


@pytest.mark.parametrize("charset", ["punycode", "idna", "unicode_escape", "zlib_codec", "x-unknown"])
def test_only_charsets_of_people_are_asked_for(charset: str) -> None:
    assert one(f"FN;CHARSET={charset}:Zo\u00eb a-b").name == "Zo\u00eb a-b"


def test_wide_file_is_read_in_bounded_memory() -> None:
    data = card("FN:Zo\u00eb", "PHOTO:" + "A" * 20_000_000).decode().encode("utf-16")
    tracemalloc.start()
    (found,) = read(data)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(found, ContactCard)
    assert found.name == "Zo\u00eb"
    assert most < 10 << 20


def test_card_that_ends_halfway_is_broken_alone() -> None:
    found = read(b"BEGIN:VCARD\r\nFN:Half\r\n" + card("FN:Whole"))
    assert [type(one) for one in found] == [Broken, ContactCard]


def test_mutated_cards_never_raise() -> None:
    chance = random.Random(5)
    base = (
        card(
            "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:B=C3=AB;K", "FN:Kim", "EMAIL:kim@example.org", "BDAY:1980-01-02"
        )
        * 2
    )
    for _ in range(1000):
        data = bytearray(base)
        for _ in range(chance.randint(1, 12)):
            at = chance.randrange(len(data))
            data[at : at + chance.randint(0, 4)] = chance.randbytes(chance.randint(0, 4))
        assert read(bytes(data))


@pytest.mark.shared
def test_every_file_of_the_corpus_is_read_and_counts_add_up() -> None:
    for path in corpus("vcf"):
        data = path.read_bytes()
        begin = process_time()
        found = read(data)
        assert process_time() - begin < 0.25 * len(found), path.name  # seconds an item
        assert len(found) == max(data.upper().count(b"BEGIN:VCARD"), 1), path.name
