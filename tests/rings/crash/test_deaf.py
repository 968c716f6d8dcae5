"""A6: a real worker that is alive and connected, and takes nothing any more, ends itself; one that idles does not."""

from __future__ import annotations

import time

import pytest

from tests.rings.conftest import Ring
from tests.rings.crash.conftest import Staging
from tests.rings.crash.stage import wait_for
from workers import tasks
from workers.hearing import STATUS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


def test_a_deaf_worker_ends_itself_and_the_next_one_works(on_sqlite: Staging, ring: Ring) -> None:
    """With the looks of this stage, half a second apart; the product's are fifteen."""
    stage = on_sqlite()
    stage.sweep()
    (stage.folder / "deaf").touch()
    time.sleep(1)
    begun = time.monotonic()
    tasks.wake(stage.runtime, "sweep", "beat")
    deaf = stage.worker
    assert deaf is not None
    assert wait_for(lambda: deaf.poll() is not None, within=60)
    ring.record(seconds_until_it_ended=round(time.monotonic() - begun), status=deaf.returncode)
    assert deaf.returncode == STATUS
    assert "takes no work any more" in stage.log_end()
    (stage.folder / "deaf").unlink()
    stage.start_worker()
    stage.wait_until_idle()


def test_an_idle_worker_and_one_without_a_broker_stay(on_sqlite: Staging) -> None:
    stage = on_sqlite()
    stage.sweep()
    time.sleep(14)  # longer than a deaf one would live
    assert stage.worker is not None
    assert stage.worker.poll() is None
    stage.kill_broker()
    time.sleep(3)
    assert stage.worker.poll() is None
    stage.start_broker()
    stage.sweep()
    assert stage.worker.poll() is None
