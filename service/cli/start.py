"""`keepwarm run`: gather what a box needs, say what happens in short lines, and keep it going."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import click

from keepwarm.errors import MisconfiguredError
from keepwarm.store import access, duties
from keepwarm.texts import Texts, mark
from service import newcomer
from service.box import AlreadyRunning, Box, Place
from service.box.children import table
from service.box.place import free_port, make_private
from service.cli.checks import NETWORK_FILE_SYSTEMS, file_system
from workers import tasks
from workers.runtime import ADDRESS, Runtime

LINES = {
    "ended": mark("{name} ended ({status}) and is started again. Details: {log}"),
    "deaf": mark("The worker takes no work any more; it is started again."),
    "left_behind": mark("A process of an earlier run was still there ({pid}); it is ended."),
    "slow": mark("The pages do not answer yet. What keeps them: {log}"),
    "stopping": mark("Stopping."),
    "stopped": mark("Stopped. Everything is kept."),
}


def run(runtime: Runtime, *, host: str, port: int, only_this_port: bool) -> int:
    """Start everything and stay until asked to stop. A second start says where the first one answers, and ends well."""
    texts = Texts.load(newcomer.language_of(os.environ)[0])
    _refuse_network_disk(runtime)
    try:
        place = Place.take(runtime.home)
    except AlreadyRunning as running:
        click.echo(texts("Keepwarm is already running: {address}", address=running.address or runtime.home))
        return 0
    (runtime.home / "logs").mkdir(mode=0o700, exist_ok=True)
    chosen = free_port(host, port, tries=1 if only_this_port else 20)
    if chosen != port:
        click.echo(texts("Port {port} is taken by another program; using {chosen}.", port=port, chosen=chosen))
    address = f"http://{_shown(host)}:{chosen}/"
    place.note(pid=os.getpid(), address=address)
    with runtime.store.system() as tx:
        duties.set_instance_value(tx, ADDRESS, address.rstrip("/"))
    socket = _socket(runtime)
    box = Box(
        place=place,
        specs=table(home=runtime.home, socket=socket, host=host, port=chosen),
        environment=_environment(runtime),
        host=host,
        port=chosen,
        say=_say(texts, address, runtime),
        canaries=lambda: _canaries(runtime),
        socket=socket,
    )
    return box.run()


def _refuse_network_disk(runtime: Runtime) -> None:
    if runtime.settings.database_url.startswith("sqlite") and file_system(runtime.home) in NETWORK_FILE_SYSTEMS:
        raise MisconfiguredError(
            mark("KEEPWARM_HOME is on a network disk, where SQLite can be damaged. Nothing was started.")
        )


def _shown(host: str) -> str:
    """The host to type into a browser on this machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - a comparison


def _socket(runtime: Runtime) -> Path | None:
    """Where our own Redis listens; None where the broker is somebody else's."""
    if runtime.settings.broker_url:
        return None
    (runtime.home / "redis").mkdir(mode=0o700, exist_ok=True)
    make_private(runtime.broker_socket.parent)
    return runtime.broker_socket


def _environment(runtime: Runtime) -> dict[str, str]:
    """What the children see: this environment, with the data folder named in full."""
    return {**os.environ, "KEEPWARM_HOME": str(runtime.home), "PYTHONUNBUFFERED": "1"}


def _say(texts: Texts, address: str, runtime: Runtime) -> Callable[..., None]:
    def say(event: str, **values: object) -> None:
        line = texts(LINES[event], **values) if event in LINES else _welcome(texts, address, runtime)
        click.echo(line)

    return say


def _welcome(texts: Texts, address: str, runtime: Runtime) -> str:
    """The one address to open: with a one-time token while nobody can sign in yet."""
    with runtime.store.system() as tx:
        if newcomer.anybody_can_sign_in(tx):
            return texts("Keepwarm runs. Open {address}", address=address)
        token = access.new_one_time_token(tx, "start", runtime.now())
    return texts("Keepwarm runs. Open {address}", address=f"{address}start?token={token}")


def _canaries(runtime: Runtime) -> object:
    """Changes whenever a worker has consumed a canary; None while the database does not answer."""
    try:
        with runtime.store.system(write=False) as tx:
            return [(each.name, each.last_ok_at) for each in duties.duties(tx, runtime.now()) if "canary" in each.name]
    except Exception:  # noqa: BLE001 - the parent outlives whatever befalls the database, and looks again
        return None


def sweep(runtime: Runtime) -> int:
    """Do all that is due in this process; returns how many pieces of work that was."""
    return tasks.drain(runtime)
