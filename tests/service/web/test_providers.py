"""Signing in with Google and Microsoft, over their emulators: who somebody is, and who they are never taken for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from keepwarm.store import Store, access, accounts, identities, invitations
from service import create_app
from tests.integrations.google.sides import Clock
from tests.integrations.google.sides import towns as google_towns
from tests.integrations.microsoft.sides import towns as microsoft_towns
from tests.service.web import world
from tests.service.web.conftest import Browser, runtime_over, signed_in
from workers import letting_in, tasks
from workers.runtime import Runtime

HERE = "http://localhost"
SCOPES = {"openid", "email", "profile"}
ISSUERS = {"google": "https://accounts.google.com", "microsoft": "https://login.microsoftonline.com/{}/v2.0"}


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module", params=["google", "microsoft"])
def town(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, clock: Clock
) -> Iterator[tuple[str, Any]]:
    """The name of a provider, and its emulator."""
    made = {"google": google_towns, "microsoft": microsoft_towns}[request.param]
    with ExitStack() as stack:
        there: Any = stack.enter_context(made(tmp_path_factory.mktemp("town"), clock))
        there.redirect_uris.append(f"{HERE}/oauth/{request.param}/callback")
        yield request.param, there


@pytest.fixture(autouse=True)
def no_breaches(town: tuple[str, Any]) -> Iterator[None]:
    yield
    there = town[1]
    found = list(there.breaches)
    there.breaches.clear()
    there.faults.clear()
    assert found == []


@pytest.fixture
def runtime(sqlite_store: Store, tmp_path: Path, town: tuple[str, Any], clock: Clock) -> Runtime:
    name, there = town
    if name == "google":
        more = {"GOOGLE_BASE": there.base, "GOOGLE_CLIENT": str(there.client_file(tmp_path, there.redirect_uris))}
    else:
        (tmp_path / "secret").write_text(f"{there.client_secret}\n")
        more = {
            "MICROSOFT_BASE": there.base,
            "MICROSOFT_CLIENT": there.client_id,
            "MICROSOFT_SECRET": str(tmp_path / "secret"),
        }
    made = runtime_over(
        sqlite_store, tmp_path / "home", clock(), ALLOW_HOSTS="localhost", BROKER_URL="memory://", PUBLIC_URL=HERE,
        **more,
    )  # fmt: skip
    made.home.mkdir(mode=0o700)
    return replace(made, clock=clock)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody at a browser, and who they are at the provider."""

    provider: str
    town: Any
    runtime: Runtime
    app: Flask
    browser: Browser
    person: Any

    def begin(self, path: str, data: dict[str, object] | None = None, *, on: str = "/sign-in") -> str:
        begun = self.browser.post(path, data, on=on)
        assert begun.status_code == 303
        return str(begun.location)

    def says(self, url: str, *, person: Any = None, deny: bool = False) -> str:
        """The path that the provider's page leads back to."""
        back = self.town.consent(url, person or self.person, deny=deny)
        assert back.startswith(f"{HERE}/oauth/{self.provider}/callback")
        return str(back.removeprefix(HERE))

    def signs_in(self, **more: object) -> TestResponse:
        return self.browser.get(self.says(self.begin(f"/sign-in/{self.provider}", dict(more))))

    def switches_on(self, *, person: Any = None) -> TestResponse:
        """The owner who is signed in here, in Settings."""
        url = self.begin(f"/settings/sign-in/{self.provider}/on", {"password": world.PASSWORD}, on="/settings/sign-in")
        return self.browser.get(self.says(url, person=person))

    @property
    def inside(self) -> bool:
        return self.browser.get("/contacts").status_code == 200


@pytest.fixture
def app(runtime: Runtime) -> Flask:
    return create_app(runtime)


@pytest.fixture
def visitor(app: Flask, runtime: Runtime, town: tuple[str, Any]) -> Visitor:
    name, there = town
    person = there.person(f"robin{there.number()}@town.example", name="Robin")
    return Visitor(provider=name, town=there, runtime=runtime, app=app, browser=Browser(app), person=person)


@pytest.fixture
def owner(visitor: Visitor, runtime: Runtime, clock: Clock) -> Visitor:
    made = world.make_owner(runtime.store, clock())
    return replace(visitor, browser=signed_in(visitor.app, made))


