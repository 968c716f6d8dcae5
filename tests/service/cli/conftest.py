"""A data folder of its own for each test, and the command run in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from service.cli import main
from tests.service.cli import made


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., Answer]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    for name in (
        "LC_ALL",
        "LC_MESSAGES",
        "TZ",
        "KEEPWARM_DATABASE_URL",
        "KEEPWARM_BROKER_URL",
        "KEEPWARM_CLOCK_OFFSET",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.setenv("TZ", "Europe/Amsterdam")
    monkeypatch.setenv("KEEPWARM_HOME", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def keepwarm(home: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run `keepwarm ARGUMENTS` and return what it answered."""

    def run(*arguments: str) -> Answer:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        caught = capsys.readouterr()
        return Answer(status=int(ended.value.code or 0), out=caught.out, err=caught.err)

    return run


@pytest.fixture
def mailbox(tmp_path: Path) -> Path:
    """A folder with a Sent and an Inbox mbox: two people write to and fro, one only writes, one is a machine."""
    return made.mailbox(tmp_path / "mail")
