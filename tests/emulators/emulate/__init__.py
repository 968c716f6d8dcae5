"""`emulate` (npm, pinned): a Google that others wrote, for a second opinion. Started behind a door that speaks TLS.

It knows sign-in, and lists of calendars and events, without sync tokens; it has no profile of a mailbox, no batch, no
contacts, makes no calendars, ignores the id that a client chooses for an event, and finds none by its id (tried
November 2026). It listens on every address of the machine, whatever it is told.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.servers.dav import Asked, Authority, Given, Onwards, door, free_port, running

HERE = Path(__file__).parent
PATHS = {"/token": "/oauth2/token", "/revoke": "/oauth2/revoke"}  # where it has what Google has elsewhere


OLDEST = 20  # Node


@contextmanager
def emulate(authority: Authority, folder: Path, google: dict[str, Any]) -> Iterator[str]:
    """Its address without a slash at the end. Skips where there is no npm, which in CI is a failure, or an old Node."""
    if not shutil.which("npm") and not os.environ.get("CI"):
        pytest.skip("needs npm, which brings `emulate`")
    if _node() < OLDEST:
        pytest.skip(f"`emulate` needs Node {OLDEST}")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(command, cwd=folder, check=True, timeout=120, capture_output=True)
    (folder / "seed.json").write_text(json.dumps({"google": {"baseUrl": "https://accounts.google.com"} | google}))
    port = free_port()
    program = ["node", "node_modules/emulate/dist/index.js", "start", "--service", "google", "--seed", "seed.json"]
    with running([*program, "--port", str(port)], port, folder), door(authority, to=port, alter=_there) as address:
        yield address.rstrip("/")


def _node() -> int:
    told = subprocess.run(["node", "--version"], check=True, timeout=20, capture_output=True, text=True)
    return int(told.stdout.lstrip("v").partition(".")[0])


def _there(asked: Asked, onwards: Onwards) -> Given:
    """Its answer, at its own address; a list of events gets the token that Google gives with the last page."""
    given = onwards(replace(asked, path=PATHS.get(asked.path, asked.path)))
    if given.status != 200 or not urlsplit(asked.path).path.endswith("/events"):
        return given
    told = {"nextSyncToken": "of the door"} | json.loads(given.body)
    return replace(given, body=json.dumps(told).encode())
