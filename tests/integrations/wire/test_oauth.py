"""The way to a page of consent and back, renewal, revocation: against a server that answers as each test says."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from integrations.base import Journey
from integrations.wire import jwt, oauth
from integrations.wire.tokens import SOON, Client, Given, Server
from keepwarm.errors import AccessRevoked, KeepwarmError, MisconfiguredError, NotAuthentic, Rejected, TryAgainLater
from tests.conftest import NOW
from tests.emulators.google.values import Answer, of_json
from tests.integrations.wire.stand import CLIENT, ISSUER, REACH, Stand, stands, token

REDIRECT = "https://keepwarm.example.org/oauth/x/callback"
SECRETS = ("access-1", "refresh-1", "code-1", "secret-1", "verifier-1", "nonce-1")
KEPT = {"state": "state-1", "nonce": "nonce-1", "verifier": "verifier-1", "redirect": REDIRECT, "scopes": "openid a b"}
ANSWER = {"state": "state-1", "code": "code-1"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with stands(tmp_path_factory.mktemp("stand")) as stand:
        yield stand


@pytest.fixture
def stand(running: Stand, monkeypatch: pytest.MonkeyPatch) -> Stand:
    running.answers = {"/token": of_json(told()), "/revoke": of_json({})}
    running.asked.clear()
    monkeypatch.setattr(jwt, "KEYRING", jwt.Keyring())
    return running


def us(stand: Stand) -> Client:
    at = (f"{stand.base}/{each}" for each in ("auth", "token", "revoke"))
    server = Server(authorize=next(at), token=next(at), revoke=next(at), signer=stand.signer)
    return Client(server=server, id=CLIENT, secret="secret-1", reach=REACH, now=NOW)


def told(*, claims: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A good answer of the token endpoint; None takes a field away."""
    given = {"access_token": "access-1", "refresh_token": "refresh-1", "expires_in": 3599, "scope": "openid a b"}
    given |= {"token_type": "Bearer", "id_token": token(**({"nonce": "nonce-1"} | (claims or {})))} | changes
    return {name: value for name, value in given.items() if value is not None}


def refusal(word: Any, status: int = 400) -> Answer:
    return of_json({"error": word, "error_description": "about access-1 and refresh-1 of code-1"}, status=status)


def finished(stand: Stand, **answer: str) -> Given:
    return oauth.finish(us(stand), KEPT, ANSWER | answer)


# --- There


def test_the_way_there_holds_everything_that_is_asked_for(stand: Stand) -> None:
    journey = oauth.begin(us(stand), ["openid", "a", "b"], redirect=REDIRECT, prompt="consent")
    parts = urlsplit(journey.url)
    query = dict(parse_qsl(parts.query))
    verifier = journey.kept["verifier"].encode()
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode()
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{stand.base}/auth"
    assert query == {
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": REDIRECT,
        "scope": "openid a b",
        "state": journey.kept["state"],
        "nonce": journey.kept["nonce"],
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "prompt": "consent",
    }
    assert stand.asked == []


def test_every_journey_has_secrets_of_its_own(stand: Stand) -> None:
    found = [oauth.begin(us(stand), ["a"], redirect=REDIRECT).kept for _ in range(50)]
    secrets = [each[name] for each in found for name in ("state", "nonce", "verifier")]
    assert len(set(secrets)) == 150
    assert all(len(each) == 43 and each.isalnum() for each in secrets)


# --- Back


def test_the_code_becomes_tokens_and_a_person(stand: Stand) -> None:
    given = finished(stand, iss=ISSUER)
    assert (given.access, given.refresh, given.scopes) == ("access-1", "refresh-1", frozenset({"openid", "a", "b"}))
    assert (given.expires_at, given.ends_at) == (NOW + timedelta(seconds=3599), None)
    assert given.claims["sub"] == "sub-1"
    assert stand.form(0) == {
        "grant_type": "authorization_code",
        "code": "code-1",
        "redirect_uri": REDIRECT,
        "code_verifier": "verifier-1",
        "client_id": CLIENT,
        "client_secret": "secret-1",
    }


def test_scopes_that_are_not_repeated_are_those_asked_for(stand: Stand) -> None:
    stand.answers["/token"] = of_json(told(scope=None))
    assert finished(stand).scopes == {"openid", "a", "b"}


def test_unticked_scopes_are_not_granted(stand: Stand) -> None:
    stand.answers["/token"] = of_json(told(scope="openid b"))
    assert finished(stand).scopes == {"openid", "b"}


