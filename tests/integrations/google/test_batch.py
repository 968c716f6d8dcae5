"""Many messages in one request, against the emulator, and against answers that it would not give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from integrations.base import Opening
from integrations.google.batch import COST, UNANSWERED, UNREADABLE, fetch
from integrations.google.calls import Calls, Reply
from integrations.wire.http import TOO_LONG
from keepwarm.errors import AccessRevoked, Rejected, TryAgainLater
from keepwarm.types import Grant
from tests.emulators.google import Google, Person

QUERY = (("format", "metadata"), ("metadataHeaders", "From"), ("fields", "id,payload/headers"))
Opens = Callable[..., Opening]


def mails(person: Person, number: int) -> list[str]:
    return [person.receives({"From": f"p{each}@example.com"}) for each in range(number)]


def sender(reply: Reply) -> str:
    return str(reply.told["payload"]["headers"][0]["value"])


@pytest.mark.parametrize("shuffles", [False, True])
def test_every_part_goes_to_its_message(town: Google, robin: Person, opening: Opens, shuffles: bool) -> None:
    ids = mails(robin, 12)
    town.shuffles_batches = shuffles
    found = fetch(Calls(opening(town, robin, "mail")), ids, QUERY)
    town.shuffles_batches = False
    assert list(found) == ids
    assert [sender(each) for each in found.values()] == [f"p{number}@example.com" for number in range(12)]


def test_a_part_may_be_refused_alone(town: Google, robin: Person, opening: Opens) -> None:
    ids = mails(robin, 3)
    town.faults.add("gmail.users.messages.get", "429", after=1, retry_after=90)
    found = fetch(Calls(opening(town, robin, "mail")), [*ids, "18cdead"], QUERY)
    assert [each.status for each in found.values()] == [200, 429, 200, 404]
    assert found[ids[1]].headers["retry-after"] == "90"


@pytest.mark.parametrize("fault", ["truncated", "cut", "429", "503", "403-rate"])
def test_a_batch_without_a_whole_answer_comes_later(town: Google, robin: Person, opening: Opens, fault: str) -> None:
    ids = mails(robin, 3)
    town.faults.add("gmail.batch", fault)
    with pytest.raises(TryAgainLater):
        fetch(Calls(opening(town, robin, "mail")), ids, QUERY)
    assert len(fetch(Calls(opening(town, robin, "mail")), ids, QUERY)) == 3


def test_a_dead_token_is_renewed_once_for_all_parts(town: Google, robin: Person, opening: Opens) -> None:
    ids = mails(robin, 3)
    calls = Calls(opening(town, robin, "mail"))
    town.grants.access.clear()
    before = town.requests["oauth.token"]
    assert [each.status for each in fetch(calls, ids, QUERY).values()] == [200, 200, 200]
    assert town.requests["oauth.token"] == before + 1


def test_a_withdrawn_grant_is_told(town: Google, robin: Person, opening: Opens) -> None:
    ids = mails(robin, 2)
    calls = Calls(opening(town, robin, "mail"))
    town.withdraw(robin)
    with pytest.raises(AccessRevoked):
        fetch(calls, ids, QUERY)


@dataclass
class Told(Calls):
    """Calls that answer what a test made up, and refuse an answer to more than ``most`` messages as too long."""

    body: bytes = b""
    kind: str = "multipart/mixed; boundary=b"
    most: int = 50
    spent: list[int] = field(default_factory=list)

    def spend(self, service: str, units: int, *, least: int = 0, bulk: bool = False) -> int:
        self.spent.append(units)
        return units

    def call(self, *_: Any, raw: tuple[str, bytes] = ("", b""), **__: Any) -> Reply:
        if raw[1].count(b"\r\nGET ") > self.most:
            raise Rejected(TOO_LONG)
        return Reply(status=200, told={}, headers={"content-type": self.kind}, body=self.body)


def part(number: int, *, inner: str = 'HTTP/1.1 200 OK\r\nX: y\r\n\r\n{"id": "a"}') -> str:
    return f"--b\r\nContent-Type: application/http\r\nContent-ID: <response-{number}>\r\n\r\n{inner}\r\n"


ODD = {
    "nothing": ("", [503, 503]),
    "one of two": (part(1), [503, 200]),
    "two answers to none": (part(7) + part(0), [200, 503]),
    "no status": (part(0, inner="200 OK") + part(1), [503, 200]),
    "no number": (part(0).replace("response-", "") + part(1), [503, 200]),
    "not JSON": (part(0, inner="HTTP/1.1 200 OK\r\n\r\n<html>") + part(1), [200, 200]),
    "deep": (part(0, inner="HTTP/1.1 200 OK\r\n\r\n" + "[" * 100_000) + part(1), [200, 200]),
    "a long number": (part(0, inner='HTTP/1.1 200 OK\r\n\r\n{"id": ' + "9" * 9000) + part(1), [200, 200]),
    "no blank line": ("--b\r\nContent-ID: <response-0>\r\n" + part(1), [503, 200]),
    "lines end otherwise": (part(0).replace("\r\n", "\n") + part(1), [200, 200]),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_answer_hides_no_other(name: str) -> None:
    body, statuses = ODD[name]
    found = fetch(Told(body=f"{body}--b--\r\n".encode()), ["a", "b"], QUERY)
    assert [each.status for each in found.values()] == statuses


@pytest.mark.parametrize("kind", ["", "text/html", "multipart/mixed", 'multipart/mixed; boundary=""'])
def test_an_answer_in_no_parts_answers_nothing(kind: str) -> None:
    assert fetch(Told(body=part(0).encode(), kind=kind), ["a"], QUERY) == {"a": UNANSWERED}


def test_an_answer_too_long_is_asked_for_in_pieces() -> None:
    calls = Told(most=2, body=(part(0) + part(1)).encode())
    found = fetch(calls, [f"m{number}" for number in range(11)], QUERY)
    assert list(found) == ["m0", "m1"]
    assert calls.spent == [5 * COST, 2 * COST]


def test_a_message_longer_than_any_answer_is_told_as_such() -> None:
    assert fetch(Told(most=0), ["a", "b"], QUERY) == {"a": UNREADABLE}


def test_expired_tokens_are_known_before_they_are_refused(town: Google, robin: Person, opening: Opens) -> None:
    ids = mails(robin, 1)
    opened = opening(town, robin, "mail")
    values = opened.grant.values | {"expires_at": (opened.now() - timedelta(hours=1)).isoformat()}
    before = town.requests["gmail.batch"]
    assert fetch(Calls(replace(opened, grant=Grant(values=values))), ids, QUERY)[ids[0]].good
    assert town.requests["gmail.batch"] == before + 1
