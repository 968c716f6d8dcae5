"""Commands about the installation itself: run it, check it, do what is due once."""

from __future__ import annotations

import os

import click

from keepwarm.texts import Texts
from service import connecting, newcomer
from service.cli import checks, start
from service.cli.session import Problem, Session, answer, columns, command, open_runtime, with_json, with_user
from workers.runtime import Runtime

DEFAULT_PORT = 8420


@click.command("run")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=None, help=f"Default {DEFAULT_PORT}, or the next free one."
)
@with_user
@with_json
def run(*, host: str, port: int | None, user: str | None, as_json: bool) -> int:
    """Start Keepwarm on this machine and print the address to open. Ctrl-C stops it."""
    del user, as_json  # taken by every command; there is nobody to choose and nothing to list here
    return start.run(open_runtime(), host=host, port=port or DEFAULT_PORT, only_this_port=port is not None)


@click.command("check")
@click.argument(
    "provider",
    required=False,
    default="",
    type=click.Choice(["", *connecting.CONSENTING]),
    metavar=f"[{'|'.join(connecting.CONSENTING)}]",
)
@with_user
@with_json
def check(*, provider: str, user: str | None, as_json: bool) -> int:
    """What is in order, and what to do about the rest; with the name of a provider, what is set up there."""
    del user
    runtime = open_runtime()
    texts = Texts.load(newcomer.language_of(os.environ)[0])
    stopping = _provider(runtime, texts, provider, as_json) if provider else _box(runtime, texts, as_json)
    if stopping:
        raise Problem(stopping[0])
    return 0


def _box(runtime: Runtime, texts: Texts, as_json: bool) -> list[str]:
    """Says how this installation is; what stops it."""
    found = checks.findings(runtime)
    said = [(each, texts(each.says, **each.values)) for each in found]
    value = [{"name": each.name, "ok": each.ok, "says": words} for each, words in said]
    sign = {True: texts("in order"), False: texts("to do")}
    rows = [(sign[each.ok], each.name, words) for each, words in said]
    answer(value, columns(rows), as_json=as_json)
    return [words for each, words in said if not each.ok and each.stops]


def _provider(runtime: Runtime, texts: Texts, name: str, as_json: bool) -> list[str]:
    """The same about a provider."""
    found = list(checks.provider(runtime, name))
    value = [connecting.check(each) | {"says": texts(each.says) if each.says else None} for each in found]
    answer(value, columns([connecting.line(texts, each) for each in found]), as_json=as_json)
    return [texts(each.says or each.name) for each in found if not each.ok]


@command("sweep")
def sweep(session: Session) -> None:
    """Do all work that is due, once; for cron, or when the server does not run."""
    done = start.sweep(session.runtime)
    session.answer(
        {"done": done}, session.texts.ngettext("{number} piece of work done.", "{number} pieces of work done.", done)
    )


COMMANDS = (run, check, sweep)
