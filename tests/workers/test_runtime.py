"""The runtime: a private folder, one secret, a clock that can be moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from keepwarm.errors import MisconfiguredError
from tests import make
from workers.runtime import SOCKET_PATH_LIMIT, Runtime


@pytest.fixture
def runtime(tmp_path: Path) -> Runtime:
    return Runtime.build({"KEEPWARM_HOME": str(tmp_path / "home")}, migrate=True)


def test_everything_in_the_folder_is_the_users_alone(runtime: Runtime) -> None:
    owner_id = make.owner(runtime.store)
    runtime.owner_home(owner_id)
    modes = {path.stat().st_mode & 0o077 for path in (runtime.home, *runtime.home.rglob("*"))}
    assert modes == {0}
    runtime.store.close()


def test_the_secret_is_made_once(runtime: Runtime) -> None:
    again = Runtime.build({"KEEPWARM_HOME": str(runtime.home)})
    assert again.secret == runtime.secret
    assert len(runtime.secret) == 32
    again.store.close()
    runtime.store.close()


def test_keys_differ_by_purpose_and_tokens_by_subject(runtime: Runtime) -> None:
    made = {runtime.key("a"), runtime.key("b"), runtime.secret}
    assert len(made) == 3
    assert runtime.feed_token("a") == runtime.feed_token("a") != runtime.feed_token("b")
    assert runtime.message_id("k") == runtime.message_id("k") != runtime.message_id("l")
    runtime.store.close()


def test_the_clock_can_be_moved_and_stopped(tmp_path: Path) -> None:
    moved = Runtime.build({"KEEPWARM_HOME": str(tmp_path), "KEEPWARM_CLOCK_OFFSET": "864000"})
    assert timedelta(days=9) < moved.now() - datetime.now(UTC) < timedelta(days=11)
    assert moved.at(make.NOW).now() == make.NOW
    moved.store.close()


def test_a_long_folder_has_a_short_socket(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 100)
    runtime = Runtime.build({"KEEPWARM_HOME": str(long)})
    assert len(str(runtime.broker_socket)) <= SOCKET_PATH_LIMIT
    runtime.store.close()


def test_a_bad_setting_stops_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(MisconfiguredError):
        Runtime.build({"KEEPWARM_HOME": str(tmp_path / "x"), "KEEPWARM_CLOCK_OFFSET": "soon"})
    assert not (tmp_path / "x").exists()