def bound(runtime: Runtime, email: str = world.OWNER) -> list[identities.Bound]:
    with runtime.store.system() as tx:
        found = accounts.owner_by_email(tx, email)
        return identities.bound(replace(tx, owner_id=found.id)) if found else []


# --- switching on, signing in


def test_who_switched_it_on_signs_in_by_it(owner: Visitor, runtime: Runtime) -> None:
    assert owner.switches_on().location == "/settings/sign-in"
    page = owner.browser.get("/settings/sign-in").text
    assert owner.person.address in page
    assert "From now on you can sign in with" in page
    elsewhere = replace(owner, browser=Browser(owner.app))
    answer = elsewhere.signs_in(next="contacts.everybody")
    assert (answer.status_code, answer.location) == (303, "/contacts")
    assert elsewhere.inside
    (kept,) = bound(runtime)
    if owner.provider == "google":
        assert (kept.issuer, kept.sub) == (ISSUERS["google"], owner.person.sub)
    else:
        assert (kept.issuer, kept.sub) == (ISSUERS["microsoft"].format(owner.person.tid), owner.person.oid)
    tasks.drain(runtime)
    with runtime.store.system() as tx:
        (made,) = accounts.owners(tx)
    assert "You can sign in with" in runtime.open_local(made.id).list_mails()[0].subject


