"""What becomes of a grant: renewals, what ends it, and what never shows of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from integrations.base import Consent, House, Opening
from integrations.microsoft import consent, refusals
from integrations.microsoft.calls import Calls
from integrations.wire.tokens import Refusal
from keepwarm.errors import AccessRevoked, KeepwarmError, MisconfiguredError, TryAgainLater
from keepwarm.types import Grant
from tests.emulators.microsoft import Microsoft, Person
from tests.integrations.microsoft.sides import REACH, Clock
from tests.integrations.microsoft.test_consent import OID, allowed, begun, house, refused_at, robin

__all__ = ["house", "robin"]  # fixtures


@pytest.fixture
def grant(house: House, town: Microsoft, robin: Person) -> Grant:
    return allowed(house, town, robin).grant


def renewed(house: House, grant: Grant) -> Grant:
    return consent.renew(house.settings, REACH, grant, house.now())


def test_every_renewal_brings_a_new_refresh_token_and_the_old_one_stays_good(house: House, grant: Grant) -> None:
    first = renewed(house, grant)
    second = renewed(house, first)
    again = renewed(house, grant)
    told = (grant, first, second, again)
    assert len({each.values["refresh_token"] for each in told}) == 4
    assert len({each.values["access_token"] for each in told}) == 4
    assert {each.values["scope"] for each in told} == {grant.values["scope"]}


def test_a_renewed_token_lives_from_now_on(house: House, grant: Grant, clock: Clock) -> None:
    clock.goes(minutes=90)
    assert renewed(house, grant).values["expires_at"] == (clock() + timedelta(hours=1)).isoformat()


def test_a_grant_lives_ninety_days_and_each_use_makes_it_ninety_more(house: House, grant: Grant, clock: Clock) -> None:
    for _ in range(3):
        clock.goes(days=80)
        kept, grant = grant, renewed(house, grant)
    clock.goes(days=80)
    with pytest.raises(AccessRevoked):
        renewed(house, kept)
    assert renewed(house, grant).values["access_token"]


def test_only_what_we_know_is_asked_for_again() -> None:
    told = f"openid {consent.ROOT}Mail.Send {consent.ROOT}Files.Read.All people.read"
    assert consent._repeated(told).split() == [f"{consent.ROOT}Mail.Send", "offline_access", "openid"]
    assert consent._repeated("") == consent._repeated("files.read") == ""


RENEWALS: dict[str, tuple[str, str, type[KeepwarmError] | None]] = {
    "password changed": ("invalid_grant", "AADSTS50173: ...", AccessRevoked),
    "idle": ("invalid_grant", "AADSTS700082: ...", AccessRevoked),
    "no number": ("invalid_grant", "", AccessRevoked),
    "conditional access": ("interaction_required", "AADSTS50076: ...", AccessRevoked),
    "more to prove": ("interaction_required", "AADSTS50079: ...", AccessRevoked),
    "more to prove, no number": ("interaction_required", "", AccessRevoked),
    "more to prove, otherwise": ("x", "AADSTS50079: ...", AccessRevoked),
    "consent withdrawn": ("consent_required", "AADSTS65001: ...", AccessRevoked),
    "secret expired": ("invalid_client", "AADSTS7000222: ...", MisconfiguredError),
    "secret expired, otherwise": ("invalid_grant", "AADSTS7000222: ...", MisconfiguredError),
    "wrong secret": ("invalid_client", "AADSTS7000215: ...", MisconfiguredError),
    "unknown client": ("unauthorized_client", "", MisconfiguredError),
    "away": ("temporarily_unavailable", "AADSTS90033: ...", None),
    "unknown": ("x", "", None),
}


@pytest.mark.parametrize(("word", "about", "kind"), RENEWALS.values(), ids=list(RENEWALS))
def test_what_ends_a_grant_is_told_from_what_does_not(word: str, about: str, kind: type[KeepwarmError] | None) -> None:
    found = refusals.at_renewal(Refusal(word=word, about=about))
    assert (type(found) if found else None) is kind


def test_a_changed_password_says_reconnect(house: House, town: Microsoft, robin: Person, grant: Grant) -> None:
    town.changes_password(robin)
    with pytest.raises(AccessRevoked):
        renewed(house, grant)
    assert renewed(house, allowed(house, town, robin).grant).values["access_token"]


@pytest.mark.parametrize("number", [50076, 50079])
def test_conditional_access_says_reconnect_and_one_visit_mends_it(
    house: House, town: Microsoft, robin: Person, grant: Grant, number: int
) -> None:
    town.demands(robin, number)
    with pytest.raises(AccessRevoked):
        renewed(house, grant)
    allowed(house, town, robin)
    assert renewed(house, grant).values["access_token"]


def test_a_claims_challenge_costs_one_renewal_and_then_says_reconnect(
    house: House, town: Microsoft, robin: Person, grant: Grant, opening: Callable[..., Opening]
) -> None:
    opened = opening(town, robin, "mail", grant=grant, operator=house.settings)
    town.challenges(robin)
    before = town.requests["oauth.token"]
    with pytest.raises(AccessRevoked):
        Calls(opened).get("/me/mailFolders/inbox")
    assert town.requests["oauth.token"] - before == 1


def test_a_withdrawn_grant_is_named(house: House, town: Microsoft, robin: Person, grant: Grant) -> None:
    town.withdraw(robin)
    with pytest.raises(AccessRevoked):
        renewed(house, grant)


def test_a_grant_without_a_refresh_token_is_over(house: House) -> None:
    with pytest.raises(AccessRevoked):
        renewed(house, Grant(values={"access_token": "x"}))


@pytest.mark.parametrize("fault", ["429", "500", "503", "504", "cut", "truncated"])
def test_trouble_at_microsoft_is_no_withdrawal(house: House, town: Microsoft, grant: Grant, fault: str) -> None:
    town.faults.add("oauth.token", fault)
    with pytest.raises(TryAgainLater):
        renewed(house, grant)
    assert renewed(house, grant).values["access_token"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"client_secret": "another"}, refusals.WRONG_SECRET), ({"secret_expired": True}, refusals.SECRET_OVER),
     ({"client_id": OID}, refusals.UNKNOWN_APP)],
)  # fmt: skip
def test_a_secret_that_is_over_is_the_operators_to_mend(
    house: House, town: Microsoft, grant: Grant, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], says: str
) -> None:
    with monkeypatch.context() as patch:
        for name, held in changes.items():
            patch.setattr(town, name, held)
        for deed in (lambda: renewed(house, grant), lambda: allowed_with(house, grant)):
            with pytest.raises(MisconfiguredError) as refused:
                deed()
            assert str(refused.value) == says
    assert renewed(house, grant).values["access_token"]


def allowed_with(house: House, grant: Grant) -> Consent:
    """A code that is never looked at."""
    journey = begun(house)
    return consent.finish(house, journey.kept, {"state": journey.kept["state"], "code": grant.values["access_token"]})


def test_a_secret_that_is_over_names_its_setting() -> None:
    for says in (refusals.WRONG_SECRET, refusals.SECRET_OVER):
        assert "KEEPWARM_MICROSOFT_SECRET" in says
        assert "stay as they are" in says


def test_nothing_secret_is_in_an_error_or_a_log(
    house: House, town: Microsoft, robin: Person, grant: Grant, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    found = refused_at(house, "access_denied", f"AADSTS50020: User account '{robin.address}' does not exist")
    town.withdraw(robin)
    with pytest.raises(AccessRevoked) as refused:
        renewed(house, grant)
    shown = f"{found!r} {refused.value!r} {caplog.text}"
    assert [each for each in (robin.address, *grant.values.values()) if each in shown] == []
