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

from integrations.base import Consent, House, Journey, NeedsAdministrator, Opening
from integrations.microsoft import consent, operator, refusals
from integrations.microsoft.calls import Calls
from integrations.microsoft.hosts import LOGIN, PERSONAL
from integrations.wire import oauth
from keepwarm.errors import KeepwarmError, MisconfiguredError, NotAuthentic, Rejected
from keepwarm.settings import Settings
from tests.emulators.microsoft import Microsoft, Person
from tests.emulators.microsoft import consent as pages
from tests.emulators.microsoft import oauth as identity
from tests.integrations.microsoft import sides
from tests.integrations.microsoft.sides import REACH, REDIRECT, Clock

ALL = tuple(consent.PURPOSES)
TENANT = "11111111-2222-3333-4444-555555555555"
OID = "99999999-2222-3333-4444-555555555555"


@pytest.fixture
def house(town: Microsoft, tmp_path: Path, clock: Clock) -> House:
    town.redirect_uris[:] = [REDIRECT]
    settings = sides.operator(town, tmp_path)
    return House(settings=settings, address=REDIRECT.partition("/oauth/")[0], now=clock, secret_of=str, reach=REACH)


@pytest.fixture
def robin(town: Microsoft) -> Person:
    """Somebody new, whose address is written with capitals."""
    return town.person(f"Robin.{len(town.people)}@Example.org", name="Robin")


def changed(house: House, **settings: Any) -> House:
    return replace(house, settings=replace(house.settings, **settings))


def begun(house: House, *purposes: str, address: str = "") -> Journey:
    return consent.begin(house, purposes or ALL, redirect=REDIRECT, address=address)


def back(
    town: Microsoft, journey: Journey, person: Person, scopes: Any = None, *, deny: bool = False
) -> dict[str, str]:
    """The query that the browser comes back with."""
    return dict(parse_qsl(urlsplit(town.consent(journey.url, person, scopes, deny=deny)).query))


def allowed(house: House, town: Microsoft, person: Person, *purposes: str) -> Consent:
    journey = begun(house, *purposes)
    return consent.finish(house, journey.kept, back(town, journey, person))


def known(person: Person) -> str:
    return f"{person.tid}.{person.oid}"


# --- The whole way


def test_what_the_owner_allows_is_what_the_account_holds(
    house: House, town: Microsoft, robin: Person, clock: Clock
) -> None:
    found = allowed(house, town, robin)
    assert (found.identity, found.address, found.refused) == (known(robin), robin.address.lower(), frozenset())
    assert {name: found.settings[name] for name in ALL} == dict.fromkeys(ALL, True)
    same = {"sub": known(robin), "address": robin.address.lower(), "tenant": robin.tid, "personal": False}
    assert {name: found.settings[name] for name in same} == same
    asked = {scope for needed in consent.PURPOSES.values() for scope in needed}
    assert asked <= set(found.settings["scopes"])
    assert found.settings["scopes"] == sorted(found.settings["scopes"])
    assert found.grant.values["expires_at"] == (clock() + timedelta(hours=1)).isoformat()
    json.dumps(found.settings)


def test_the_grant_works(house: House, town: Microsoft, robin: Person, opening: Callable[..., Opening]) -> None:
    found = allowed(house, town, robin, "mail")
    opened = opening(town, robin, settings=found.settings, grant=found.grant, operator=house.settings)
    assert Calls(opened).get("/me/mailFolders/inbox").told["id"]


def test_the_page_asks_for_what_we_do_and_no_more(house: House, town: Microsoft) -> None:
    journey = begun(house, "send", "calendar", address="robin@example.org")
    query = dict(parse_qsl(urlsplit(journey.url).query))
    assert journey.url.startswith(f"{town.base}/common/oauth2/v2.0/authorize?")
    assert query["scope"].split() == [*consent.WHO, *consent.PURPOSES["calendar"], *consent.PURPOSES["send"]]
    told = {"response_mode": "query", "prompt": "select_account", "login_hint": "robin@example.org"}
    told |= {"redirect_uri": REDIRECT, "code_challenge_method": "S256", "response_type": "code"}
    assert {name: query[name] for name in told} == told
    assert query["nonce"] == journey.kept["nonce"]


def test_who_has_no_account_yet_is_not_named(house: House) -> None:
    assert "login_hint" not in begun(house).url


