"""What is not believed of Google's notices, what is proven of them, and a flood of forged ones."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from integrations.base import House, Notice
from integrations.google import push
from keepwarm.errors import NotAuthentic, TryAgainLater
from keepwarm.types import Push, StreamKind
from tests.emulators.google import Google, Person
from tests.emulators.google.forged import FORGERIES
from tests.emulators.google.tokens import key, signed
from tests.integrations.conftest import secret_of
from tests.integrations.google.test_push import ACCOUNT, ADDRESS, HOOKS, house, notice, operator, robin

__all__ = ["house", "operator", "robin"]  # fixtures


# --- What is not believed: mail


@pytest.mark.parametrize("kind", FORGERIES)
def test_a_forged_push_is_not_believed(town: Google, house: House, robin: Person, kind: str) -> None:
    headers, body = town.pushes.forged(kind, robin)
    with pytest.raises(NotAuthentic):
        push.parse(notice("gmail", headers, body), house)


def genuine(town: Google, house: House, robin: Person, body: Any = None, **claims: Any) -> Notice:
    """What Google sends, with these claims and this body instead of its own."""
    headers, true = town.pushes.forged("genuine", robin)
    real = town.subscriptions[house.settings.google_subscription]
    given = {name: held for name, held in (town.pushes.claims(real) | claims).items() if held is not None}
    sent = true if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    return notice("gmail", {**headers, "Authorization": f"Bearer {signed(given, key('google'))}"}, sent)


def test_a_genuine_push_is(town: Google, house: House, robin: Person) -> None:
    assert push.parse(genuine(town, house, robin), house) == [
        Push(kind=StreamKind.MAIL, remote_ref=robin.address.lower())
    ]


WRONG: dict[str, dict[str, Any]] = {
    "audience of the host alone": {"aud": ADDRESS},
    "audience with a slash": {"aud": f"{HOOKS}/gmail/"},
    "audience in capitals": {"aud": f"{HOOKS}/gmail".upper()},
    "several audiences": {"aud": [f"{HOOKS}/gmail", "https://elsewhere.example"]},
    "verified as text": {"email_verified": "true"},
    "verified as number": {"email_verified": 1},
    "account in capitals": {"email": ACCOUNT.upper()},
    "account in a list": {"email": [ACCOUNT]},
    "account in another claim": {"email": None, "sub": ACCOUNT},
}


@pytest.mark.parametrize("claims", WRONG.values(), ids=list(WRONG))
def test_claims_that_are_nearly_right_are_wrong(
    town: Google, house: House, robin: Person, claims: dict[str, Any]
) -> None:
    with pytest.raises(NotAuthentic):
        push.parse(genuine(town, house, robin, **claims), house)


HEADERS: dict[str, Callable[[str], dict[str, str]]] = {
    "none": lambda _: {},
    "empty": lambda _: {"authorization": ""},
    "no scheme": lambda token: {"authorization": token},
    "another scheme": lambda token: {"authorization": f"Basic {token}"},
    "in another header": lambda token: {"x-authorization": f"Bearer {token}"},
    "two tokens": lambda token: {"authorization": f"Bearer {token} {token}"},
    "too long": lambda token: {"authorization": f"Bearer {token}{'x' * 9000}"},
}


@pytest.mark.parametrize("kind", HEADERS)
def test_a_token_is_where_it_belongs_or_nowhere(town: Google, house: House, robin: Person, kind: str) -> None:
    true = genuine(town, house, robin)
    token = true.headers["authorization"].removeprefix("Bearer ")
    with pytest.raises(NotAuthentic):
        push.parse(replace(true, headers=HEADERS[kind](token)), house)


@pytest.mark.parametrize("missing", ["google_subscription", "google_push_account"])
def test_without_set_up_nothing_is_believed_and_nothing_fetched(
    town: Google, house: House, robin: Person, missing: str
) -> None:
    before = town.requests["oauth.certs"]
    with pytest.raises(NotAuthentic):
        push.parse(genuine(town, house, robin), _without(house, missing))
    assert town.requests["oauth.certs"] == before


def _without(house: House, name: str) -> House:
    nothing: dict[str, Any] = {name: ""}
    return replace(house, settings=replace(house.settings, **nothing))


def test_an_audience_of_the_operators_own_is_the_only_one(town: Google, house: House, robin: Person) -> None:
    ours = replace(house, settings=replace(house.settings, google_audience="keepwarm"))
    assert push.parse(genuine(town, house, robin, aud="keepwarm"), ours)
    with pytest.raises(NotAuthentic):
        push.parse(genuine(town, house, robin), ours)


@pytest.mark.parametrize("part", ["", "x", "Gmail", "gmail/", "contacts"])
def test_other_parts_are_not_there(town: Google, house: House, robin: Person, part: str) -> None:
    with pytest.raises(NotAuthentic):
        push.parse(replace(genuine(town, house, robin), part=part), house)


def test_keys_that_cannot_be_had_are_for_later(town: Google, house: House, robin: Person) -> None:
    town.faults.add("oauth.certs", "503")
    with pytest.raises(TryAgainLater):
        push.parse(genuine(town, house, robin), house)


# --- What is proven: bodies


def data(**told: Any) -> str:
    return base64.b64encode(json.dumps(told).encode()).decode()


def standard(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


ODD = '{"emailAddress": "robin+~?~?@example.org", "historyId": 1}'  # its base64 has + or /
READ = {
    "history as number": {"data": data(emailAddress="Robin@Example.org", historyId=987654)},
    "history as text": {"data": data(emailAddress="robin@example.org", historyId="987654")},
    "no history": {"data": data(emailAddress="robin@example.org")},
    "no padding": {"data": data(emailAddress="robin@example.org", historyId=1).rstrip("=")},
    "more beside it": {"data": data(emailAddress="robin@example.org", historyId=1, more=[]), "attributes": {"a": "b"}},
}


@pytest.mark.parametrize("message", READ.values(), ids=list(READ))
def test_a_body_is_read_liberally(town: Google, house: House, robin: Person, message: dict[str, Any]) -> None:
    body = {"message": message, "subscription": house.settings.google_subscription}
    assert push.parse(genuine(town, house, robin, body), house) == [
        Push(kind=StreamKind.MAIL, remote_ref="robin@example.org")
    ]


def test_both_alphabets_of_base64_are_read(town: Google, house: House, robin: Person) -> None:
    usual = standard(ODD)
    assert set(usual) & {"+", "/"}
    for text in (usual, usual.replace("+", "-").replace("/", "_")):
        body = {"message": {"data": text}, "subscription": house.settings.google_subscription}
        found = push.parse(genuine(town, house, robin, body), house)
        assert [each.remote_ref for each in found if isinstance(each, Push)] == ["robin+~?~?@example.org"]


NONSENSE: dict[str, Any] = {
    "no message": None,
    "a text": "x",
    "no data": {},
    "data is a number": {"data": 7},
    "no base64": {"data": "%%%"},
    "no JSON": {"data": standard("x")},
    "no UTF-8": {"data": base64.b64encode(b"\xff\xfe").decode()},
    "a list": {"data": standard("[]")},
    "deep": {"data": standard("[" * 20_000)},
    "no address": {"data": data(historyId=1)},
    "address is a list": {"data": data(emailAddress=["robin@example.org"])},
    "address is none": {"data": data(emailAddress="robin")},
    "address is endless": {"data": data(emailAddress="r" * 400 + "@example.org")},
}


@pytest.mark.parametrize("message", NONSENSE.values(), ids=list(NONSENSE))
def test_proven_nonsense_is_taken_as_nothing(town: Google, house: House, robin: Person, message: Any) -> None:
    body = {"message": message, "subscription": house.settings.google_subscription}
    assert push.parse(genuine(town, house, robin, body), house) == []


UNPROVEN: dict[str, Any] = {
    "empty": b"",
    "no JSON": b"x",
    "no UTF-8": b"\xff",
    "a list": b"[]",
    "deep": b"[" * 60_000,
    "no subscription": {"message": {"data": data(emailAddress="robin@example.org")}},
    "subscription is a list": {"subscription": ["projects/keepwarm-test/subscriptions/mail"]},
    "subscription that begins like ours": {"subscription": "projects/keepwarm-test/subscriptions/mail2"},
    "oversize": b'{"subscription": "projects/keepwarm-test/subscriptions/mail"}' + b" " * (64 << 10),
}


@pytest.mark.parametrize("body", UNPROVEN.values(), ids=list(UNPROVEN))
def test_a_body_that_does_not_name_our_subscription_is_not_taken(
    town: Google, house: House, robin: Person, body: Any
) -> None:
    with pytest.raises(NotAuthentic):
        push.parse(genuine(town, house, robin, body), house)


# --- What is not believed: calendars


def channel(**changes: str | None) -> Notice:
    given = {"id": "a1", "token": secret_of("a1"), "state": "exists", "resource": "r1", **changes}
    names = {"id": "channel-id", "token": "channel-token", "state": "resource-state", "resource": "resource-id"}
    headers = {f"X-Goog-{names[name]}": value for name, value in given.items() if value is not None}
    return notice("calendar", headers | {"X-Goog-Message-Number": "10"})


@pytest.mark.parametrize("state", ["exists", "not_exists", "what comes next year", None])
def test_a_channel_with_its_secret_is_believed(house: House, state: str | None) -> None:
    told = Push(kind=StreamKind.CALENDAR, subscription_ref="a1", remote_ref="r1", channel=True)
    assert push.parse(channel(state=state), house) == [told]


def test_a_resource_of_another_channel_is_told_for_the_store_to_refuse(house: House) -> None:
    [told] = push.parse(channel(resource="r2"), house)
    assert isinstance(told, Push)
    assert (told.subscription_ref, told.remote_ref) == ("a1", "r2")  # of both the store wants the same row


STRANGE: dict[str, dict[str, str | None]] = {
    "wrong token": {"token": f"a1.{'0' * 64}"},
    "half a token": {"token": secret_of("a1")[:40]},
    "the id alone": {"token": "a1"},
    "token of another channel": {"token": secret_of("b2")},
    "another id": {"id": "b2"},
    "no token": {"token": None},
    "empty token": {"token": ""},
    "endless token": {"token": "x" * 257},
    "token in capitals": {"token": secret_of("a1").upper()},
    "token of other letters": {"token": secret_of("a1").replace("a", "а", 1)},  # a Cyrillic one
    "token after a space": {"token": f" {secret_of('a1')}"},
    "no id": {"id": None},
    "empty id": {"id": "", "token": secret_of("")},
    "endless id": {"id": "a" * 65, "token": secret_of("a" * 65)},
    "id of other letters": {"id": "a 1", "token": secret_of("a 1")},
    "id with a line break": {"id": "a1\n"},
    "no resource": {"resource": None},
    "endless resource": {"resource": "r" * 257},
}


@pytest.mark.parametrize("changes", STRANGE.values(), ids=list(STRANGE))
@pytest.mark.parametrize("state", ["exists", "sync"])
def test_a_channel_without_its_secret_is_not_believed(house: House, state: str, changes: dict[str, str | None]) -> None:
    with pytest.raises(NotAuthentic):
        push.parse(channel(state=state, **changes), house)


def test_nothing_of_a_notice_is_in_the_error_or_a_log(
    town: Google, house: House, robin: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    told = ""
    for forged in (channel(token="canary-token"), genuine(town, house, robin, aud="canary-aud")):
        with pytest.raises(NotAuthentic) as refused:
            push.parse(forged, house)
        told += str(refused.value)
    assert "canary" not in told + caplog.text
    assert robin.address not in told + caplog.text


# --- The flood (RELIABILITY.md G8-G12)


def flood(town: Google, house: House, robin: Person, tries: int, seed: int) -> list[Notice]:
    """Forged notices, mixed: every kind of the emulator, true ones with a letter changed, channels, plain noise."""
    dice = random.Random(seed)
    kinds = [town.pushes.forged(kind, robin) for kind in FORGERIES for _ in range(3)]
    _, body = town.pushes.forged("genuine", robin)
    true = genuine(town, house, robin).headers["authorization"]
    strange = [signed({"aud": "x"}, replace(key("impostor"), id=f"{dice.getrandbits(160):040x}")) for _ in range(40)]

    def bearer(text: str) -> Notice:
        return notice("gmail", {"Authorization": text}, body)

    def bent() -> Notice:
        at = dice.randrange(len("Bearer "), len(true))
        return bearer(true[:at] + dice.choice([each for each in "Ab3.-_" if each != true[at]]) + true[at + 1 :])

    def noise(letters: str, most: int) -> str:
        return "".join(dice.choices(letters, k=dice.randrange(most)))

    made: tuple[Callable[[], Notice], ...] = (
        lambda: notice("gmail", *dice.choice(kinds)),
        bent,
        lambda: bearer(f"Bearer {dice.choice(strange)}"),
        lambda: bearer(f"Bearer {noise('eyJ.-_', 400)}"),
        lambda: channel(id=f"{dice.getrandbits(128):032x}", token=f"{dice.getrandbits(256):064x}"),
        lambda: channel(token=f"a1.{dice.getrandbits(256):064x}"),
        lambda: channel(id=noise("a1.é\n /", 80), token=noise("a1.é\n", 300)),
    )
    return [dice.choice(made)() for _ in range(tries)]


def test_of_ten_thousand_forged_notices_none_is_believed(town: Google, house: House, robin: Person) -> None:
    before = town.requests["oauth.certs"]
    believed = 0
    for forged in flood(town, house, robin, 10_000, seed=20_261_123):
        try:
            push.parse(forged, house)
        except NotAuthentic:
            continue
        believed += 1
    assert believed == 0
    assert town.requests["oauth.certs"] - before <= 2
    assert push.parse(genuine(town, house, robin), house)
