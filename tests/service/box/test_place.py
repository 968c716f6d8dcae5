"""Lock, runtime folder and notes of a run."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from keepwarm.errors import MisconfiguredError, NotPossible
from service.box.place import AlreadyRunning, Place, born_at, free_port, make_private, running_address


def test_second_taker_learns_the_address_and_changes_nothing(tmp_path: Path) -> None:
    first = Place.take(tmp_path)
    first.note(address="http://127.0.0.1:8420/")
    before = (tmp_path / "box.json").read_bytes()
    with pytest.raises(AlreadyRunning) as running:
        Place.take(tmp_path)
    assert running.value.address == "http://127.0.0.1:8420/"
    assert (tmp_path / "box.json").read_bytes() == before
    first.release()
    Place.take(tmp_path).release()


def test_asking_who_runs_leaves_the_notes_of_a_killed_run(tmp_path: Path) -> None:
    (tmp_path / "box.json").write_text('{"children": {"1": "x"}}')
    assert running_address(tmp_path) is None
    assert (tmp_path / "box.json").exists()


def test_lock_of_a_killed_holder_is_free(tmp_path: Path) -> None:
    hold = (
        "import sys,time,pathlib; from service.box.place import Place; "
        f"p = Place.take(pathlib.Path({str(tmp_path)!r})); print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", hold], stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert running_address(tmp_path) == ""
    finally:
        holder.kill()
        holder.communicate()
    assert running_address(tmp_path) is None


def test_left_behind_are_the_same_processes_not_reused_numbers(tmp_path: Path) -> None:
    place = Place.take(tmp_path)
    place.note(children={str(os.getpid()): born_at(os.getpid()), "1": "long ago", "999999": ""})
    assert place.left_behind() == [os.getpid()]
    place.release()
    assert Place.take(tmp_path).left_behind() == []


@pytest.mark.parametrize("content", ["", "{", "[]", '{"children": {}}'])
def test_notes_that_cannot_be_read_are_no_notes(tmp_path: Path, content: str) -> None:
    (tmp_path / "box.json").write_text(content)
    assert Place.take(tmp_path).left_behind() == []


def test_notes_are_for_the_owner_alone(tmp_path: Path) -> None:
    Place.take(tmp_path).note(address="x")
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"box.lock": 0o600, "box.json": 0o600}


def test_runtime_folder_is_private(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o777)
    assert make_private(folder).stat().st_mode & 0o777 == 0o700


def test_a_link_or_file_in_place_of_the_runtime_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    with pytest.raises(MisconfiguredError, match="XDG_RUNTIME_DIR"):
        make_private(tmp_path / "link")


def test_taken_port_gives_the_next(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port("127.0.0.1", port) > port
        with pytest.raises(NotPossible, match="--port"):
            free_port("127.0.0.1", port, tries=1)
