"""What tests of the face share: no broker answers the doorbell; routes and templates are compiled but once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from werkzeug.routing import Rule

from workers import doorbell
from workers.runtime import Runtime


@pytest.fixture(autouse=True)
def nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the broker were away, and known to be, unless it lives in memory: looking for one takes seconds."""
    real = doorbell.ring

    def ring(runtime: Runtime, send: Callable[[Any], None], *, task: str) -> bool:
        return runtime.settings.broker_url.startswith("memory:") and real(runtime, send, task=task)

    monkeypatch.setattr(doorbell, "ring", ring)


@pytest.fixture(scope="session", autouse=True)
def rules_kept() -> Iterator[None]:
    """Werkzeug compiles a function for each route of each app; those of equal routes are equal."""
    real, kept = Rule._compile_builder, dict[object, Any]()

    def builder(rule: Rule, append_unknown: bool = True) -> Any:
        key = (rule.rule, str(rule._trace), str(rule.defaults), append_unknown)
        if key not in kept:
            kept[key] = real(rule, append_unknown)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", builder)
        yield


@pytest.fixture(scope="session", autouse=True)
def templates_kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    kept = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": kept})
        yield