SPANS: list[tuple[str, float | None]] = [
    ("3599", 3599),
    ('"3599"', 3599),
    ("3599.9", 3599.9),
    ("null", 3600),
    ("[]", 3600),
    ("0", 3600),
    ("-5", 3600),
    (f"1{'0' * 400}", 3600),
    ("1000000000000", 365 * 86_400),
    ('"soon"', None),  # from here on Authlib cannot read the answer either
    ("NaN", None),
    ("1e999", None),
]


@pytest.mark.parametrize(("said", "seconds"), SPANS)
def test_a_span_is_a_span(stand: Stand, said: str, seconds: float | None) -> None:
    stand.answers["/token"] = Answer(body=json.dumps(told(expires_in=17)).replace("17", said, 1).encode())
    if seconds is None:
        with pytest.raises(TryAgainLater):
            finished(stand)
    else:
        assert finished(stand).expires_at == NOW + timedelta(seconds=seconds)


def test_a_grant_that_ends_says_so(stand: Stand) -> None:
    stand.answers["/token"] = of_json(told(refresh_token_expires_in=604_799))
    assert finished(stand).ends_at == NOW + timedelta(seconds=604_799)


STRANGERS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "foreign state": (KEPT, {"state": "state-2", "code": "code-1"}),
    "no state": (KEPT, {"code": "code-1"}),
    "empty state": (KEPT, {"state": "", "code": "code-1"}),
    "nothing kept": ({}, ANSWER),
    "nothing kept, nothing said": ({}, {"code": "code-1"}),
    "empty on both sides": (KEPT | {"state": ""}, {"state": "", "code": "code-1"}),
    "strange letters": (KEPT, {"state": "state-1\ud800", "code": "code-1"}),
    "no code": (KEPT, {"state": "state-1"}),
    "endless code": (KEPT, {"state": "state-1", "code": "x" * 20_000}),
    "another server (mix-up)": (KEPT, ANSWER | {"iss": "https://evil.example"}),
    "an empty server": (KEPT, ANSWER | {"iss": ""}),
    "a refusal by another server": (
        KEPT,
        {"state": "state-1", "error": "access_denied", "iss": "https://evil.example"},
    ),
    "a refusal without our state": (KEPT, {"error": "access_denied"}),
}


@pytest.mark.parametrize(("kept", "answer"), STRANGERS.values(), ids=list(STRANGERS))
def test_an_answer_to_another_journey_is_not_taken(stand: Stand, kept: dict[str, str], answer: dict[str, str]) -> None:
    with pytest.raises(NotAuthentic):
        oauth.finish(us(stand), kept, answer)
    assert stand.asked == []


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("access_denied", oauth.DENIED),
        ("admin_policy_enforced", oauth.BLOCKED),
        ("server_error", oauth.NOT_CONNECTED),
        ("<script>", oauth.NOT_CONNECTED),
    ],
)
def test_who_says_no_is_told_that_nothing_changed(stand: Stand, word: str, says: str) -> None:
    with pytest.raises(Rejected, match=r"[Nn]othing was changed") as refused:
        oauth.finish(us(stand), KEPT, {"state": "state-1", "error": word})
    assert refused.value.reason == says
    assert stand.asked == []


NOBODY: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "nonce-2"},
    "no nonce": {"nonce": None},
    "nonce is a number": {"nonce": 1},
    "another issuer": {"iss": "https://evil.example"},
    "another client": {"aud": "client-2"},
    "made for another client": {"azp": "client-2"},
    "expired": {"exp": int(NOW.timestamp()) - 300},
    "no sub": {"sub": None},
    "empty sub": {"sub": ""},
    "sub is a number": {"sub": 1},
    "sub is long": {"sub": "x" * 256},
}


@pytest.mark.parametrize("claims", NOBODY.values(), ids=list(NOBODY))
def test_a_person_who_is_not_proven_is_nobody(stand: Stand, claims: dict[str, Any]) -> None:
    stand.answers["/token"] = of_json(told(claims=claims))
    with pytest.raises(NotAuthentic):
        finished(stand)


@pytest.mark.parametrize(
    "given", [None, "", "x.y.z", 1, token(nonce="nonce-1", alg="none"), token(nonce="nonce-1", by="next")]
)
def test_no_proof_is_no_person(stand: Stand, given: Any) -> None:
    stand.answers["/token"] = of_json(told(id_token=given))
    with pytest.raises(NotAuthentic):
        finished(stand)


