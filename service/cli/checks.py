"""`keepwarm check`: what is in order, line by line, and what to do about the rest."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from keepwarm.errors import KeepwarmError
from keepwarm.store import accounts, duties
from keepwarm.texts import mark
from keepwarm.types import Check
from keepwarm.zones import zone_data_version
from service.box.children import redis_server
from service.box.place import running_address
from workers import consenting
from workers.runtime import Runtime

NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "fuse.sshfs"}
)
ROOM = 500 * 1024 * 1024  # bytes free below which an import of a large mailbox may not fit; ours
# The releases in which the standard library refuses line ends hidden in mail headers (RELIABILITY.md F10).
HEADER_FIX = {11: 15, 12: 13, 13: 10, 14: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line. ``stops``: the product cannot run like this. ``says`` is a message to translate with ``values``."""

    name: str
    ok: bool
    says: str
    values: dict[str, str]
    stops: bool = True


def findings(runtime: Runtime) -> list[Finding]:
    """All checks, in reading order; one that fails in an unforeseen way is a finding itself."""
    return [finding for check in CHECKS for finding in _guarded(check, runtime)]


def provider(runtime: Runtime, name: str) -> Iterator[Check]:
    """What is set up at this provider and what is not, tried through accounts of anybody here."""
    with runtime.store.system(write=False) as tx:
        owner_ids = [each.id for each in accounts.owners(tx)]
    yield from consenting.operator_checks(runtime, name, owner_ids)


def _guarded(check: Callable[[Runtime], Iterator[Finding]], runtime: Runtime) -> Sequence[Finding]:
    name = check.__name__.strip("_")
    try:
        return list(check(runtime))
    except (KeepwarmError, OSError) as error:
        return [_bad(name, mark("Could not be checked: {error}"), error=str(error))]


def _good(name: str, says: str, **values: str) -> Finding:
    return Finding(name=name, ok=True, says=says, values=values)


def _bad(name: str, says: str, *, stops: bool = True, **values: str) -> Finding:
    return Finding(name=name, ok=False, says=says, values=values, stops=stops)


def _home(runtime: Runtime) -> Iterator[Finding]:
    home = runtime.home
    yield _good("home", mark("Your data is in {path}."), path=str(home))
    if file_system(home) in NETWORK_FILE_SYSTEMS and runtime.settings.database_url.startswith("sqlite"):
        text = mark(
            "The data folder is on a network disk, where SQLite can be damaged. Set KEEPWARM_HOME to a local folder."
        )
        yield _bad("home", text)
    if shutil.disk_usage(home).free < ROOM:
        yield _bad("disk", mark("The disk is nearly full. Make some room before you add large files."), stops=False)


def _permissions(runtime: Runtime) -> Iterator[Finding]:
    open_to_others = [path for path in (runtime.home, *runtime.home.glob("*")) if path.lstat().st_mode & 0o077]
    if open_to_others:
        names = ", ".join(path.name for path in open_to_others[:3])
        text = mark("Others on this machine can read {names}. Run: chmod -R go= {path}")
        yield _bad("permissions", text, names=names, path=str(runtime.home), stops=False)
    else:
        yield _good("permissions", mark("Only you can read it."))


def _database(runtime: Runtime) -> Iterator[Finding]:
    kind = runtime.settings.database_url.partition(":")[0].partition("+")[0]
    with runtime.store.system(write=False) as tx:
        number = len(accounts.owners(tx))
    yield _good("database", mark("The database ({kind}) answers, and its schema is up to date."), kind=kind)
    if not number:
        yield _good("user", mark("Nobody uses it yet: start with keepwarm run, or keepwarm import PATH."))


def _redis(runtime: Runtime) -> Iterator[Finding]:
    if runtime.settings.broker_url:
        yield _good("redis", mark("The broker is the one of KEEPWARM_BROKER_URL."))
        return
    yield _good("redis", mark("redis-server is at {path}."), path=redis_server())


def _post(runtime: Runtime) -> Iterator[Finding]:
    """The operator's way out for mail, tried; nothing where none is set."""
    if not runtime.settings.smtp_url:
        return
    (found,) = runtime.open_post().verify()
    if found.ok:
        yield _good("post", mark("The operator's own way out for mail (KEEPWARM_SMTP_URL) lets us in."))
    else:
        text = mark("The way out for mail (KEEPWARM_SMTP_URL) does not work: {error}")
        yield _bad("post", text, stops=False, error=found.says)


def _zones(runtime: Runtime) -> Iterator[Finding]:
    yield _good("zones", mark("Time zone data: {version}."), version=zone_data_version())
    with runtime.store.system(write=False) as tx:
        unset = [owner for owner in accounts.owners(tx) if owner.zone == "UTC"]
    if unset:
        yield _bad(
            "zone", mark("Your time zone is UTC. If you live elsewhere, set it on the page Settings."), stops=False
        )


def _clock(runtime: Runtime) -> Iterator[Finding]:
    offset = runtime.settings.clock_offset
    if offset:
        yield _bad(
            "clock",
            mark("The clock is moved by {seconds} seconds (KEEPWARM_CLOCK_OFFSET)."),
            stops=False,
            seconds=f"{offset}",
        )
    else:
        yield _good("clock", mark("The clock is {time}."), time=runtime.now().isoformat(timespec="seconds"))


def _python(_runtime: Runtime) -> Iterator[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info.micro < HEADER_FIX.get(sys.version_info.minor, 0):
        text = mark(
            "Python {version} lets line ends through in mail headers; Keepwarm refuses them itself. Nothing to do."
        )
        yield _good("python", text, version=version)
    else:
        yield _good("python", mark("Python {version}."), version=version)


def _running(runtime: Runtime) -> Iterator[Finding]:
    address = running_address(runtime.home)
    if address is None:
        yield _good("running", mark("It does not run now. Start it with: keepwarm run"))
        return
    yield _good("running", mark("It runs at {address}."), address=address or "?")
    with runtime.store.system(write=False) as tx:
        late = [duty.name for duty in duties.duties(tx, runtime.now()) if duty.overdue]
    if late:
        text = mark("Overdue: {names}. If it stays so, stop it with Ctrl-C and start it again; the logs are in {path}.")
        yield _bad("duties", text, names=", ".join(late), path=str(runtime.home / "logs"), stops=False)


CHECKS = (_home, _permissions, _database, _redis, _post, _zones, _clock, _python, _running)


def file_system(folder: Path) -> str:
    """The kind of file system a folder is on, as Linux names it; empty where that cannot be told."""
    try:
        mounts = [line.split() for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()]
    except OSError:
        return ""
    here = folder.resolve()
    holding = [(len(mount[1]), mount[2]) for mount in mounts if here.is_relative_to(mount[1].replace("\\040", " "))]
    return max(holding, default=(0, ""))[1]