def test_no_permission_to_read_a_body_is_asked_for_but_with_drafts() -> None:
    asked = {
        purpose: {scope.removeprefix(consent.ROOT) for scope in needed} for purpose, needed in consent.PURPOSES.items()
    }
    assert list(asked) == ["calendar", "contacts", "mail", "send", "draft"]
    wide = {"Mail.Read", "Mail.ReadWrite", "Contacts.ReadWrite", "MailboxSettings.ReadWrite", ".default"}
    assert {purpose for purpose, scopes in asked.items() if scopes & wide} == {"draft"}


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as asked": lambda scope: scope,
    "short": lambda scope: scope.removeprefix(consent.ROOT),
    "small": lambda scope: scope.lower(),
    "short and large": lambda scope: scope.removeprefix(consent.ROOT).upper(),
}


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=list(SPELLINGS))
def test_a_scope_is_the_same_however_it_is_spelled(
    house: House, town: Microsoft, robin: Person, monkeypatch: pytest.MonkeyPatch, spell: Callable[[str], str]
) -> None:
    said = " ".join(map(spell, [*consent.scopes(["calendar", "send"]), f"{consent.ROOT}People.Read"]))
    monkeypatch.setattr(type(town), "spelt", lambda *_: said)
    found = allowed(house, town, robin, "calendar", "send", "mail")
    assert {name for name in ALL if found.settings[name]} == {"calendar", "send"}
    assert found.refused == {"mail"}
    assert {*consent.PURPOSES["calendar"], *consent.PURPOSES["send"], "people.read"} <= set(found.settings["scopes"])
    assert consent.has(found.settings["scopes"], "send")
    assert not consent.has(found.settings["scopes"], "draft")


def test_single_permissions_may_be_left_out(house: House, town: Microsoft, robin: Person) -> None:
    journey = begun(house)
    left = [*consent.WHO, *consent.PURPOSES["mail"], consent.PURPOSES["calendar"][0]]
    found = consent.finish(house, journey.kept, back(town, journey, robin, left))
    assert {name for name in ALL if found.settings[name]} == {"mail"}
    assert found.refused == {"calendar", "contacts", "send", "draft"}


def test_what_was_not_asked_for_is_not_refused(house: House, town: Microsoft, robin: Person) -> None:
    found = allowed(house, town, robin, "calendar")
    assert (found.refused, found.settings["calendar"], found.settings["mail"]) == (frozenset(), True, False)


# --- Who it is


def test_a_personal_account_is_known_by_its_object_too(house: House, town: Microsoft) -> None:
    ann = town.person(f"ann.{len(town.people)}@outlook.example", personal=True)
    found = allowed(house, town, ann)
    assert (found.identity, found.settings["personal"]) == (f"{PERSONAL}.{ann.oid}", True)


@pytest.mark.parametrize(
    ("tenant", "work", "personal"),
    [("common", True, True), ("organizations", True, False), ("consumers", False, True), ("own", True, False),
     ("Common", True, True), (TENANT, False, False), ("example.org", True, False)],
)  # fmt: skip
def test_the_operator_says_whose_accounts_are_taken(tenant: str, work: bool, personal: bool) -> None:
    wanted, theirs = (OID, OID) if tenant == "own" else (tenant, OID)
    assert consent._taken(wanted, theirs) is work
    assert consent._taken(wanted, PERSONAL) is personal


