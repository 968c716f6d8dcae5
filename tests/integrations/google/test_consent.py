"""The page of consent and what comes of it: whole ways through the emulator, and every way that leads nowhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from integrations.base import Consent, House, Journey, Opening
from integrations.google import consent, operator
from integrations.google.calls import Calls
from integrations.google.hosts import GMAIL
from integrations.wire import oauth
from keepwarm.errors import AccessRevoked, MisconfiguredError, NotAuthentic, Rejected, TryAgainLater
from keepwarm.settings import Settings
from keepwarm.types import Grant
from tests.emulators.google import Google, Person
from tests.integrations.google.sides import REACH, Clock

ADDRESS = "https://keepwarm.example.org"
REDIRECT = f"{ADDRESS}/oauth/google/callback"
ALL = tuple(consent.PURPOSES)


@pytest.fixture
def house(town: Google, tmp_path: Path, clock: Clock) -> House:
    file = town.client_file(tmp_path, [REDIRECT])
    settings = Settings(home=str(tmp_path), google_base=town.base, google_client=str(file))
    return House(settings=settings, address=ADDRESS, now=clock, secret_of=lambda name: name, reach=REACH)


@pytest.fixture
def robin(town: Google) -> Person:
    """Somebody new, whose address is written with capitals."""
    return town.person(f"Robin.{len(town.people)}@Example.org", name="Robin")


def begun(house: House, *purposes: str, address: str = "") -> Journey:
    return consent.begin(house, purposes or ALL, redirect=REDIRECT, address=address)


def back(town: Google, journey: Journey, person: Person, scopes: Any = None, *, deny: bool = False) -> dict[str, str]:
    """The query that the browser comes back with."""
    return dict(parse_qsl(urlsplit(town.consent(journey.url, person, scopes, deny=deny)).query))


def allowed(house: House, town: Google, person: Person, *purposes: str) -> Consent:
    journey = begun(house, *purposes)
    return consent.finish(house, journey.kept, back(town, journey, person))


# --- The whole way


def test_what_the_owner_allows_is_what_the_account_holds(
    house: House, town: Google, robin: Person, clock: Clock
) -> None:
    found = allowed(house, town, robin)
    assert (found.identity, found.address, found.refused) == (robin.sub, robin.address.lower(), frozenset())
    assert {name: found.settings[name] for name in ALL} == dict.fromkeys(ALL, True)
    assert (found.settings["sub"], found.settings["address"]) == (robin.sub, robin.address.lower())
    assert found.settings["scopes"] == sorted(found.settings["scopes"])
    assert set(found.settings["scopes"]) == {
        "openid",
        *consent.LONG.values(),
        *(s for each in consent.PURPOSES.values() for s in each),
    }
    assert found.settings["grant_ends_at"] == ""
    assert found.grant.values["expires_at"] == (clock() + timedelta(hours=1)).isoformat()
    json.dumps(found.settings)


def test_the_grant_works(house: House, town: Google, robin: Person, opening: Callable[..., Opening]) -> None:
    found = allowed(house, town, robin, "mail")
    opened = opening(town, robin, settings=found.settings, grant=found.grant, operator=house.settings)
    assert Calls(opened).get(f"{GMAIL}/profile").told["emailAddress"] == robin.address


def test_the_page_asks_for_what_we_do_and_no_more(house: House) -> None:
    query = dict(parse_qsl(urlsplit(begun(house, "send", "calendar", address="robin@example.org").url).query))
    assert query["scope"].split() == [
        "openid",
        "email",
        "profile",
        *consent.PURPOSES["calendar"],
        *consent.PURPOSES["send"],
    ]
    told = {"access_type": "offline", "prompt": "consent", "include_granted_scopes": "true"}
    told |= {"login_hint": "robin@example.org", "redirect_uri": REDIRECT, "code_challenge_method": "S256"}
    assert {name: query[name] for name in told} == told


def test_who_has_no_account_yet_is_not_named(house: House) -> None:
    assert "login_hint" not in begun(house).url


def test_no_permission_to_read_a_body_is_ever_asked_for() -> None:
    asked = {scope.rpartition("/")[2] for each in consent.PURPOSES.values() for scope in each}
    assert not asked & {"gmail.readonly", "gmail.modify", "gmail.insert", "mail.google.com", "calendar", "contacts"}


def test_single_permissions_may_be_unticked(house: House, town: Google, robin: Person) -> None:
    journey = begun(house)
    left = ["openid", "email", "profile", *consent.PURPOSES["mail"], consent.PURPOSES["calendar"][0]]
    found = consent.finish(house, journey.kept, back(town, journey, robin, left))
    assert {name for name in ALL if found.settings[name]} == {"mail"}
    assert found.refused == {"calendar", "contacts", "send", "draft"}


def test_what_was_not_asked_for_is_not_refused(house: House, town: Google, robin: Person) -> None:
    found = allowed(house, town, robin, "calendar")
    assert (found.refused, found.settings["calendar"], found.settings["mail"]) == (frozenset(), True, False)


def test_what_was_allowed_earlier_stays(house: House, town: Google, robin: Person) -> None:
    allowed(house, town, robin, "calendar")
    found = allowed(house, town, robin, "mail")
    assert (found.settings["calendar"], found.settings["mail"]) == (True, True)


def test_both_names_of_a_permission_are_one() -> None:
    assert consent._long(["openid", "email", "profile"]) == {"openid", *consent.LONG.values()}


def test_an_app_in_testing_says_when_the_grant_ends(
    house: House, town: Google, robin: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(town, "testing", True)
    assert allowed(house, town, robin).settings["grant_ends_at"] == (clock() + timedelta(days=7)).isoformat()


# --- Ways that lead nowhere


def test_who_says_no_changes_nothing(house: House, town: Google, robin: Person) -> None:
    journey = begun(house)
    with pytest.raises(Rejected) as refused:
        consent.finish(house, journey.kept, back(town, journey, robin, deny=True))
    assert refused.value.reason == oauth.DENIED


def test_an_administrator_may_forbid_it(
    house: House, town: Google, robin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(town, "admin_blocks", True)
    with pytest.raises(Rejected) as refused:
        allowed(house, town, robin)
    assert refused.value.reason == oauth.BLOCKED


TAMPERED: dict[str, tuple[dict[str, str], dict[str, str], type[Exception]]] = {
    "foreign state": ({}, {"state": "x" * 43}, NotAuthentic),
    "state of no journey": ({"state": ""}, {}, NotAuthentic),
    "another server": ({}, {"iss": "https://login.example.org"}, NotAuthentic),
    "another nonce": ({"nonce": "x" * 43}, {}, NotAuthentic),
    "no nonce": ({"nonce": ""}, {}, NotAuthentic),
    "another verifier": ({"verifier": "x" * 43}, {}, Rejected),
    "no verifier": ({"verifier": ""}, {}, Rejected),
    "another redirect": ({"redirect": f"{REDIRECT}/"}, {}, MisconfiguredError),
    "another code": ({}, {"code": "4/x"}, Rejected),
    "no code": ({}, {"code": ""}, NotAuthentic),
}


@pytest.mark.parametrize(("kept", "answer", "error"), TAMPERED.values(), ids=list(TAMPERED))
def test_a_tampered_journey_ends_nowhere(
    house: House, town: Google, robin: Person, kept: dict[str, str], answer: dict[str, str], error: type[Exception]
) -> None:
    journey = begun(house)
    true = back(town, journey, robin)
    with pytest.raises(error):
        consent.finish(house, {**journey.kept, **kept}, {**true, **answer})


def test_an_answer_to_the_journey_of_another_browser_is_not_taken(house: House, town: Google, robin: Person) -> None:
    theirs, ours = begun(house), begun(house)
    with pytest.raises(NotAuthentic):
        consent.finish(house, ours.kept, back(town, theirs, robin))


def test_a_replayed_answer_gives_nothing(house: House, town: Google, robin: Person) -> None:
    journey = begun(house)
    answer = back(town, journey, robin)
    consent.finish(house, journey.kept, answer)
    with pytest.raises(Rejected) as refused:
        consent.finish(house, journey.kept, answer)
    assert refused.value.reason == oauth.SPENT


def test_who_takes_too_long_begins_anew(house: House, town: Google, robin: Person, clock: Clock) -> None:
    journey = begun(house)
    answer = back(town, journey, robin)
    clock.goes(minutes=11)
    with pytest.raises(Rejected) as refused:
        consent.finish(house, journey.kept, answer)
    assert refused.value.reason == oauth.SPENT


def test_a_page_that_knows_no_verifier_is_refused_by_google(house: House, town: Google, robin: Person) -> None:
    with pytest.raises(ValueError, match="PKCE"):
        town.consent(begun(house).url.replace("code_challenge_method=S256", "code_challenge_method=plain"), robin)
    assert town.breaches == ["oauth.authorize: PKCE with S256 is missing"]
    town.breaches.clear()


def test_without_a_lasting_permission_nothing_is_saved(house: House, town: Google, robin: Person) -> None:
    robin.grant("gmail.metadata")
    journey = begun(house)
    hurried = replace(journey, url=journey.url.replace("prompt=consent", "prompt=select_account"))
    with pytest.raises(Rejected) as refused:
        consent.finish(house, journey.kept, back(town, hurried, robin))
    assert refused.value.reason == consent.NO_REFRESH


def test_without_an_address_nothing_is_saved(house: House, town: Google, robin: Person) -> None:
    journey = begun(house)
    with pytest.raises(Rejected) as refused:
        consent.finish(house, journey.kept, back(town, journey, robin, ["openid", *consent.PURPOSES["mail"]]))
    assert refused.value.reason == consent.NO_ADDRESS


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_that_google_did_not_verify_is_none(verified: Any) -> None:
    with pytest.raises(Rejected):
        consent._address({"email": "robin@example.org", "email_verified": verified})


# --- Renewal


@pytest.fixture
def grant(house: House, town: Google, robin: Person) -> Grant:
    return allowed(house, town, robin).grant


def renewed(house: House, grant: Grant) -> Grant:
    return consent.renew(house.settings, REACH, grant, house.now())


def test_a_renewed_grant_differs_in_its_access_alone(house: House, grant: Grant, clock: Clock) -> None:
    clock.goes(minutes=90)
    found = renewed(house, grant)
    assert found.values["access_token"] != grant.values["access_token"]
    assert found.values["expires_at"] == (clock() + timedelta(hours=1)).isoformat()
    same = ("refresh_token", "scope")
    assert {name: found.values[name] for name in same} == {name: grant.values[name] for name in same}


def test_a_refresh_token_that_rotates_is_taken_over(
    house: House, town: Google, grant: Grant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(town, "rotates", True)
    first = renewed(house, grant)
    second = renewed(house, first)
    assert len({each.values["refresh_token"] for each in (grant, first, second)}) == 3
    with pytest.raises(AccessRevoked):
        renewed(house, first)


def test_a_withdrawn_grant_is_named(house: House, town: Google, robin: Person, grant: Grant) -> None:
    town.withdraw(robin)
    with pytest.raises(AccessRevoked):
        renewed(house, grant)


def test_a_grant_without_a_refresh_token_is_over(house: House) -> None:
    with pytest.raises(AccessRevoked):
        renewed(house, Grant(values={"access_token": "x"}))


@pytest.mark.parametrize(
    "fault", ["429", "403-rate", "403-quota", "500", "503", "cut", "truncated", "applied-then-500"]
)
def test_trouble_at_google_is_no_withdrawal(house: House, town: Google, grant: Grant, fault: str) -> None:
    town.faults.add("oauth.token", fault)
    with pytest.raises(TryAgainLater):
        renewed(house, grant)
    assert renewed(house, grant).values["access_token"]


def test_a_wrong_secret_is_no_withdrawal(
    house: House, town: Google, grant: Grant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(town, "client_secret", "another")
        with pytest.raises(MisconfiguredError) as refused:
            renewed(house, grant)
    assert str(refused.value) == oauth.WRONG_CLIENT
    assert renewed(house, grant).values["access_token"]


# --- The end


def test_a_grant_given_back_is_dead(house: House, town: Google, robin: Person, grant: Grant) -> None:
    consent.revoke(house.settings, REACH, grant)
    assert not town.grants.lives(robin.sub, house.now())
    with pytest.raises(AccessRevoked):
        renewed(house, grant)


def test_a_second_end_is_quiet(house: House, grant: Grant) -> None:
    consent.revoke(house.settings, REACH, grant)
    consent.revoke(house.settings, REACH, grant)
    consent.revoke(house.settings, REACH, Grant())


@pytest.mark.parametrize("fault", ["503", "429", "cut"])
def test_a_grant_that_could_not_be_given_back_is_for_later(
    house: House, town: Google, grant: Grant, fault: str
) -> None:
    town.faults.add("oauth.revoke", fault)
    with pytest.raises(TryAgainLater):
        consent.revoke(house.settings, REACH, grant)
    consent.revoke(house.settings, REACH, grant)


# --- Set-up


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, operator.NO_CLIENT),
        ("", operator.BAD_CLIENT),
        ("[]", operator.BAD_CLIENT),
        ('{"installed": {"client_id": "a", "client_secret": "b"}}', operator.BAD_CLIENT),
        ('{"web": {"client_id": "a"}}', operator.BAD_CLIENT),
    ],
)
def test_what_is_not_set_up_is_said(tmp_path: Path, clock: Clock, content: str | None, says: str) -> None:
    file = tmp_path / "client.json"
    if content is not None:
        file.write_text(content)
    settings = Settings(home=str(tmp_path), google_client="" if content is None else str(file))
    house = House(settings=settings, address=ADDRESS, now=clock, secret_of=lambda name: name)
    assert consent.ready(house) == says
    with pytest.raises(MisconfiguredError):
        begun(house)


def test_what_is_set_up_is_ready(house: House) -> None:
    assert consent.ready(house) == ""
