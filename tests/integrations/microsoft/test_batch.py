"""Many questions in one request, against the emulator, and against answers that it would not give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from integrations.base import Opening
from integrations.microsoft.batch import UNANSWERED, UNREADABLE, fetch
from integrations.microsoft.calls import IMMUTABLE, Calls, Reply
from integrations.wire.http import TOO_LONG
from keepwarm.errors import AccessRevoked, Rejected, TryAgainLater
from keepwarm.types import Grant
from tests.emulators.microsoft import Microsoft, Person

Opens = Callable[..., Opening]
BATCH, GET = "POST /$batch", "GET /me/messages/{id}"


def mails(person: Person, number: int) -> dict[str, str]:
    """So many mails of as many people, as a batch asks for them."""
    refs = [person.receives({"From": f"p{each}@example.com"}) for each in range(number)]
    return {ref: path(ref) for ref in refs}


def path(ref: str) -> str:
    return f"/me/messages/{quote(ref, safe='')}?$select=from"


def sender(reply: Reply) -> str:
    return str(reply.told["from"]["emailAddress"]["address"])


def test_every_part_goes_to_its_name(town: Microsoft, robin: Person, opening: Opens) -> None:
    asked = mails(robin, 20)
    before = town.requests[BATCH]
    found = fetch(Calls(opening(town, robin, "mail")), asked)
    assert list(found) == list(asked)
    assert [sender(each) for each in found.values()] == [f"p{number}@example.com" for number in range(20)]
    assert town.requests[BATCH] == before + 1


@pytest.mark.parametrize(("form", "wait"), [("seconds", "90"), ("date", "GMT")])
def test_a_part_may_be_refused_alone(town: Microsoft, robin: Person, opening: Opens, form: str, wait: str) -> None:
    asked = mails(robin, 3)
    town.faults.add(GET, "429", after=1, retry_after=90, form=form)
    found = fetch(Calls(opening(town, robin, "mail")), asked | {"none": path("AAkAnobody=")})
    assert [each.status for each in found.values()] == [200, 429, 200, 404]
    assert wait in found[list(asked)[1]].headers["retry-after"]


@pytest.mark.parametrize("fault", ["truncated", "cut", "429", "503"])
def test_a_batch_without_a_whole_answer_comes_later(town: Microsoft, robin: Person, opening: Opens, fault: str) -> None:
    asked = mails(robin, 3)
    town.faults.add(BATCH, fault)
    with pytest.raises(TryAgainLater):
        fetch(Calls(opening(town, robin, "mail")), asked)
    assert len(fetch(Calls(opening(town, robin, "mail")), asked)) == 3


def test_a_withdrawn_grant_is_told(town: Microsoft, robin: Person, opening: Opens) -> None:
    asked = mails(robin, 2)
    calls = Calls(opening(town, robin, "mail"))
    town.withdraw(robin, at_once=True)
    with pytest.raises(AccessRevoked):
        fetch(calls, asked)


def test_expired_tokens_are_known_before_they_are_refused(town: Microsoft, robin: Person, opening: Opens) -> None:
    asked = mails(robin, 1)
    opened = opening(town, robin, "mail")
    values = opened.grant.values | {"expires_at": (opened.now() - timedelta(hours=1)).isoformat()}
    before = town.requests[BATCH]
    assert all(each.good for each in fetch(Calls(replace(opened, grant=Grant(values=values))), asked).values())
    assert town.requests[BATCH] == before + 1


# --- Answers that a test made up


@dataclass
class Told(Calls):
    """Calls that answer what a test made up, in turn, and refuse an answer to more than ``most`` parts as too long."""

    answers: list[Any] = field(default_factory=list)
    most: int = 20
    asked: list[Any] = field(default_factory=list)

    def call(self, method: str, path: str, params: Any = (), **more: Any) -> Reply:
        body = more.get("body")
        self.asked.append(body["requests"] if body else path)
        if body and len(body["requests"]) > self.most:
            raise Rejected(TOO_LONG)
        told = self.answers.pop(0) if self.answers else {}
        return Reply(status=200, told=told if isinstance(told, dict) else {})


def part(place: int, **more: Any) -> dict[str, Any]:
    return {"id": str(place), "status": 200, "headers": {}, "body": {"id": "x"}} | more


ASKED = {"a": "/a", "b": "/b"}
ODD: dict[str, tuple[Any, list[int]]] = {
    "nothing": ({}, [503, 503]),
    "a list": ([part(0)], [503, 503]),
    "no list": ({"responses": {"0": part(0)}}, [503, 503]),
    "one of two": ({"responses": [part(1)]}, [503, 200]),
    "the other way round": ({"responses": [part(1, status=404), part(0)]}, [200, 404]),
    "two answers to none": ({"responses": [part(7), 5, None, [], part(0)]}, [200, 503]),
    "no status": ({"responses": [part(0, status=None), part(1, status="200")]}, [503, 503]),
    "an odd status": ({"responses": [part(0, status=-200), part(1, status=10**9)]}, [503, 503]),
    "no id": ({"responses": [part(0, id=0), part(1, id=["1"])]}, [503, 503]),
    "odd headers": ({"responses": [part(0, headers=7), part(1, headers={"Retry-After": 5, "X": "y"})]}, [200, 200]),
    "odd bodies": ({"responses": [part(0, body="eyJ9"), part(1, body=None)]}, [200, 200]),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_answer_hides_no_other(name: str) -> None:
    told, statuses = ODD[name]
    assert [each.status for each in fetch(Told(answers=[told]), ASKED).values()] == statuses


def test_headers_and_errors_of_a_part_are_told() -> None:
    refused = part(
        0, status=429, headers={"Retry-After": "7"}, body={"error": {"code": "ApplicationThrottled", "message": "x"}}
    )
    found = fetch(Told(answers=[{"responses": [refused]}]), ASKED)
    assert (found["a"].code, found["a"].headers) == ("ApplicationThrottled", {"retry-after": "7"})
    assert found["b"] == UNANSWERED


def test_every_part_asks_for_immutable_ids() -> None:
    calls = Told()
    fetch(calls, ASKED)
    assert [(each["url"], each["headers"]) for each in calls.asked[0]] == [
        ("/a", {"Prefer": IMMUTABLE}), ("/b", {"Prefer": IMMUTABLE}),
    ]  # fmt: skip


def test_a_dead_token_is_renewed_once_for_all_parts() -> None:
    dead, good = ({"responses": [part(0, status=status), part(1, status=status)]} for status in (401, 200))
    calls = Told(answers=[dead, {"id": "me"}, good])
    assert [each.status for each in fetch(calls, ASKED).values()] == [200, 200]
    assert calls.asked[1] == "/me"


def test_an_answer_too_long_is_asked_for_in_pieces() -> None:
    calls = Told(most=2, answers=[{"responses": [part(0), part(1)]}])
    assert list(fetch(calls, {f"m{each}": "/m" for each in range(11)})) == ["m0", "m1"]
    assert [len(each) for each in calls.asked] == [11, 5, 2]


def test_an_answer_longer_than_any_is_told_as_such() -> None:
    assert fetch(Told(most=0), ASKED) == {"a": UNREADABLE}
