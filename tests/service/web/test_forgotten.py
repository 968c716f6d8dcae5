"""A forgotten password, and invitations: links that work once, for whom they were made, and nobody without one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from keepwarm.store import Store, accounts, invitations, password_links
from service import create_app, newcomer
from service.throttle import LIMITS
from tests.service.web import world
from tests.service.web.conftest import Browser, runtime_over, signed_in
from workers import letting_in, tasks
from workers.runtime import Runtime

URL = "smtps://k:p@mail.example.org/?from=k@example.org"
NEW = "a lamp over the harbour"


def link(runtime: Runtime, owner_id: str, *, at: datetime | None = None) -> str:
    """The path of a link to a new password."""
    with runtime.store.transaction(owner_id) as tx:
        made = password_links.make(tx, at or runtime.now())
    return letting_in.link(runtime, "password", made).removeprefix(runtime.base_url)


def invited(runtime: Runtime, email: str = "kim@example.org") -> str:
    with runtime.store.system() as tx:
        made = invitations.invite(tx, email, runtime.now())
    return letting_in.link(runtime, "invitation", made.id).removeprefix(runtime.base_url)


def tokens(path: str) -> dict[str, object]:
    return {"token": path.partition("token=")[2]}


# --- a new password


def test_a_link_gives_a_new_password_and_ends_every_session(
    owner: Browser, here: world.World, runtime: Runtime, stranger: Browser
) -> None:
    path = link(runtime, here.owner_id)
    for _ in range(2):
        assert stranger.get(path).status_code == 200  # looking uses it not up
    answer = stranger.post("/new-password", tokens(path) | {"new": NEW}, on=path)
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert owner.get("/contacts").status_code == 303
    assert stranger.sign_in(password=world.PASSWORD).status_code == 403
    assert stranger.sign_in(password=NEW).status_code == 303
    tasks.drain(runtime)
    told = runtime.open_local(here.owner_id).list_mails()
    assert [each.subject for each in told] == ["Your password was changed"]


def test_a_link_works_once(account: str, runtime: Runtime, app: Flask) -> None:
    path = link(runtime, account)
    Browser(app).post("/new-password", tokens(path) | {"new": NEW}, on=path)
    again = Browser(app)
    assert "used before" in again.get(path).text
    answer = again.post("/new-password", tokens(path) | {"new": "another long enough one"}, on="/sign-in")
    assert answer.status_code == 400
    assert Browser(app).sign_in(password=NEW).status_code == 303


def test_a_link_is_good_for_an_hour(account: str, runtime: Runtime, stranger: Browser) -> None:
    path = link(runtime, account, at=runtime.now() - timedelta(minutes=61))
    assert stranger.get(path).status_code == 400
    answer = stranger.post("/new-password", tokens(path) | {"new": NEW}, on="/sign-in")
    assert answer.status_code == 400
    assert stranger.sign_in().status_code == 303


def test_a_weak_password_leaves_the_link_good(account: str, runtime: Runtime, stranger: Browser) -> None:
    path = link(runtime, account)
    assert stranger.post("/new-password", tokens(path) | {"new": "short"}, on=path).status_code == 400
    assert stranger.post("/new-password", tokens(path) | {"new": NEW}, on=path).status_code == 303


@pytest.mark.parametrize("token", ["", "x", ".", "a.b", "0" * 32 + "." + "0" * 64, "\u202e.\u202e", "%00"])
def test_a_wrong_link_opens_nothing(account: str, stranger: Browser, token: str) -> None:
    assert stranger.client.get("/new-password", query_string={"token": token}).status_code == 400
    assert stranger.post("/new-password", {"token": token, "new": NEW}, on="/sign-in").status_code == 400


def test_an_invitation_is_no_link_to_a_password(account: str, runtime: Runtime, stranger: Browser) -> None:
    path = invited(runtime)
    assert stranger.get(path.replace("/join", "/new-password")).status_code == 400
    assert "used before" in stranger.get(link(runtime, account).replace("/new-password", "/join")).text


def test_the_browser_that_chose_a_new_password_is_known_whatever_others_tried(
    account: str, runtime: Runtime, app: Flask, stranger: Browser
) -> None:
    for _ in range(LIMITS["pair"][0]):
        stranger.sign_in(password="wrong on purpose")
    assert stranger.sign_in().status_code == 429
    path = link(runtime, account)
    stranger.post("/new-password", tokens(path) | {"new": NEW}, on=path)
    assert stranger.sign_in(password=NEW).status_code == 303


def test_asking_by_mail_is_slowed_alike_for_everybody(sqlite_store: Store, tmp_path: Path, now: datetime) -> None:
    world.make_owner(sqlite_store, now)
    runtime = runtime_over(sqlite_store, tmp_path, now, SMTP_URL=URL)
    browser = Browser(create_app(runtime))
    most = LIMITS["asked"][0]
    for email in (world.OWNER, "nobody@example.net"):
        statuses = [browser.post("/forgotten", {"email": email}, on="/forgotten").status_code for _ in range(most + 1)]
        assert statuses == [200] * most + [429]
    with runtime.store.system() as tx:
        assert len(password_links.waiting(tx, now)) == 2 * most
    assert browser.post("/forgotten", {"email": "odd"}, on="/forgotten").status_code == 400


def test_without_a_way_out_the_page_names_the_command(stranger: Browser) -> None:
    page = stranger.get("/forgotten").text
    assert "keepwarm user link EMAIL" in page
    assert '<form method="post" action="/forgotten"' not in page


# --- invitations

FORM: dict[str, object] = {"name": "Kim", "password": NEW, "lang": "nl", "zone": "Europe/Amsterdam", "country": "NL"}


def test_who_is_invited_makes_an_account_of_their_own(
    owner: Browser, here: world.World, runtime: Runtime, stranger: Browser
) -> None:
    path = invited(runtime)
    assert 'value="kim@example.org"' in stranger.get(path).text
    # whatever address is sent along: it is the invited one
    answer = stranger.post("/join", FORM | tokens(path) | {"email": "evil@example.net"}, on=path)
    assert (answer.status_code, answer.location) == (303, "/first/")
    assert "Noor Willemse" not in stranger.get("/contacts").text
    with runtime.store.system() as tx:
        found = {each.email: each.operator for each in accounts.owners(tx)}
    assert found == {world.OWNER: True, "kim@example.org": False}


def test_an_invitation_works_once_and_not_after_it_was_taken_back(runtime: Runtime, account: str, app: Flask) -> None:
    first, second = invited(runtime), invited(runtime, "lea@example.org")
    Browser(app).post("/join", FORM | tokens(first), on=first)
    assert "used before, taken back" in Browser(app).get(first).text
    with runtime.store.system() as tx:
        (row,) = [each for each in invitations.invitations(tx) if each.email == "lea@example.org"]
        invitations.revoke(tx, row.id, runtime.now())
    answer = Browser(app).post("/join", FORM | tokens(second), on="/sign-in")
    assert answer.status_code == 400
    with runtime.store.system() as tx:
        assert len(accounts.owners(tx)) == 2


def test_who_is_invited_never_gets_what_the_command_brought_in(runtime: Runtime, stranger: Browser) -> None:
    with runtime.store.system() as tx:
        local = newcomer.local_owner(tx, now=runtime.now(), environment={})
    path = invited(runtime)
    stranger.post("/join", FORM | tokens(path), on=path)
    with runtime.store.system() as tx:
        assert [each.email for each in accounts.owners(tx)] == [local.email, "kim@example.org"]


@pytest.mark.parametrize("token", ["", "x", "0" * 32 + "." + "0" * 64])
def test_nobody_joins_without_an_invitation(account: str, stranger: Browser, runtime: Runtime, token: str) -> None:
    assert stranger.post("/join", FORM | {"token": token, "email": "x@example.org"}, on="/sign-in").status_code == 400
    with runtime.store.system() as tx:
        assert len(accounts.owners(tx)) == 1


def test_trying_tokens_is_slowed(account: str, stranger: Browser, runtime: Runtime) -> None:
    path = invited(runtime)
    for number in range(LIMITS["token"][0]):
        stranger.post("/start", FORM | {"token": f"{number}", "email": "x@example.org"}, on="/sign-in")
    assert "quarter of an hour" in stranger.post("/join", FORM | tokens(path), on=path).text


# --- the operator's pages


def test_the_operator_invites_lists_and_takes_back(owner: Browser, runtime: Runtime) -> None:
    said = owner.post("/house/invite", {"email": "Kim@Example.org"}, on="/house", follow_redirects=True).text
    assert "Send the link below to kim@example.org" in said
    path = re.findall(r'value="[^"]*(/join\?token=[^"]+)"', said)[0]
    assert Browser(owner.client.application).get(path).status_code == 200
    row = re.findall(r"/house/invitation/(\w+)/revoke", said)[0]
    assert "taken back" in owner.post(f"/house/invitation/{row}/revoke", on="/house", follow_redirects=True).text
    assert "used before, taken back" in Browser(owner.client.application).get(path).text
    assert owner.post(f"/house/invitation/{row}/revoke", on="/house").status_code == 404
    assert "Nobody was invited" in owner.post("/house/invite", {"email": "x"}, on="/house", follow_redirects=True).text


def test_nobody_but_the_operator_finds_the_pages_of_the_house(
    owner: Browser, app: Flask, runtime: Runtime, now: datetime
) -> None:
    other = signed_in(app, world.make_owner(runtime.store, now, email="kim@example.org"))
    for path in ("/house", "/accounts/google/check", "/accounts/microsoft/check"):
        assert owner.get(path).status_code == 200, path
        assert other.get(path).status_code == 404, path
    assert other.post("/house/invite", {"email": "x@example.org"}).status_code == 404
    assert other.post("/house/invitation/x/revoke").status_code == 404
    for path in ("/settings", "/health", "/accounts/connect"):
        assert not re.search(r'href="/(house|accounts/\w+/check)"', other.get(path).text), path
    with runtime.store.system() as tx:
        assert invitations.invitations(tx) == []


def test_the_operator_sees_nobodys_name(owner: Browser, runtime: Runtime, now: datetime) -> None:
    world.make_owner(runtime.store, now, email="very.private@example.net")
    page = owner.get("/house").text
    assert "2 people use this Keepwarm." in page
    assert "very.private" not in page


def test_both_languages(
    runtime: Runtime, app: Flask, now: datetime, new_browser: Callable[..., Browser], account: str
) -> None:
    dutch = new_browser("nl")
    paths = ("/sign-in", "/forgotten", invited(runtime), link(runtime, account))
    for path in paths:
        assert not re.search(r"Forgotten|password|Password|Begin with|Your name", _words(dutch.get(path).text)), path
    with runtime.store.transaction(account) as tx:
        accounts.update_owner(tx, lang="nl")
    owner = signed_in(app, account)
    for path in ("/settings/sign-in", "/house"):
        assert not re.search(r"Sign |Password|Invite |Devices", _words(owner.get(path).text)), path


def _words(page: str) -> str:
    return re.sub(r"<code>.*?</code>|<[^>]+>", " ", page)
