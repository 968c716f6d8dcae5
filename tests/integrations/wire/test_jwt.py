"""Tokens that others signed: what is believed, what is not, and how seldom keys are fetched."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from threading import Event
from typing import Any

import pytest

from integrations.wire import jwt
from integrations.wire.jwt import LONGEST, verify
from keepwarm.errors import NotAuthentic, TryAgainLater
from tests.conftest import NOW
from tests.emulators.google.tokens import Key, key, signed
from tests.emulators.google.values import Answer, Asked, of_json
from tests.integrations.wire.stand import CLIENT, ISSUER, REACH, Stand, claims, later, stands, token


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with stands(tmp_path_factory.mktemp("stand")) as stand:
        yield stand


@pytest.fixture
def stand(running: Stand, monkeypatch: pytest.MonkeyPatch) -> Stand:
    """With nothing asked yet, and no keys held."""
    running.published, running.life = ["google"], "public, max-age=19800"
    running.answers.clear()
    running.asked.clear()
    monkeypatch.setattr(jwt, "KEYRING", jwt.Keyring())
    return running


def believed(stand: Stand, given: str, now: datetime = NOW) -> dict[str, Any]:
    return dict(verify(given, stand.signer, audience=CLIENT, reach=REACH, now=now))


def head(**fields: Any) -> str:
    """A token with this header and nothing true behind it."""
    parts = (json.dumps(fields).encode(), json.dumps(claims()).encode(), b"x" * 256)
    return ".".join(base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in parts)


# --- What is believed


GOOD = {
    "plain": {},
    "audience in a list": {"aud": [CLIENT]},
    "several audiences, made for us": {"aud": [CLIENT, "other"], "azp": CLIENT},
    "a clock that is two minutes ahead": {"iat": int(later(seconds=119).timestamp())},
    "a clock that is two minutes late": {"exp": int(later(seconds=-119).timestamp())},
    "not before now": {"nbf": int(NOW.timestamp())},
}


@pytest.mark.parametrize("changes", GOOD.values(), ids=list(GOOD))
def test_a_true_token_is_believed(stand: Stand, changes: dict[str, Any]) -> None:
    assert believed(stand, token(**changes)) == claims(**changes)


FORGED: dict[str, Callable[[], str]] = {
    "another key under the same name": lambda: signed(claims(), Key("google", key("impostor").private)),
    "alg none": lambda: token(alg="none"),
    "HS256 with the public key": lambda: token(alg="HS256"),
    "another issuer": lambda: token(iss="https://issuer.example.evil"),
    "no issuer": lambda: token(iss=None),
    "issuer in a list": lambda: token(iss=[ISSUER]),
    "another audience": lambda: token(aud="client-2"),
    "an audience that begins like ours": lambda: token(aud=f"{CLIENT}0"),
    "no audience": lambda: token(aud=None),
    "empty audience": lambda: token(aud=[]),
    "several audiences, made for another": lambda: token(aud=[CLIENT, "other"], azp="other"),
    "several audiences, made for nobody": lambda: token(aud=[CLIENT, "other"]),
    "expired": lambda: token(exp=int(later(seconds=-121).timestamp())),
    "never ends": lambda: token(exp=None),
    "ends as text": lambda: token(exp="4000000000"),
    "ends at infinity": lambda: token(exp=float("inf")),
    "ends at no number": lambda: token(exp=float("nan")),
    "ends at true": lambda: token(exp=True),
    "from the future": lambda: token(iat=int(later(seconds=130).timestamp())),
    "made at no time": lambda: token(iat=None),
    "not good yet": lambda: token(nbf=int(later(minutes=5).timestamp())),
    "claims are a list": lambda: signed([1], key("google")),  # type: ignore[arg-type]  # that is the point
    "claims are deep": lambda: "{}.{}.{}".format(*_deep()),
    "signature cut": lambda: token()[:-9],
    "signature of another token": lambda: ".".join([*token(sub="x").split(".")[:2], token().split(".")[2]]),
}


def _deep() -> tuple[str, str, str]:
    first, _, last = token().split(".")
    return first, base64.urlsafe_b64encode(b"[" * 3000).rstrip(b"=").decode(), last


@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_token_is_not(stand: Stand, kind: str) -> None:
    with pytest.raises(NotAuthentic):
        believed(stand, FORGED[kind]())
    assert stand.times("/keys") <= 1


def test_no_changed_character_is_believed(stand: Stand) -> None:
    true = token()
    for at in range(0, len(true), 3):
        for other in {"A", "b", "."} - {true[at]}:
            with pytest.raises(NotAuthentic):
                believed(stand, true[:at] + other + true[at + 1 :])
    assert stand.times("/keys") <= 2


CHEAP = {
    "nothing": "",
    "no token": "x",
    "two parts": "a.b",
    "four parts": f"{token()}.x",
    "too long": token(more="x" * LONGEST),
    "not ASCII": f"{token()}é",
    "lone surrogate": f"{token()}\ud800",
    "alg none": token(alg="none"),
    "HS256": token(alg="HS256"),
    "ES256": head(alg="ES256", kid="google"),
    "alg in a list": head(alg=["RS256"], kid="google"),
    "alg in another case": head(alg="rs256", kid="google"),
    "no alg": head(kid="google"),
    "no key's name": head(alg="RS256"),
    "key's name is a number": head(alg="RS256", kid=1),
    "key's name is a path": head(alg="RS256", kid="../../etc/passwd"),
    "key's name is long": head(alg="RS256", kid="x" * 129),
    "something critical": head(alg="RS256", kid="google", crit=["b64"], b64=False),
    "header is deep": base64.urlsafe_b64encode(b"[" * 380).decode() + ".e30.e30",
    "header is a list": base64.urlsafe_b64encode(b'["RS256"]').decode().rstrip("=") + ".e30.e30",
}


@pytest.mark.parametrize("given", CHEAP.values(), ids=list(CHEAP))
def test_what_can_be_no_token_costs_no_fetch(stand: Stand, given: str) -> None:
    with pytest.raises(NotAuthentic):
        believed(stand, given)
    assert stand.asked == []


def test_nothing_of_a_token_is_in_the_error(stand: Stand) -> None:
    given = token(aud="other")
    with pytest.raises(NotAuthentic) as refused:
        believed(stand, given)
    assert not any(part in str(refused.value) for part in given.split("."))


# --- Keys


def test_keys_are_fetched_once_and_kept_as_long_as_they_say(stand: Stand) -> None:
    for seconds in (0, 1, 3600, 19_799):
        believed(stand, token(exp=4_000_000_000), later(seconds=seconds))
    assert stand.times("/keys") == 1
    believed(stand, token(exp=4_000_000_000), later(seconds=19_800))
    assert stand.times("/keys") == 2


@pytest.mark.parametrize(
    ("life", "seconds"),
    [("", 300), ("max-age=1", 300), ("no-store", 300), ("max-age=999999999", 86_400), ("max-age=9999999999", 86_400)],
)
def test_their_life_has_bounds(stand: Stand, life: str, seconds: int) -> None:
    stand.life = life
    good = token(exp=4_000_000_000)
    believed(stand, good)
    believed(stand, good, later(seconds=seconds - 1))
    assert stand.times("/keys") == 1
    believed(stand, good, later(seconds=seconds))
    assert stand.times("/keys") == 2


def test_a_new_key_is_found_within_a_minute(stand: Stand) -> None:
    believed(stand, token())
    stand.published.append("next")
    with pytest.raises(NotAuthentic):
        believed(stand, token(by="next"), later(seconds=59))
    assert believed(stand, token(by="next"), later(seconds=60))
    assert stand.times("/keys") == 2


def test_a_withdrawn_key_is_not_believed_once_keys_are_fetched_anew(stand: Stand) -> None:
    believed(stand, token(exp=4_000_000_000))
    stand.published[:] = ["next"]
    with pytest.raises(NotAuthentic):
        believed(stand, token(exp=4_000_000_000), later(days=1))


def test_forged_names_of_keys_cost_one_fetch_a_minute(stand: Stand) -> None:
    believed(stand, token())
    numbers = random.Random(7)
    for n in range(2000):
        with pytest.raises(NotAuthentic):
            believed(stand, head(alg="RS256", kid=f"{numbers.getrandbits(128):x}"), later(seconds=n * 0.061))
    assert stand.times("/keys") == 3  # in two minutes and the first one


AWAY = {
    "busy": Answer(status=503),
    "gone": Answer(status=404),
    "elsewhere": Answer(status=302, headers={"Location": "https://elsewhere.example/keys"}),
    "silent": Answer(closes="silent"),
    "cut": Answer(body=b'{"keys": []}', closes="halfway"),
    "no JSON": Answer(body=b"<html>"),
    "deep": Answer(body=b"[" * 100_000),
    "a list": of_json([]),
    "no keys": of_json({"keys": []}),
    "keys of other kinds": of_json(
        {"keys": [{"kty": "EC", "kid": "google"}, {"kty": "oct", "k": "eA", "kid": "google"}]}
    ),
    "a short key": of_json({"keys": [key("google").jwk | {"n": "x" * 172}]}),
    "keys that are no keys": of_json({"keys": [None, 1, "x", [], {}, {"kty": "RSA", "n": 1, "e": 2, "kid": "google"}]}),
    "too long": Answer(body=b" " * (200 << 10)),
}


@pytest.mark.parametrize("answer", AWAY.values(), ids=list(AWAY))
def test_keys_that_cannot_be_had_are_for_later(stand: Stand, answer: Answer) -> None:
    stand.answers["/keys"] = answer
    for _ in range(3):
        with pytest.raises(TryAgainLater):
            believed(stand, token())
    assert stand.times("/keys") == 1  # it rests for a while
    del stand.answers["/keys"]
    assert believed(stand, token(), later(seconds=10))


def test_a_broken_key_beside_good_ones_is_left_out(stand: Stand) -> None:
    stand.answers["/keys"] = of_json({"keys": [None, {"kty": "RSA", "kid": "x"}, key("google").jwk | {"more": [1]}]})
    assert believed(stand, token())


def test_keys_held_stay_good_while_their_server_is_away(stand: Stand) -> None:
    believed(stand, token())
    stand.answers["/keys"] = Answer(status=503)
    with pytest.raises(NotAuthentic):
        believed(stand, token(by="next"), later(minutes=5))
    assert believed(stand, token(), later(minutes=5))


def test_many_threads_cause_one_fetch(stand: Stand) -> None:
    def slowly(_: Asked) -> Answer:
        Event().wait(0.2)
        return of_json({"keys": [key("google").jwk]})

    stand.answers["/keys"] = slowly
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: believed(stand, token()), range(16)))
    assert len(found) == 16
    assert stand.times("/keys") == 1


def test_who_holds_keys_does_not_wait_for_a_slow_fetch(stand: Stand) -> None:
    believed(stand, token())
    begun, go_on = Event(), Event()

    def slowly(_: Asked) -> Answer:
        begun.set()
        go_on.wait(20)
        return Answer(status=503)

    stand.answers["/keys"] = slowly
    with ThreadPoolExecutor(1) as pool:
        waits = pool.submit(lambda: believed(stand, token(by="next"), later(minutes=2)))
        assert begun.wait(10)
        assert believed(stand, token(), later(minutes=2))
        with pytest.raises(NotAuthentic):
            believed(stand, token(by="another"), later(minutes=2))
        go_on.set()
        with pytest.raises(NotAuthentic):
            waits.result(20)


def test_each_address_has_keys_of_its_own(stand: Stand) -> None:
    believed(stand, token())
    other = replace(stand.signer, keys=f"{stand.base}/others")
    stand.answers["/others"] = of_json({"keys": [key("next").jwk]})
    with pytest.raises(NotAuthentic):
        verify(token(), other, audience=CLIENT, reach=REACH, now=NOW)
    assert verify(token(by="next"), other, audience=CLIENT, reach=REACH, now=NOW)