def test_keys_that_cannot_be_had_are_for_later(stand: Stand) -> None:
    stand.answers["/keys"] = Answer(status=503)
    with pytest.raises(TryAgainLater):
        finished(stand)


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (refusal("invalid_grant"), Rejected, oauth.SPENT),
        (refusal("access_denied"), Rejected, oauth.DENIED),
        (refusal("invalid_request"), Rejected, oauth.NOT_CONNECTED),
        (refusal("invalid_client", 401), MisconfiguredError, oauth.WRONG_CLIENT),
        (refusal("unauthorized_client"), MisconfiguredError, oauth.WRONG_CLIENT),
        (refusal("redirect_uri_mismatch"), MisconfiguredError, oauth.WRONG_CLIENT),
    ],
)
def test_a_refused_code_says_what_to_do(stand: Stand, answer: Answer, error: type[KeepwarmError], says: str) -> None:
    stand.answers["/token"] = answer
    with pytest.raises(error) as refused:
        finished(stand)
    assert str(refused.value) == says


# --- Renewal


def renewed(stand: Stand) -> Given:
    return oauth.refresh(us(stand), "refresh-0", "a b")


def test_a_renewal_keeps_the_refresh_token(stand: Stand) -> None:
    stand.answers["/token"] = of_json({"access_token": "access-2", "expires_in": 3600})
    given = renewed(stand)
    assert (given.access, given.refresh, given.scopes) == ("access-2", "refresh-0", frozenset({"a", "b"}))
    assert stand.form() == {
        "grant_type": "refresh_token",
        "refresh_token": "refresh-0",
        "client_id": CLIENT,
        "client_secret": "secret-1",
    }


def test_a_renewal_takes_a_new_refresh_token_over(stand: Stand) -> None:
    stand.answers["/token"] = of_json({"access_token": "access-2", "refresh_token": "refresh-2", "scope": "a"})
    given = renewed(stand)
    assert (given.refresh, given.scopes, given.expires_at) == ("refresh-2", frozenset({"a"}), NOW + timedelta(hours=1))


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_refresh_token_is_none(stand: Stand, empty: Any) -> None:
    stand.answers["/token"] = of_json({"access_token": "access-2", "refresh_token": empty})
    assert renewed(stand).refresh == "refresh-0"


def test_only_one_word_means_that_the_grant_is_withdrawn(stand: Stand) -> None:
    stand.answers["/token"] = refusal("invalid_grant")
    with pytest.raises(AccessRevoked):
        renewed(stand)


@pytest.mark.parametrize("word", sorted(oauth.OURS))
def test_a_client_that_is_refused_is_the_operators_to_mend(stand: Stand, word: str) -> None:
    stand.answers["/token"] = refusal(word, 401)
    with pytest.raises(MisconfiguredError) as refused:
        renewed(stand)
    assert str(refused.value) == oauth.WRONG_CLIENT


LATER: dict[str, tuple[Answer, timedelta]] = {
    "500": (Answer(status=500), timedelta(minutes=1)),
    "503, even if it says invalid_grant": (refusal("invalid_grant", 503), timedelta(minutes=1)),
    "503 that says when": (Answer(status=503, headers={"Retry-After": "900"}), timedelta(minutes=15)),
    "429": (of_json({"error": {"code": 429}}, status=429, headers={"Retry-After": "1800"}), timedelta(minutes=30)),
    "403 of another shape": (of_json({"error": {"code": 403, "errors": []}}, status=403), SOON),
    "404": (Answer(status=404, body=b"<html>not here</html>"), SOON),
    "an unknown word": (refusal("temporarily_unavailable"), SOON),
    "a word that is none": (refusal(["invalid_grant"]), SOON),
    "a redirect": (Answer(status=307, headers={"Location": "/elsewhere"}), SOON),
    "a page": (Answer(body=b"<html></html>"), SOON),
    "nothing": (Answer(), SOON),
    "a list": (of_json([1]), SOON),
    "deep": (Answer(body=b"[" * 100_000), SOON),
    "too long": (of_json({"access_token": "a", "more": "x" * (300 << 10)}), SOON),
    "a bomb": (Answer(body=gzip.compress(b"x" * (64 << 20)), headers={"Content-Encoding": "gzip"}), SOON),
    "no token": (of_json({"expires_in": 3600}), SOON),
    "a token that is a number": (of_json({"access_token": 1}), SOON),
    "a token with a line break": (of_json({"access_token": "a\r\nX: y"}), SOON),
    "an endless token": (of_json({"access_token": "x" * 20_000}), SOON),
    "a refresh token that is a list": (of_json({"access_token": "a", "refresh_token": ["b"]}), SOON),
    "no answer": (Answer(closes="silent"), timedelta(minutes=1)),
    "half an answer": (Answer(body=b'{"access_token": "a"}', closes="halfway"), timedelta(minutes=1)),
    "a blocked person": (refusal("admin_policy_enforced"), timedelta(hours=1)),
}


