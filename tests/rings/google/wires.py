"""How requests reach Google's town, as `tests.rings.consent.wires` has it for every provider."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.emulators.google import Google
from tests.rings.consent import wires
from tests.rings.consent.wires import hook
from tests.rings.google.home import GOOGLE
from tests.rings.points import At
from workers.runtime import Runtime

__all__ = ["hook", "stepped", "straight"]


def straight(town: Google, patch: pytest.MonkeyPatch) -> None:
    wires.straight(GOOGLE, town, patch)


@contextmanager
def stepped(runtime: Runtime, town: Google, at: At) -> Iterator[Runtime]:
    with wires.stepped(GOOGLE, runtime, town, at) as found:
        yield found
