"""What tests of the face share: no broker answers the doorbell, and templates are compiled once, not once an app."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from workers import doorbell


@pytest.fixture(autouse=True)
def nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the broker were away, and known to be: looking for it takes seconds each time."""
    monkeypatch.setattr(doorbell, "ring", lambda *_args, **_named: False)


@pytest.fixture(scope="session", autouse=True)
def templates_kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    kept = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": kept})
        yield
