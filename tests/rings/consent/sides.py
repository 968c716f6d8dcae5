"""One provider as the shared parts of these rings see it: a small table of functions about its town and its people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.emulators.stand.values import Answer, Asked

PUBLIC = "https://keepwarm.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """``town`` and ``person`` are the emulator's own.

    ``serve`` is its desk; ``called`` the name of a method of its contract; ``settings`` what the operator set up,
    kept in a folder; ``mail`` a person's mail by its id.
    """

    name: str
    purposes: tuple[str, ...]
    serve: Callable[[Any, Asked], Answer]
    called: Callable[[Any], str]
    settings: Callable[[Any, Path], Mapping[str, Any]]
    mail: Callable[[Any, str], Any]

    @property
    def redirect(self) -> str:
        return f"{PUBLIC}/oauth/{self.name}/callback"
