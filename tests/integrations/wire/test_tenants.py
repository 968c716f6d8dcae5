"""Those who sign for many tenants, refusals that say more than a word, and renewals that repeat their scopes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from integrations.wire import jwt, oauth
from integrations.wire.jwt import TENANT, Signer, is_id, verify
from integrations.wire.tokens import ABOUT, Client, Refusal, Server, refusal
from keepwarm.errors import AccessRevoked, KeepwarmError, NotAuthentic, Rejected
from tests.conftest import NOW
from tests.emulators.google.tokens import key
from tests.emulators.google.values import of_json
from tests.integrations.wire.stand import CLIENT, REACH, Stand, stands, token

OURS, OTHER = "11111111-2222-3333-4444-555555555555", "99999999-2222-3333-4444-555555555555"
NAME = "https://login.example/{tenantid}/v2.0"
KEPT = {"state": "s", "nonce": "n", "verifier": "v", "redirect": "https://k.example/back", "scopes": "openid a"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with stands(tmp_path_factory.mktemp("stand")) as stand:
        yield stand


@pytest.fixture
def stand(running: Stand, monkeypatch: pytest.MonkeyPatch) -> Stand:
    running.answers.clear()
    running.asked.clear()
    monkeypatch.setattr(jwt, "KEYRING", jwt.Keyring())
    return running


def signer(stand: Stand) -> Signer:
    return Signer(keys=f"{stand.base}/keys", by_tenant=NAME)


def believed(stand: Stand, **claims: Any) -> Any:
    return verify(token(**claims), signer(stand), audience=CLIENT, reach=REACH, now=NOW)


def named(tenant: str) -> str:
    return NAME.replace(TENANT, tenant)


# --- Who signs


def test_a_tenant_signs_for_itself(stand: Stand) -> None:
    assert believed(stand, iss=named(OURS), tid=OURS)["tid"] == OURS


STRANGE: dict[str, dict[str, Any]] = {
    "the name of another tenant": {"iss": named(OURS), "tid": OTHER},
    "no tenant": {"iss": named(OURS), "tid": None},
    "the template itself": {"iss": NAME, "tid": TENANT},
    "a tenant by its domain": {"iss": named("example.org"), "tid": "example.org"},
    "a tenant in capitals": {"iss": named(OURS.replace("5", "A")), "tid": OURS.replace("5", "A")},
    "a tenant with a path": {"iss": named(f"{OURS}/../{OTHER}"), "tid": f"{OURS}/../{OTHER}"},
    "a tenant in a list": {"iss": named(OURS), "tid": [OURS]},
    "an empty tenant": {"iss": named(""), "tid": ""},
    "a line break": {"iss": named(f"{OURS}\n"), "tid": f"{OURS}\n"},
    "another server": {"iss": f"https://evil.example/{OURS}/v2.0", "tid": OURS},
    "issuer in a list": {"iss": [named(OURS)], "tid": OURS},
    "no issuer": {"iss": None, "tid": OURS},
}


@pytest.mark.parametrize("claims", STRANGE.values(), ids=list(STRANGE))
def test_nobody_signs_for_another_tenant(stand: Stand, claims: dict[str, Any]) -> None:
    with pytest.raises(NotAuthentic):
        believed(stand, **claims)


def test_a_signer_without_a_name_signs_nothing(stand: Stand) -> None:
    nameless = Signer(keys=f"{stand.base}/keys")
    with pytest.raises(NotAuthentic):
        verify(token(tid=OURS), nameless, audience=CLIENT, reach=REACH, now=NOW)


@pytest.mark.parametrize(
    ("bound", "good"),
    [(None, True), (NAME, True), (named(OURS), True), (named(OTHER), False), ("x", False), (7, False)],
)
def test_a_key_signs_for_the_tenant_that_it_was_published_for(stand: Stand, bound: Any, good: bool) -> None:
    told = key("google").jwk | ({} if bound is None else {"issuer": bound})
    stand.answers["/keys"] = of_json({"keys": [told]})
    if good:
        assert believed(stand, iss=named(OURS), tid=OURS)
    else:
        with pytest.raises(NotAuthentic):
            believed(stand, iss=named(OURS), tid=OURS)


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        (named(OURS), True),
        (named(OTHER), True),
        (NAME, False),
        (named(""), False),
        (named("x"), False),
        (f"{named(OURS)}/", False),
        (f"https://evil.example/{OURS}/v2.0", False),
        ("", False),
        (OURS, False),
    ],
)
def test_they_call_themselves_by_any_tenant_and_nothing_else(name: str, ours: bool) -> None:
    assert Signer(keys="", by_tenant=NAME).called(name) is ours
    assert not Signer(keys="").called(name)


@pytest.mark.parametrize("given", [None, 1, [], OURS.upper().replace("1", "A"), f"{OURS}0", f" {OURS}", "", OURS[:-1]])
def test_an_id_is_a_uuid_in_lower_case(given: Any) -> None:
    assert is_id(OURS)
    assert not is_id(given)


# --- What is said beside a refusal


def us(stand: Stand) -> Client:
    server = Server(authorize=f"{stand.base}/a", token=f"{stand.base}/token", revoke="", signer=signer(stand))
    return Client(server=server, id=CLIENT, secret="secret-1", reach=REACH, now=NOW)


class Known(KeepwarmError):
    """What a provider makes of a refusal."""


def test_a_provider_reads_its_own_refusals(stand: Stand) -> None:
    seen: list[Refusal] = []

    def means(refused: Refusal) -> KeepwarmError:
        seen.append(refused)
        return Known()

    stand.answers["/token"] = of_json({"error": "invalid_grant", "error_description": "E1: about"}, status=400)
    for deed in (
        lambda: oauth.finish(us(stand), KEPT, {"state": "s", "error": "x", "error_description": "E2"}, means=means),
        lambda: oauth.finish(us(stand), KEPT, {"state": "s", "code": "c"}, means=means),
        lambda: oauth.refresh(us(stand), "r", "", means=means),
    ):
        with pytest.raises(Known):
            deed()
    assert [(each.word, each.about) for each in seen] == [
        ("x", "E2"), ("invalid_grant", "E1: about"), ("invalid_grant", "E1: about")
    ]  # fmt: skip
    assert oauth.probed(us(stand), "https://k.example") == seen[1]


def test_a_refusal_to_another_journey_is_read_by_nobody(stand: Stand) -> None:
    def means(refused: Refusal) -> KeepwarmError:
        raise AssertionError("it was read")

    with pytest.raises(NotAuthentic):
        oauth.finish(us(stand), KEPT, {"state": "t", "error": "x"}, means=means)


def test_what_a_provider_does_not_know_means_what_its_word_says(stand: Stand) -> None:
    stand.answers["/token"] = of_json({"error": "invalid_grant"}, status=400)
    with pytest.raises(AccessRevoked):
        oauth.refresh(us(stand), "r", "", means=oauth.plainly)
    with pytest.raises(Rejected) as refused:
        oauth.finish(us(stand), KEPT, {"state": "s", "error": "access_denied"}, means=oauth.plainly)
    assert refused.value.reason == oauth.DENIED


@pytest.mark.parametrize(
    ("word", "about", "read"),
    [
        ("a", "b", ("a", "b")),
        (None, None, ("", "")),
        (["a"], {"b": 1}, ("", "")),
        ("a", "b" * 9999, ("a", "b" * ABOUT)),
    ],
)
def test_a_refusal_is_text_and_has_an_end(word: Any, about: Any, read: tuple[str, str]) -> None:
    found = refusal(word, about)
    assert (found.word, found.about) == read


def test_what_is_said_beside_a_refusal_is_not_shown() -> None:
    assert "canary" not in repr(refusal("a", "canary@example.org"))


def test_a_renewal_repeats_scopes_only_where_that_is_wanted(stand: Stand) -> None:
    stand.answers["/token"] = of_json({"access_token": "x"})
    oauth.refresh(us(stand), "r", "a b", repeat="a b")
    assert stand.form()["scope"] == "a b"
    oauth.refresh(us(stand), "r", "a b")
    assert "scope" not in stand.form()


def test_an_answer_names_an_issuer_or_none(stand: Stand) -> None:
    stand.answers["/token"] = of_json({"access_token": "x", "id_token": token(iss=named(OURS), tid=OURS, nonce="n")})
    for more in ({}, {"iss": named(OURS)}, {"iss": named(OTHER)}):  # which of its names: the provider compares
        given = oauth.finish(us(stand), KEPT, {"state": "s", "code": "c", **more})
        assert given.claims["tid"] == OURS
    with pytest.raises(NotAuthentic):
        oauth.finish(us(stand), KEPT, {"state": "s", "code": "c", "iss": NAME})
