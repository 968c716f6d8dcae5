"""Commands about who uses this installation: add, invite, a new password, a link to one."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import click

from keepwarm.store import Tx, access, accounts, identities, invitations, password_links
from keepwarm.store.accounts import Owner
from keepwarm.texts import Texts, mark
from service import newcomer, passwords
from service.cli.session import Problem, answer, columns, open_runtime, with_json, with_user
from workers import letting_in
from workers.runtime import Runtime

NOBODY = mark("No user has this e-mail address. Nothing was changed; keepwarm user add EMAIL adds one.")
UNREAD = mark("The password file cannot be read. Nothing was changed; give the path of a text file.")
CAN = mark("{email} can sign in now.")
SET = mark("The new password of {email} counts from now on, and every device is signed out.")
LINK = mark("This address gives {email} a new password, once, within an hour: {link}")
INVITED = mark("Send this address to {email}: it makes an account, once, within two weeks: {link}")
MAILED = mark("A mail with it is on its way too.")

password_file = click.option(
    "--password-file",
    "file",
    required=True,
    type=click.Path(allow_dash=True, path_type=Path),
    help="A file that holds the password in its first line; - reads it from standard input.",
)


@click.group("user")
def user_group() -> None:
    """Users of this installation."""


@user_group.command("list")
@with_user
@with_json
def list_(*, user: str | None, as_json: bool) -> None:
    """Who uses it, the first first."""
    del user
    runtime, texts = open_runtime(), _texts()
    with runtime.store.system(write=False) as tx:
        found = [(each, _ways(tx, each)) for each in accounts.owners(tx)]
    value = [{"email": each.email, "operator": each.operator, "signs_in_with": ways} for each, ways in found]
    rows = [(each.email, texts("operator") if each.operator else "", ", ".join(ways)) for each, ways in found]
    answer(value, columns(rows), as_json=as_json)


def _ways(tx: Tx, owner: Owner) -> list[str]:
    bound = identities.bound(replace(tx, owner_id=owner.id))
    return [*(["password"] if owner.has_password else []), *(each.provider for each in bound)]


@user_group.command("add")
@click.argument("email")
@password_file
@with_user
@with_json
def add(*, email: str, file: Path, user: str | None, as_json: bool) -> int:
    """Add a user who signs in with this e-mail address, or give the local user of a new installation a name."""
    del user
    _address(email)
    secret = _secret(file, email)
    runtime = open_runtime()
    lang, country = newcomer.language_of(os.environ)
    place = {"lang": lang, "zone": newcomer.zone_of(os.environ, lang), "country": country or "NL"}
    with runtime.store.system() as tx:
        owner = newcomer.claim(tx, email=email.strip().lower(), now=runtime.now(), **place)
        accounts.update_owner(replace(tx, owner_id=owner.id), password_hash=secret)
    answer({"id": owner.id, "email": owner.email}, _texts()(CAN, email=owner.email), as_json=as_json)
    return 0


@user_group.command("password")
@click.argument("email")
@password_file
@with_user
@with_json
def password(*, email: str, file: Path, user: str | None, as_json: bool) -> None:
    """Set a new password; every device of this user is signed out, and a mail says so."""
    del user
    secret, runtime = _secret(file, email), open_runtime()
    owner = _owner(runtime, email)
    with runtime.store.transaction(owner.id) as tx:
        accounts.update_owner(tx, password_hash=secret)
        password_links.end_all(tx, runtime.now())
        access.end_sessions(tx, owner.id)
        letting_in.tell(runtime, tx, "password_changed", owner)
    answer({"email": owner.email}, _texts()(SET, email=owner.email), as_json=as_json)


@user_group.command("link")
@click.argument("email")
@with_user
@with_json
def link(*, email: str, user: str | None, as_json: bool) -> None:
    """Print an address that gives a user a new password; it works once, within an hour."""
    del user
    runtime = open_runtime()
    owner = _owner(runtime, email)
    with runtime.store.transaction(owner.id) as tx:
        made = letting_in.link(runtime, "password", password_links.make(tx, runtime.now()))
    answer({"email": owner.email, "link": made}, _texts()(LINK, email=owner.email, link=made), as_json=as_json)


@user_group.command("invite")
@click.argument("email")
@with_user
@with_json
def invite(*, email: str, user: str | None, as_json: bool) -> None:
    """Print an address by which somebody makes an account of their own; mailed too where a way out is set."""
    del user
    _address(email)
    runtime, texts = open_runtime(), _texts()
    with runtime.store.system() as tx:
        made = invitations.invite(tx, email, runtime.now())
        mailed = letting_in.send_invitation(runtime, tx, made)
    found = letting_in.link(runtime, "invitation", made.id)
    said = texts(INVITED, email=made.email, link=found)
    value = {"email": made.email, "link": found, "mailed": mailed}
    answer(value, f"{said}\n{texts(MAILED)}" if mailed else said, as_json=as_json)


def _texts() -> Texts:
    return Texts.load(newcomer.language_of(os.environ)[0])


def _address(email: str) -> None:
    if not newcomer.is_email(email):
        raise click.BadParameter("an address looks like name@example.org", param_hint="EMAIL")


def _owner(runtime: Runtime, email: str) -> Owner:
    with runtime.store.system(write=False) as tx:
        found = accounts.owner_by_email(tx, email)
    if found is None:
        raise Problem(_texts()(NOBODY))
    return found


def _secret(file: Path, email: str) -> str:
    """The hash of the password in the first line of the file. Raises Problem if it cannot be read, or is weak."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(_texts()(UNREAD)) from error
    given = (text.splitlines() or [""])[0]
    if weak := passwords.weakness(given, email=email):
        raise Problem(_texts()(weak))
    return passwords.hashed(given)


COMMANDS = (user_group,)