def test_nothing_but_who_one_is_is_asked_for(owner: Visitor, runtime: Runtime) -> None:
    url = owner.begin(f"/settings/sign-in/{owner.provider}/on", {"password": world.PASSWORD}, on="/settings/sign-in")
    query = parse_qs(urlsplit(url).query)
    assert set(query["scope"][0].split()) == SCOPES
    assert query["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= set(query)
    assert query["redirect_uri"] == [f"{HERE}/oauth/{owner.provider}/callback"]
    owner.browser.get(owner.says(url))
    with runtime.store.system() as tx:
        (made,) = accounts.owners(tx)
    with runtime.store.reading(made.id) as tx:
        assert accounts.accounts(tx) == []  # no account, no grant, nothing to read
    assert not owner.town.grants.refresh


def test_an_equal_address_opens_nothing(visitor: Visitor, runtime: Runtime, clock: Clock) -> None:
    """The provider's person has the very address of an owner here, and is nobody to us."""
    world.make_owner(runtime.store, clock(), email=visitor.person.address)
    answer = visitor.signs_in()
    assert answer.status_code == 403
    assert not visitor.inside
    stranger = visitor.town.person(f"else{visitor.town.number()}@town.example", name="Else")
    unknown = replace(visitor, person=stranger, browser=Browser(visitor.app)).signs_in()
    assert answer.text == unknown.text  # and the page does not tell the two apart
    assert visitor.person.address not in answer.text


def test_an_identity_is_one_owners(owner: Visitor, runtime: Runtime, clock: Clock) -> None:
    owner.switches_on()
    other_id = world.make_owner(runtime.store, clock(), email="kim@example.org")
    other = replace(owner, browser=signed_in(owner.app, other_id))
    other.switches_on()
    assert "opens another network here" in other.browser.get("/settings/sign-in").text
    assert (len(bound(runtime)), bound(runtime, "kim@example.org")) == (1, [])


def test_switching_on_asks_for_the_present_password(owner: Visitor, runtime: Runtime) -> None:
    begun = owner.browser.post(f"/settings/sign-in/{owner.provider}/on", {"password": "wrong"}, on="/settings/sign-in")
    assert begun.location == "/settings/sign-in"
    assert bound(runtime) == []


def test_switching_off_ends_it_and_the_last_way_stays(owner: Visitor, runtime: Runtime) -> None:
    owner.switches_on()
    off = f"/settings/sign-in/{owner.provider}/off"
    owner.browser.post(off, {"password": world.PASSWORD}, on="/settings/sign-in")
    assert bound(runtime) == []
    assert replace(owner, browser=Browser(owner.app)).signs_in().status_code == 403
    owner.switches_on()
    with runtime.store.system() as tx:
        (made,) = accounts.owners(tx)
        accounts.update_owner(replace(tx, owner_id=made.id), password_hash=None)
    assert "only way to sign in" in owner.browser.post(off, on="/settings/sign-in", follow_redirects=True).text
    assert len(bound(runtime)) == 1
    new = {"new": "a lamp over the harbour"}
    assert "counts from now on" in owner.browser.post("/settings/password", new, follow_redirects=True).text


def test_what_is_bound_gives_this_device_a_new_token(owner: Visitor) -> None:
    copy = Browser(owner.app)
    held = owner.browser.client.get_cookie("keepwarm")
    assert held
    copy.client.set_cookie("keepwarm", held.value)
    owner.switches_on()
    assert owner.inside
    assert copy.get("/contacts").status_code == 303


# --- what changes nothing


def test_no_is_no(owner: Visitor, runtime: Runtime) -> None:
    url = owner.begin(f"/settings/sign-in/{owner.provider}/on", {"password": world.PASSWORD}, on="/settings/sign-in")
    assert owner.browser.get(owner.says(url, deny=True)).location == "/settings/sign-in"
    assert bound(runtime) == []
    stranger = replace(owner, browser=Browser(owner.app))
    url = stranger.begin(f"/sign-in/{owner.provider}")
    assert stranger.browser.get(stranger.says(url, deny=True)).location == "/sign-in"
    assert not stranger.inside


def test_an_answer_is_good_in_the_browser_that_asked_once(owner: Visitor) -> None:
    owner.switches_on()
    one, two = (replace(owner, browser=Browser(owner.app)) for _ in range(2))
    path = one.says(one.begin(f"/sign-in/{owner.provider}"))
    two.begin(f"/sign-in/{owner.provider}")
    assert two.browser.get(path).location == "/sign-in"
    assert not two.inside
    held = one.browser.client.get_cookie("keepwarm")
    assert held
    assert one.browser.get(path).location == "/"
    assert one.inside
    copy = replace(owner, browser=Browser(owner.app))
    copy.browser.client.set_cookie("keepwarm", held.value)  # the cookie of before, and the answer, once more
    copy.browser.get(path)
    assert not copy.inside


def test_an_answer_that_comes_late_opens_nothing(owner: Visitor, clock: Clock) -> None:
    owner.switches_on()
    late = replace(owner, browser=Browser(owner.app))
    url = late.begin(f"/sign-in/{owner.provider}")
    clock.goes(minutes=11)
    late.browser.get(late.says(url))
    assert not late.inside
    assert "longer than ten minutes" in late.browser.get("/sign-in").text


@pytest.mark.parametrize(
    "change", [{"state": "x"}, {"state": ""}, {"code": "made-up"}, {"iss": "https://evil.example"}]
)
def test_a_forged_answer_opens_nothing(owner: Visitor, change: dict[str, str]) -> None:
    owner.switches_on()
    forged = replace(owner, browser=Browser(owner.app))
    path, _, query = forged.says(forged.begin(f"/sign-in/{owner.provider}")).partition("?")
    told = {name: values[0] for name, values in parse_qs(query).items()} | change
    assert forged.browser.get(f"{path}?{urlencode(told)}").status_code == 303
    assert not forged.inside


def test_nobody_binds_what_another_began(owner: Visitor, runtime: Runtime, clock: Clock) -> None:
    """Begun by one owner, answered after another signed in to the same browser."""
    world.make_owner(runtime.store, clock(), email="kim@example.org")
    url = owner.begin(f"/settings/sign-in/{owner.provider}/on", {"password": world.PASSWORD}, on="/settings/sign-in")
    path = owner.says(url)
    with runtime.store.system() as tx:
        kim = accounts.owner_by_email(tx, "kim@example.org")
        assert kim
        token = access.new_session(tx, kim.id, clock())
    with owner.browser.client.session_transaction() as session:
        session["token"] = token
    owner.browser.get(path)
    assert (bound(runtime), bound(runtime, "kim@example.org")) == ([], [])


def test_a_session_that_was_planted_is_not_the_one_one_signs_in_with(owner: Visitor) -> None:
    owner.switches_on()
    attacker, victim = Browser(owner.app), replace(owner, browser=Browser(owner.app))
    attacker.get("/sign-in")
    planted = attacker.client.get_cookie("keepwarm")
    assert planted
    victim.browser.client.set_cookie("keepwarm", planted.value)
    victim.signs_in()
    assert victim.inside
    assert attacker.get("/contacts").status_code == 303


def test_it_needs_our_form_and_a_provider_that_is_set_up(owner: Visitor) -> None:
    other = {"google": "microsoft", "microsoft": "google"}[owner.provider]
    stranger = Browser(owner.app)
    assert stranger.client.post(f"/sign-in/{owner.provider}").status_code == 400
    assert stranger.post(f"/sign-in/{other}", on="/sign-in").status_code == 404
    assert stranger.post("/sign-in/evil", on="/sign-in").status_code == 404
    assert stranger.post(f"/sign-in/{owner.provider}", {"for": "evil"}, on="/sign-in").status_code == 404
    begun = stranger.post(f"/sign-in/{owner.provider}", {"next": "//evil.example"}, on="/sign-in")
    assert begun.location.startswith(owner.town.base)
    assert stranger.get("/sign-in").text.count("Sign in with") == 1


@pytest.mark.parametrize("fault", ["503", "cut"])
def test_a_provider_that_is_away_is_told(owner: Visitor, fault: str) -> None:
    owner.switches_on()
    away = replace(owner, browser=Browser(owner.app))
    path = away.says(away.begin(f"/sign-in/{owner.provider}"))
    owner.town.faults.add("oauth.token", fault, times=None)
    assert away.browser.get(path).location == "/sign-in"
    assert "does not answer just now" in away.browser.get("/sign-in").text
    assert not away.inside


# --- the first visit, and an invitation

PLACE: dict[str, object] = {"lang": "en", "zone": "Europe/Amsterdam", "country": "NL", "name": "Robin"}


def test_the_first_visit_can_do_without_a_password(visitor: Visitor, runtime: Runtime) -> None:
    with runtime.store.system() as tx:
        token = access.new_one_time_token(tx, "start", runtime.now())
    on = f"/start?token={token}"
    url = visitor.begin(f"/sign-in/{visitor.provider}", PLACE | {"for": "start", "token": token}, on=on)
    assert visitor.browser.get(visitor.says(url)).location == "/first/"
    assert visitor.inside
    with runtime.store.system() as tx:
        (made,) = accounts.owners(tx)
    assert (made.email, made.has_password, made.operator) == (visitor.person.address, False, True)
    assert replace(visitor, browser=Browser(visitor.app)).signs_in().location == "/"
    # the token is used up
    late = replace(visitor, browser=Browser(visitor.app))
    assert late.browser.get(on).status_code == 400
    url = late.begin(f"/sign-in/{visitor.provider}", PLACE | {"for": "start", "token": token}, on="/sign-in")
    assert url.startswith(visitor.town.base)


def test_without_a_token_a_provider_makes_nobody(visitor: Visitor, runtime: Runtime) -> None:
    for goal in ("start", "join"):
        url = visitor.begin(f"/sign-in/{visitor.provider}", PLACE | {"for": goal, "token": "x"}, on="/sign-in")
        answer = visitor.browser.get(visitor.says(url))
        assert answer.status_code == 400
    with runtime.store.system() as tx:
        assert accounts.owners(tx) == []
    assert not visitor.inside


def test_who_is_invited_joins_by_the_invited_address_as_whoever_they_are_there(
    visitor: Visitor, runtime: Runtime, clock: Clock
) -> None:
    world.make_owner(runtime.store, clock())
    with runtime.store.system() as tx:
        made = invitations.invite(tx, "kim@example.org", runtime.now())
    token = letting_in.token(runtime, "invitation", made.id)
    on = f"/join?token={token}"
    filled = PLACE | {"for": "join", "token": token, "email": "evil@example.net"}
    url = visitor.begin(f"/sign-in/{visitor.provider}", filled, on=on)
    assert visitor.browser.get(visitor.says(url)).location == "/first/"
    (kept,) = bound(runtime, "kim@example.org")
    assert kept.label == visitor.person.address
    assert visitor.inside


def test_an_identity_that_is_somebodys_makes_no_second_owner(owner: Visitor, runtime: Runtime) -> None:
    owner.switches_on()
    with runtime.store.system() as tx:
        made = invitations.invite(tx, "kim@example.org", runtime.now())
    token = letting_in.token(runtime, "invitation", made.id)
    again = replace(owner, browser=Browser(owner.app))
    url = again.begin(f"/sign-in/{owner.provider}", PLACE | {"for": "join", "token": token}, on=f"/join?token={token}")
    answer = again.browser.get(again.says(url))
    assert answer.status_code == 400
    assert "opens another network here" in answer.text
    with runtime.store.system() as tx:
        assert len(accounts.owners(tx)) == 1
        assert invitations.invitation(tx, made.id, runtime.now()) is not None  # not used up
