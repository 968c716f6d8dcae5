"""`keepwarm connect`, `accounts`, `sync`, `disconnect`, `keys`: what stays connected, and how its password is kept."""

from __future__ import annotations

import sys
from typing import Any

import click

from integrations.base import CalendarWriter, able
from keepwarm.errors import NotFound
from keepwarm.store import accounts
from keepwarm.store.accounts import Account, StreamState
from service import connecting as words
from service.cli.session import Problem, Session, columns, command, open_runtime, with_json, with_user
from service.newcomer import is_email
from workers import connecting, consenting, tasks
from workers import sync as engine
from workers.connecting import Found, Wish

SERVERS = ("imap", "smtp", "caldav", "carddav")


@click.group("connect")
def connect() -> None:
    """Connect a mailbox, calendar and address book."""


@command("open", whose=False)
@click.option("--address", required=True, metavar="ME", help="Your e-mail address.")
@click.option("--user", "login", metavar="U", default="", help="The user name, where it is not the address.")
@click.option("--imap", metavar="HOST:PORT", default="", help="Where your mail is read.")
@click.option("--smtp", metavar="HOST:PORT", default="", help="Where your mail is sent.")
@click.option("--caldav", metavar="URL", default="", help="Where your calendar is.")
@click.option("--carddav", metavar="URL", default="", help="Where your address book is.")
@click.option("--dav-user", metavar="U", default="", help="The user name of the calendar, where that is another.")
@click.option("--password-file", type=click.File("r"), required=True, help="The password, or - to type it in.")
@click.option("--dav-password-file", type=click.File("r"), help="The calendar's, where that is another.")
@click.option("--without", multiple=True, type=click.Choice(SERVERS), help="Leave this out, though it may be found.")
@click.option("--yes", is_flag=True, help="Go on though a server lies outside your address's own domain.")
def open_(session: Session, address: str, login: str, dav_user: str, yes: bool, **given: object) -> None:
    """Connect over IMAP, SMTP, CalDAV and CardDAV; servers that you do not name are found. An app password will do."""
    if not is_email(address.strip()):
        raise click.BadParameter("an address looks like name@example.org", param_hint="--address")
    wish = Wish(
        address=address.strip().lower(),
        password=_secret(given["password_file"]),
        user=login,
        dav_user=dav_user,
        dav_password=_secret(given["dav_password_file"]),
        without=frozenset(given["without"]),  # type: ignore[call-overload]  # click's tuple
        servers={name: str(given[name]) for name in SERVERS if given[name]},
    )
    found = connecting.find(session.runtime, wish)
    _confirm(session, found, yes=yes)
    lines = list(connecting.check(session.runtime, session.owner.id, wish, found))
    said = [(each, words.line(session.texts, each)) for each in lines]
    failed = [each for each in lines if not each.ok]
    account = None if failed else connecting.connect(session.runtime, session.owner.id, wish, found)
    value = {"account": account.id if account else None, "checks": [words.check(each) for each in lines]}
    text = "\n".join([columns([(sign, name, says) for _, (sign, name, says) in said]), *_advice(session, found)])
    session.answer(value, text)
    if account is None:
        raise Problem(session.texts(words.NOTHING_SAVED))
    for stream in connecting.streams_of(session.runtime, session.owner.id, account.id):
        tasks.wake(session.runtime, "sync_stream", stream.stream.id)


def visit(provider: str) -> click.Command:
    """`keepwarm connect PROVIDER`, for one with a page of consent."""

    def run(session: Session) -> None:
        if says := consenting.ready(session.runtime, provider):
            raise Problem(session.texts(says))
        address = f"{session.runtime.base_url}/accounts/connect"
        session.answer({"open": address}, session.texts(words.OPEN_PAGE, address=address))

    name = words.CONSENTING[provider]
    run.__doc__ = f"Print the address of the page on which {name} is connected: that needs a browser."
    return command(provider)(run)


def _secret(file: Any) -> str:
    if file is None:
        return ""
    if file is sys.stdin and sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, err=True))
    return str(file.read()).rstrip("\r\n")


def _confirm(session: Session, found: Found, *, yes: bool) -> None:
    """A host outside the address's own domain is confirmed before a password goes there (RFC 6186 section 6)."""
    if not found.foreign or yes:
        return
    asked = session.texts(words.FOREIGN, hosts=", ".join(found.foreign))
    if not sys.stdin.isatty() or not click.confirm(asked, err=True):
        raise Problem(f"{asked} {session.texts(words.SAY_YES)}")


def _advice(session: Session, found: Found) -> list[str]:
    return [session.texts(each) for each in found.advice]