def test_an_account_of_another_organisation_is_not_saved(
    house: House, town: Microsoft, robin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where the identity platform lets it pass."""
    journey = begun(house)
    answer = back(town, journey, robin)
    monkeypatch.setattr(town, "admits", lambda *_: True)
    with pytest.raises(Rejected) as refused:
        consent.finish(changed(house, microsoft_tenant=TENANT), journey.kept, answer)
    assert refused.value.reason == refusals.OTHER_TENANT


def test_an_account_of_the_one_organisation_is(house: House, town: Microsoft, robin: Person) -> None:
    assert consent._taken(robin.tid.upper(), robin.tid)
    assert allowed(changed(house, microsoft_tenant=robin.tid), town, robin).settings["tenant"] == robin.tid


CLAIMS: dict[str, dict[str, Any]] = {
    "iss of another tenant": {"iss": f"{LOGIN}/{TENANT}/v2.0"},
    "iss of the older endpoint": {"iss": f"https://sts.windows.net/{TENANT}/"},
    "iss not filled in": {"iss": f"{LOGIN}/{{tenantid}}/v2.0"},
    "another tid": {"tid": TENANT},
    "no tid": {"tid": None},
    "tid is no id": {"tid": "common", "iss": f"{LOGIN}/common/v2.0"},
    "no oid": {"oid": None},
    "oid is a number": {"oid": 1},
    "oid with a dot": {"oid": f"{TENANT}.{OID}"},
    "another client": {"aud": OID},
    "another nonce": {"nonce": "x" * 43},
    "no nonce": {"nonce": None},
    "expired": {"exp": 1},
    "never ends": {"exp": None},
}


@pytest.mark.parametrize("changes", CLAIMS.values(), ids=list(CLAIMS))
def test_who_is_not_proven_is_nobody(
    house: House, town: Microsoft, robin: Person, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    bent(monkeypatch, lambda claims: {name: held for name, held in (claims | changes).items() if held is not None})
    with pytest.raises(NotAuthentic):
        allowed(house, town, robin)


def bent(patch: pytest.MonkeyPatch, change: Callable[[dict[str, Any]], dict[str, Any]], **how: Any) -> None:
    """From now on the identity platform signs what ``change`` makes of its claims."""
    true = identity.signed
    patch.setattr(identity, "signed", lambda claims, by: true(change(claims), how.get("by", by)))


def test_a_token_that_another_signed_proves_nothing(
    house: House, town: Microsoft, robin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    bent(monkeypatch, dict, by=town.impostor)
    with pytest.raises(NotAuthentic):
        allowed(house, town, robin)


def test_an_address_is_never_who_it_is(house: House, town: Microsoft, monkeypatch: pytest.MonkeyPatch) -> None:
    """RELIABILITY.md G4: an organisation may give anybody any address."""
    victim, other = (town.person(f"{name}.{len(town.people)}@example.org") for name in ("victim", "other"))
    bent(monkeypatch, lambda claims: claims | {"email": victim.address, "preferred_username": victim.address})
    found = allowed(house, town, other)
    assert found.identity == known(other)
    assert found.identity != allowed(house, town, victim).identity


# --- Ways that lead nowhere


def test_who_says_no_changes_nothing(house: House, town: Microsoft, robin: Person) -> None:
    """The same number comes from who presses Cancel and, as others found, from who leaves the approval page."""
    journey = begun(house)
    with pytest.raises(NeedsAdministrator) as refused:
        consent.finish(house, journey.kept, back(town, journey, robin, deny=True))
    assert refused.value.reason == refusals.LEFT
    assert refused.value.reason.startswith("You did not allow it, so nothing was changed.")


def refused_at(house: House, error: str, about: str = "", **kept: str) -> KeepwarmError:
    """What comes of an answer with this error."""
    journey = begun(house)
    answer = {"state": journey.kept["state"], "error": error} | ({"error_description": about} if about else {})
    with pytest.raises(KeepwarmError) as refused:
        consent.finish(house, {**journey.kept, **kept}, answer)
    return refused.value


ANSWERS: dict[str, tuple[str, str, type[KeepwarmError], str]] = {
    "a personal account says no": ("access_denied", "The user has denied access.", Rejected, oauth.DENIED),
    "no word beside it": ("access_denied", "", Rejected, oauth.DENIED),
    "declined": ("access_denied", "AADSTS65004: User declined.", NeedsAdministrator, refusals.LEFT),
    "declined, otherwise": ("consent_required", "AADSTS65004: User declined.", NeedsAdministrator, refusals.LEFT),
    "approval": ("access_denied", "AADSTS90094: An administrator ...", NeedsAdministrator, refusals.BLOCKED),
    "approval asked for": ("access_denied", "AADSTS90095: ...", NeedsAdministrator, refusals.BLOCKED),
    "approval, newer": ("access_denied", "AADSTS900941: ...", NeedsAdministrator, refusals.BLOCKED),
    "no consent": ("consent_required", "AADSTS65001: ...", NeedsAdministrator, refusals.BLOCKED),
    "no consent, otherwise": ("interaction_required", "AADSTS65001: ...", NeedsAdministrator, refusals.BLOCKED),
    "no consent, no number": ("consent_required", "", NeedsAdministrator, refusals.BLOCKED),
    "more to prove": ("interaction_required", "AADSTS50076: ...", Rejected, oauth.NOT_CONNECTED),
    "not assigned": ("access_denied", "AADSTS50105: ...", Rejected, oauth.BLOCKED),
    "conditional access": ("access_denied", "AADSTS53003: ...", Rejected, oauth.BLOCKED),
    "somebody from elsewhere": ("access_denied", "AADSTS50020: ...", Rejected, refusals.OTHER_TENANT),
    "no such app": ("unauthorized_client", "AADSTS700016: ...", MisconfiguredError, refusals.UNKNOWN_APP),
    "one tenant": ("invalid_request", "AADSTS50194: ...", MisconfiguredError, refusals.ONE_TENANT),
    "another redirect": ("invalid_request", "AADSTS50011: ...", MisconfiguredError, refusals.ADD_REDIRECT),
    "trouble": ("server_error", "AADSTS90033: ...", Rejected, oauth.NOT_CONNECTED),
    "a number that nobody knows": ("x", "AADSTS99999999999: ...", Rejected, oauth.NOT_CONNECTED),
    "markup": ("<script>", "<script>AADSTS", Rejected, oauth.NOT_CONNECTED),
}


@pytest.mark.parametrize(("error", "about", "kind", "says"), ANSWERS.values(), ids=list(ANSWERS))
def test_a_refusal_says_what_to_do(house: House, error: str, about: str, kind: type[KeepwarmError], says: str) -> None:
    found = refused_at(house, error, about)
    assert (type(found), str(found)) == (kind, says)


def test_every_refusal_to_a_person_says_that_nothing_changed() -> None:
    said = (refusals.BLOCKED, refusals.LEFT, refusals.OTHER_TENANT, oauth.BLOCKED)
    assert [each for each in said if "othing was changed" not in each] == []


@pytest.mark.parametrize("number", pages.BLOCKS)
def test_a_tenant_that_blocks_consent_gets_the_administrators_link(
    house: House, town: Microsoft, robin: Person, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(town, "blocks_user_consent", True)
    monkeypatch.setattr(town, "consent_refusal", number)
    with pytest.raises(NeedsAdministrator) as refused:
        allowed(house, town, robin, "calendar", "send")
    link = urlsplit(refused.value.link)
    query = dict(parse_qsl(link.query))
    assert f"{link.scheme}://{link.netloc}{link.path}" == f"{town.base}/organizations/v2.0/adminconsent"
    assert query["client_id"] == town.client_id
    assert query["scope"].split() == consent.scopes(consent.USUAL)  # nobody asks their administrator twice
    assert (query["redirect_uri"], query["state"]) == (REDIRECT, consent.ADMINISTRATOR)
    town.admin_consents(robin.tid)
    try:
        assert allowed(house, town, robin, "calendar", "send").settings["calendar"]
    finally:
        town.consented_tenants.discard(robin.tid)


@pytest.mark.parametrize(
    ("tenant", "path"),
    [("common", "organizations"), ("organizations", "organizations"), (TENANT, TENANT), ("example.org", "example.org")],
)
def test_the_link_leads_to_the_operators_organisation_where_there_is_one(house: House, tenant: str, path: str) -> None:
    real = changed(house, microsoft_tenant=tenant, microsoft_base="")
    found = consent.admin_link(real.settings, ["mail"], REDIRECT)
    assert found.startswith(f"{LOGIN}/{path}/v2.0/adminconsent?")


def test_where_only_personal_accounts_connect_nobody_asks_an_administrator(house: House) -> None:
    alone = changed(house, microsoft_tenant="consumers")
    assert consent.admin_link(alone.settings, ["mail"], REDIRECT) == ""
    assert str(refused_at(alone, "access_denied", "AADSTS65004: ...")) == oauth.DENIED
    assert not isinstance(refused_at(alone, "consent_required", "AADSTS65001: ..."), NeedsAdministrator)


def test_a_link_asks_for_nothing_that_the_cookie_made_up(house: House) -> None:
    found = refused_at(house, "consent_required", purposes="mail .default Directory.ReadWrite.All")
    assert isinstance(found, NeedsAdministrator)
    assert dict(parse_qsl(urlsplit(found.link).query))["scope"].split() == consent.scopes(consent.USUAL)


TAMPERED: dict[str, tuple[dict[str, str], dict[str, str], type[Exception]]] = {
    "foreign state": ({}, {"state": "x" * 43}, NotAuthentic),
    "no state": ({"state": ""}, {"state": ""}, NotAuthentic),
    "an administrator's answer": ({}, {"state": "administrator", "admin_consent": "True"}, NotAuthentic),
    "another server": ({}, {"iss": "https://login.example.org"}, NotAuthentic),
    "another provider (mix-up)": ({}, {"iss": "https://accounts.google.com"}, NotAuthentic),
    "another tenant of the same server": ({}, {"iss": f"{LOGIN}/{TENANT}/v2.0"}, NotAuthentic),
    "another nonce": ({"nonce": "x" * 43}, {}, NotAuthentic),
    "no nonce": ({"nonce": ""}, {}, NotAuthentic),
    "another verifier": ({"verifier": "x" * 43}, {}, Rejected),
    "no verifier": ({"verifier": ""}, {}, Rejected),
    "another redirect": ({"redirect": f"{REDIRECT}/"}, {}, Rejected),
    "another code": ({}, {"code": "M.C1_x"}, Rejected),
    "no code": ({}, {"code": ""}, NotAuthentic),
}


@pytest.mark.parametrize(("kept", "answer", "error"), TAMPERED.values(), ids=list(TAMPERED))
def test_a_tampered_journey_ends_nowhere(
    house: House, town: Microsoft, robin: Person, kept: dict[str, str], answer: dict[str, str], error: type[Exception]
) -> None:
    journey = begun(house)
    true = back(town, journey, robin)
    with pytest.raises(error):
        consent.finish(house, {**journey.kept, **kept}, {**true, **answer})


def test_the_servers_own_name_is_no_harm(house: House, town: Microsoft, robin: Person) -> None:
    journey = begun(house)
    answer = back(town, journey, robin) | {"iss": f"{LOGIN}/{robin.tid}/v2.0"}
    assert consent.finish(house, journey.kept, answer).identity == known(robin)


def test_an_answer_to_the_journey_of_another_browser_is_not_taken(house: House, town: Microsoft, robin: Person) -> None:
    theirs, ours = begun(house), begun(house)
    with pytest.raises(NotAuthentic):
        consent.finish(house, ours.kept, back(town, theirs, robin))


def test_a_replayed_answer_gives_nothing(house: House, town: Microsoft, robin: Person) -> None:
    journey = begun(house)
    answer = back(town, journey, robin)
    consent.finish(house, journey.kept, answer)
    with pytest.raises(Rejected) as refused:
        consent.finish(house, journey.kept, answer)
    assert refused.value.reason == oauth.SPENT


def test_who_takes_too_long_begins_anew(house: House, town: Microsoft, robin: Person, clock: Clock) -> None:
    journey = begun(house)
    answer = back(town, journey, robin)
    clock.goes(minutes=11)
    with pytest.raises(Rejected) as refused:
        consent.finish(house, journey.kept, answer)
    assert refused.value.reason == oauth.SPENT


def test_without_a_lasting_permission_nothing_is_saved(house: House, town: Microsoft, robin: Person) -> None:
    journey = begun(house)
    brief = [each for each in consent.scopes(["mail"]) if each != "offline_access"]
    with pytest.raises(Rejected) as refused:
        consent.finish(house, journey.kept, back(town, journey, robin, brief))
    assert refused.value.reason == consent.NO_REFRESH


# --- Set-up


@pytest.mark.parametrize(
    ("client", "content", "says"),
    [
        ("", "secret", operator.NO_CLIENT),
        (OID, None, operator.NO_SECRET),
        (OID, "", operator.NO_SECRET),
        (OID, "two words", operator.NO_SECRET),
        (OID, "geheimnés", operator.NO_SECRET),
        (OID, "a~B.8Q\n", ""),
    ],
)
def test_what_is_not_set_up_is_said(tmp_path: Path, clock: Clock, client: str, content: str | None, says: str) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_text(content)
    settings = Settings(home=str(tmp_path), microsoft_client=client, microsoft_secret=str(file))
    house = House(settings=settings, address=REDIRECT, now=clock, secret_of=str)
    assert consent.ready(house) == says
    if says:
        with pytest.raises(MisconfiguredError):
            begun(house)
    else:
        assert begun(house).url.startswith(f"{LOGIN}/common/")
