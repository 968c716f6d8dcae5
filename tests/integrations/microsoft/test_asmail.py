"""One message as Graph tells it, whatever is in it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.microsoft import asmail
from integrations.microsoft.asmail import item, lacks_headers
from integrations.wire.mime import read_message
from keepwarm.types import Broken, MailMark, Message, Role
from tests.conftest import NOW
from tests.integrations.microsoft.mails import MACHINE, froms, page, person, told, walked


def test_a_mail_of_properties_alone() -> None:
    found = item(
        "a",
        told(
            sender=person("office@example.com"),
            ccRecipients=[person("Zoë@example.com".lower().replace("ë", "e"), 'Z "the" <z@x.y>, Zoë')],
            bccRecipients=[person("b@example.com")],
            replyTo=[person("reply@example.com")],
        ),
        NOW,
        sent=False,
    )
    assert isinstance(found, Message)
    assert {(each.role, each.address.address) for each in found.participants} == {
        (Role.FROM, "ann@example.com"), (Role.SENDER, "office@example.com"), (Role.REPLY_TO, "reply@example.com"),
        (Role.TO, "robin@example.org"), (Role.CC, "zoe@example.com"), (Role.BCC, "b@example.com"),
    }  # fmt: skip
    assert (found.at, found.recipients) == (datetime(2026, 11, 2, 9, tzinfo=UTC), 3)


def test_headers_count_before_properties() -> None:
    headers = [
        {"name": "FROM", "value": "Real <real@example.com>"},
        {"name": "To", "value": "x@example.com, y@example.com"},
        {"name": "Message-ID", "value": "<other@example.com>"},
        {"name": "Cc", "value": ""},
    ]
    found = item("a", told(ccRecipients=[person("c@example.com")]) | {asmail.HEADERS: headers}, NOW, sent=False)
    assert isinstance(found, Message)
    assert froms(found) == ["real@example.com"]
    assert froms(found, Role.TO) == ["x@example.com", "y@example.com"]
    assert (froms(found, Role.CC), found.recipients) == (["c@example.com"], 3)
    assert found.ref == read_message(b"Message-ID: <other@example.com>\r\nFrom: a@b.c\r\n\r\n").ref


@pytest.mark.parametrize(("sent", "hour"), [(False, 9), (True, 8)])
def test_when_a_mail_came_or_went_out(sent: bool, hour: int) -> None:
    found = item("a", told(), NOW, sent=sent)
    assert isinstance(found, Message)
    assert found.at is not None
    assert found.at.hour == hour
    assert (MailMark.SENT in found.marks) == sent


@pytest.mark.parametrize(
    "said", [None, "", "x", [], {}, 5, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "1601"]
)
def test_an_odd_moment_gives_way_to_the_next(said: Any) -> None:
    found = item("a", told(receivedDateTime=said), NOW, sent=False)
    assert isinstance(found, Message)
    assert found.at == datetime(2026, 11, 2, 8, 59, tzinfo=UTC)
    headers = [{"name": "Date", "value": "Mon, 2 Nov 2026 07:00:00 +0000"}]
    odd = told(receivedDateTime=said, sentDateTime=said) | {asmail.HEADERS: headers}
    found = item("a", odd, NOW, sent=False)
    assert isinstance(found, Message)
    assert found.at == datetime(2026, 11, 2, 7, tzinfo=UTC)


@pytest.mark.parametrize("said", ["2026-11-02T10:00:00.1234567+01:00", "2026-11-02T09:00:00", "2026-11-02T09:00:00Z"])
def test_moments_in_any_form_are_utc(said: str) -> None:
    found = item("a", told(receivedDateTime=said), NOW, sent=False)
    assert isinstance(found, Message)
    assert found.at is not None
    assert found.at.replace(microsecond=0) == datetime(2026, 11, 2, 9, tzinfo=UTC)


WRONG: list[Any] = [
    None,
    5,
    True,
    "x",
    [],
    {},
    [None, 5, "x", []],
    {"emailAddress": 7},
    {"emailAddress": {"address": 1}},
]


@pytest.mark.parametrize("name", [*asmail.SELECT[1:], asmail.HEADERS])
@pytest.mark.parametrize("value", WRONG, ids=repr)
def test_a_wrong_type_spoils_nothing_but_its_own(name: str, value: Any) -> None:
    (found,), _ = walked(page(told("a") | {name: value}, told("b")))
    assert len(found.items) + len(found.skipped) + len(found.broken) == 2
    assert read_message(b"Message-ID: <b@example.com>\r\nFrom: a@b.c\r\n\r\n").ref in [
        each.ref for each in found.items if isinstance(each, Message)
    ]


@pytest.mark.parametrize(
    "address",
    [
        "a@example.com>, <forged@example.com",
        "a@example.com\r\nFrom: forged@example.com",
        "/O=EXCHANGELABS/OU=GROUP/CN=RECIPIENTS/CN=ANN",
        "\ud800@example.com",
        "a" * 70_000 + "@example.com",
        "",
    ],
)
def test_an_address_that_is_none_is_nobody(address: str) -> None:
    found = item("a", told() | {"from": person(address, "x")}, NOW, sent=False)
    assert isinstance(found, Message)
    assert froms(found) == []
    assert froms(found, Role.TO) == ["robin@example.org"]


@pytest.mark.parametrize(
    "name", ['"', "\\", '", <forged@example.com>, "', "\r\nTo: forged@example.com\r\n", "(", "x" * 9999]
)
def test_a_name_cannot_name_another(name: str) -> None:
    found = item("a", told() | {"from": person("ann@example.com", name)}, NOW, sent=False)
    assert isinstance(found, Message)
    assert {each.address.address for each in found.participants} == {"ann@example.com", "robin@example.org"}


def test_a_value_cannot_begin_another_header() -> None:
    headers = [
        {"name": "To", "value": "a@example.com\r\nFrom: forged@example.com\r\n\r\nX"},
        {"name": "X-Any\nFrom", "value": "forged@example.com"},
    ]
    found = item("a", told() | {asmail.HEADERS: headers}, NOW, sent=False)
    assert isinstance(found, Message)
    assert froms(found) == ["ann@example.com"]


def test_a_mail_to_thousands_keeps_what_marks_it() -> None:
    crowd = [person(f"someone.with.a.long.name.{each}@example.com", "Somebody") for each in range(5000)]
    listed = [{"name": "To", "value": ", ".join(f"x{each}@example.com" for each in range(9000))}]
    for headers in (MACHINE, listed + MACHINE):
        found = item("a", told(toRecipients=crowd) | {asmail.HEADERS: headers}, NOW, sent=False)
        assert isinstance(found, Message)
        assert MailMark.AUTO in found.marks
        assert len(found.participants) <= 200


@pytest.mark.parametrize("deep", [[[]], {"a": {}}])
def test_lists_in_lists_are_set_aside(deep: Any) -> None:
    for _ in range(50_000):
        deep = [deep]
    found = item("a", told(internetMessageId=deep, ccRecipients=deep), NOW, sent=False)
    assert isinstance(found, Message | Broken)


@pytest.mark.parametrize(
    ("more", "sent", "lacks"),
    [
        ({}, False, False),
        ({asmail.HEADERS: None}, False, True),
        ({asmail.HEADERS: None, "isDraft": True}, False, False),
        ({asmail.HEADERS: None}, True, False),
        ({asmail.HEADERS: None, "toRecipients": [person("ANN@example.com")]}, True, True),
    ],
)
def test_headers_are_asked_for_where_they_decide_something(more: dict[str, Any], sent: bool, lacks: bool) -> None:
    assert lacks_headers(told(**more), sent=sent) == lacks
