"""Beside all integrations: what the tests of several need."""

from __future__ import annotations

from hashlib import sha256

import pytest

from integrations.wire import within


@pytest.fixture
def no_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries at what a provider fails at count at once; that they take an hour has a test of its own."""
    monkeypatch.setattr(within, "AMONG", 0)


def secret_of(name: str) -> str:
    """What proves that a notice is ours, as `integrations.base.House` gives it."""
    return f"{name}.{sha256(name.encode()).hexdigest()}"
