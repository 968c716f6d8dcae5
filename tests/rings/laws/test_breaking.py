"""The machine can fail: every defect of `broken` shows in its story. A judge that finds nothing proves nothing."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keepwarm.store import Store
from tests.rings.laws import stories
from tests.rings.laws.broken import DEFECTS, Defect
from tests.rings.laws.house import Violation
from tests.rings.laws.lives import machine
from tests.rings.laws.stories import Story, lived

Opened = Callable[[Path], Store]

ALL = [each for name, each in inspect.getmembers(stories, inspect.isfunction) if each.__module__ == stories.__name__]
STORIES = [each for each in ALL if not each.__name__.startswith("_") and each is not lived]

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda each: each.name)
def test_a_defect_is_found(defect: Defect, on_sqlite: Opened, ring: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    defect.apply(monkeypatch)
    with pytest.raises(Violation) as found:
        lived(machine(on_sqlite)(), defect.story)
    ring.record(law=str(found.value))


@pytest.mark.parametrize("story", STORIES, ids=lambda each: each.__name__)
def test_a_sound_engine_lives_through_it(story: Story, on_sqlite: Opened) -> None:
    lived(machine(on_sqlite)(), story)
