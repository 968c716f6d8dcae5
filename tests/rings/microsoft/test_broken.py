"""The ring can fail: every defect of `broken` shows in its story. A judge that finds nothing proves nothing."""

from __future__ import annotations

import pytest

from tests.rings.conftest import Ring
from tests.rings.microsoft.broken import DEFECTS, Defect
from tests.rings.microsoft.home import MakeHome
from tests.rings.microsoft.stories import STORIES, Desk, Story

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.usefixtures("quick", "small_pages")]

JUDGES = {  # by the kind of the first complaint; a breach is noted by the emulator, from the OpenAPI subset
    "breach": "contract", "content": "contract", "mail": "mirror", "event": "mirror", "card": "mirror",
    "stream": "mirror", "follow-up": "mirror", "aside": "mirror",
}  # fmt: skip


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda each: each.name)
def test_a_defect_is_found(defect: Defect, make_home: MakeHome, ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    defect.apply(monkeypatch)
    found = defect.story(Desk(make_home, monkeypatch))
    ring.record(by=_judge(found), says=next(iter(found), "nothing")[:90])
    assert found


def _judge(found: list[str]) -> str:
    kind = next(iter(found), "nobody").partition(":")[0].split(" ")[0]
    return JUDGES.get(kind, "history" if found else "nobody")


@pytest.mark.parametrize("story", STORIES, ids=lambda each: each.__name__)
def test_a_sound_adapter_lives_through_it(story: Story, make_home: MakeHome, monkeypatch: pytest.MonkeyPatch) -> None:
    assert story(Desk(make_home, monkeypatch)) == []