@pytest.mark.parametrize(("answer", "after"), LATER.values(), ids=list(LATER))
def test_all_else_is_for_later_and_never_a_withdrawal(stand: Stand, answer: Answer, after: timedelta) -> None:
    stand.answers["/token"] = answer
    with pytest.raises(TryAgainLater) as busy:
        renewed(stand)
    assert busy.value.after == after
    assert [each.path for each in stand.asked] == ["/token"]


def test_a_server_that_is_not_there_is_for_later(stand: Stand) -> None:
    gone = replace(us(stand), server=replace(us(stand).server, token="https://localhost:1/token"))
    with pytest.raises(TryAgainLater):
        oauth.refresh(gone, "refresh-0", "")


# --- Revocation


def test_a_revocation_sends_the_token_and_nothing_else(stand: Stand) -> None:
    oauth.revoke(us(stand), "refresh-0")
    assert stand.form() == {"token": "refresh-0"}


@pytest.mark.parametrize("word", ["invalid_token", "invalid_grant"])
def test_a_dead_grant_is_revoked(stand: Stand, word: str) -> None:
    stand.answers["/revoke"] = refusal(word)
    oauth.revoke(us(stand), "refresh-0")
    assert stand.times("/revoke") == 1


@pytest.mark.parametrize(
    "answer", [Answer(status=503), Answer(status=429), Answer(closes="silent"), refusal("other"), Answer(status=404)]
)
def test_a_revocation_that_did_not_happen_is_for_later(stand: Stand, answer: Answer) -> None:
    stand.answers["/revoke"] = answer
    with pytest.raises(TryAgainLater):
        oauth.revoke(us(stand), "refresh-0")


# --- Whether a server knows us, and service accounts


@pytest.mark.parametrize("word", ["invalid_grant", "invalid_client", "redirect_uri_mismatch"])
def test_a_made_up_code_tells_whether_we_are_known(stand: Stand, word: str) -> None:
    stand.answers["/token"] = refusal(word)
    assert oauth.probe(us(stand), REDIRECT) == word


def test_an_assertion_becomes_a_token(stand: Stand) -> None:
    stand.answers["/token"] = of_json({"access_token": "access-3", "expires_in": 3599})
    assert oauth.assertion(us(stand), "a.b.c").access == "access-3"
    assert stand.form() == {"grant_type": oauth.BY_ASSERTION, "assertion": "a.b.c"}


@pytest.mark.parametrize(("word", "error"), [("invalid_grant", MisconfiguredError), ("other", TryAgainLater)])
def test_a_refused_assertion_is_the_operators_to_mend(stand: Stand, word: str, error: type[KeepwarmError]) -> None:
    stand.answers["/token"] = refusal(word)
    with pytest.raises(error):
        oauth.assertion(us(stand), "a.b.c")


# --- Nothing secret is told


DEEDS: dict[str, Callable[[Stand], Any]] = {
    "finish": finished,
    "renew": lambda stand: oauth.refresh(us(stand), "refresh-1", ""),
    "revoke": lambda stand: oauth.revoke(us(stand), "refresh-1"),
}


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize(
    "answer", [refusal("invalid_grant"), refusal("x"), Answer(status=500), Answer(closes="silent")]
)
def test_no_secret_is_in_an_error_or_a_log(
    stand: Stand, deed: str, answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    stand.answers |= {"/token": answer, "/revoke": answer}
    shown = caplog.text
    try:
        DEEDS[deed](stand)
    except KeepwarmError as error:
        shown += "".join(traceback.format_exception(error))
    shown += caplog.text
    assert [each for each in SECRETS if f"'{each}'" in shown or f"={each}" in shown or f" {each} " in shown] == []


def test_no_secret_is_in_a_repr(stand: Stand) -> None:
    values = [us(stand), finished(stand), Journey(url="https://example.org", kept=KEPT)]
    assert [each for each in SECRETS if each in repr(values)] == []