@command("accounts")
def list_accounts(session: Session) -> None:
    """The connected accounts: what is read, when it was last compared, how it stands."""
    with session.reading() as tx:
        held = [each for each in accounts.accounts(tx) if each.provider not in words.INNER]
        states = accounts.streams(tx)
    value = [_shape(session, each, states) for each in held]
    rows: list[tuple[str, str, str, str]] = []
    for each in held:
        rows.append((each.id[:8], each.name, "", ""))
        rows += [("", *_said(session, each, state)) for state in _of(each, states)]
        rows += [
            ("", each.name, "", each.says or session.texts("allowed")) for each in words.purposes(session.texts, each)
        ]
    session.answer(value, columns(rows) if rows else session.texts(words.NONE_YET))


def _said(session: Session, account: Account, state: StreamState) -> tuple[str, str, str]:
    what, when, how = words.stream(session.texts, state, session.owner.zone, words.names(account))
    news = words.news(session.texts, state)
    return what, when, f"{how} · {news}" if news else how


def _of(account: Account, states: list[StreamState]) -> list[StreamState]:
    return [each for each in states if each.stream.account_id == account.id]


def _shape(session: Session, account: Account, states: list[StreamState]) -> dict[str, object]:
    return {
        "id": account.id,
        "provider": account.provider,
        "name": account.name,
        "connected_at": session.iso(account.connected_at),
        "servers": {name: account.settings.get(name) or None for name in ("imap", "smtp", "caldav", "carddav")},
        "purposes": _allowed(account),
        "streams": [
            {
                "id": each.stream.id,
                "kind": str(each.stream.kind),
                "place": each.stream.place_ref,
                "compared_at": session.iso(each.compared_at),
                "state": words.state(each),
                "notices": each.notices or None,
                "last_error": session.texts(each.last_error) if each.last_error else None,
            }
            for each in _of(account, states)
        ],
    }


def _allowed(account: Account) -> dict[str, bool]:
    """What was allowed at the provider; empty for one with a password."""
    if account.provider not in words.CONSENTING:
        return {}
    return {key: bool(account.settings.get(key)) for key in words.PURPOSES}


@command("sync")
@click.argument("account", required=False, default="")
@click.option("--wait", is_flag=True, help="Read here and now, and come back when it is done.")
def sync(session: Session, account: str, wait: bool) -> None:
    """Look at the accounts now (or at one: its id or address), also where that was given up."""
    with session.reading() as tx:
        held = [each for each in accounts.accounts(tx) if each.provider not in words.INNER]
    named = [each for each in held if not account or _called(each, account)]
    if not named:
        raise Problem(session.texts(words.NO_ACCOUNT))
    streams = [s for each in named for s in connecting.look_now(session.runtime, session.owner.id, each.id)]
    if not wait:
        for stream_id in streams:
            tasks.wake(session.runtime, "sync_stream", stream_id)
        session.answer({"asked": len(streams)}, session.texts(words.ASKED))
        return
    found = [engine.sync_stream(session.runtime, stream_id) for stream_id in streams]
    items = sum(each.items for each in found)
    failed = [each for each in found if each.outcome in {"failed", "later"}]
    session.answer(
        {"streams": len(found), "items": items, "failed": len(failed)},
        session.texts.ngettext("{number} item read.", "{number} items read.", items),
    )
    if failed:
        raise Problem(session.texts(words.NOT_ALL))


def _called(account: Account, text: str) -> bool:
    return account.name == text.strip().lower() or account.id.startswith(text)


@command("disconnect")
@click.argument("account")
@click.option(
    "--remove-events/--keep-events", default=None, help="Also remove all that Keepwarm wrote in the calendar."
)
def disconnect(session: Session, account: str, remove_events: bool | None) -> None:
    """Disconnect an account (its id or address): its password is forgotten, or its permission given back.

    What was read stays.
    """
    with session.reading() as tx:
        held = [each for each in accounts.accounts(tx) if each.provider not in words.INNER and _called(each, account)]
    if len(held) != 1:
        raise NotFound(words.NO_ACCOUNT)
    writes = able(session.runtime.load(held[0].provider), CalendarWriter, held[0].settings)
    if remove_events is None and sys.stdin.isatty() and writes:
        remove_events = click.confirm(session.texts(words.REMOVE), default=True, err=True)
    says = connecting.disconnect(session.runtime, session.owner.id, held[0].id, remove_events=bool(remove_events))
    session.answer(
        {"disconnected": held[0].id, "says": says or None},
        session.texts(says) if says else words.gone(session.texts, held[0]),
    )


@click.group("keys")
def keys() -> None:
    """The keys that passwords are sealed with."""


@click.command("rotate")
@with_user
@with_json
def rotate(*, user: str | None, as_json: bool) -> None:
    """Seal every password under a new key. May be stopped at any moment and run again."""
    from service.cli.session import answer
    from workers.sealing import rotate as turn

    del user
    done = turn(open_runtime())
    answer({"resealed": done}, f"{done}", as_json=as_json)


connect.add_command(open_)
for each in words.CONSENTING:
    connect.add_command(visit(each))
keys.add_command(rotate)
COMMANDS = [connect, list_accounts, sync, disconnect, keys]
