"""The web process looks after the workers from its start on, and outlives whatever goes wrong in a look."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from keepwarm.store import Store, duties
from service import watch
from tests.conftest import NOW
from tests.service.web.conftest import runtime_over

SERVE = """
import time
from service.wsgi import make_app
from workers.runtime import current
make_app()
for _ in range(200):
    with current().store.system(write=False) as tx:
        from keepwarm.store import duties
        if any(each.name == "watch" and each.last_ok_at for each in duties.duties(tx, current().now())):
            print("looked")
            break
    time.sleep(0.05)
"""


def test_serving_pages_begins_with_a_look(tmp_path: Path) -> None:
    environment = {"KEEPWARM_HOME": str(tmp_path), "PATH": "/usr/bin", "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", SERVE]
    served = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert served.stdout == "looked\n", served.stderr


def test_a_look_that_fails_is_logged_and_no_more(
    sqlite_store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    runtime = runtime_over(sqlite_store, tmp_path, NOW)

    def no_clock() -> object:
        raise OSError("ann@example.com")

    caplog.set_level("INFO")
    watch.look(replace(runtime, clock=no_clock))  # type: ignore[arg-type]  # what goes wrong does not matter
    assert "OSError" in caplog.text
    assert "ann@" not in caplog.text
    watch.look(runtime)
    with sqlite_store.system() as tx:
        assert {each.name: each.last_ok_at for each in duties.duties(tx, NOW)}["watch"] == NOW
