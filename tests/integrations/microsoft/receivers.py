"""An account that asks for notices, and a receiver of them as the web process is one. For tests of this folder.

Those import the fixtures: ``house``, ``receiver`` with its ``desk``, and ``side``, which is Robin's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from integrations.base import House, Notice, Opening
from integrations.microsoft import notices
from integrations.microsoft.calls import Calls
from keepwarm.errors import NotAuthentic
from keepwarm.settings import Settings
from keepwarm.types import Handshake, Push, Stream, StreamKind, Subscription
from tests.emulators.microsoft import Microsoft, Person
from tests.emulators.stand.server import serving
from tests.emulators.stand.values import Answer, Asked
from tests.integrations.conftest import secret_of
from tests.integrations.microsoft.sides import REACH, Clock
from tests.servers.dav import Authority

PATH = "/webhooks/microsoft"
ADDRESS = f"https://keepwarm.example.org{PATH}"


@pytest.fixture
def house(clock: Clock) -> House:
    """Needs no settings: what proves a notice is ours."""
    return House(settings=Settings(home=""), address=ADDRESS, now=clock, secret_of=secret_of, reach=REACH)


@dataclass(slots=True)
class Receiver:
    """Answers as `service.webhooks` does; ``spoils`` makes another answer of that to a handshake."""

    house: House
    heard: list[Sequence[Push]] = field(default_factory=list)
    shaken: list[str] = field(default_factory=list)
    refused: int = 0
    spoils: Callable[[Answer], Answer] = lambda answer: answer

    def serve(self, asked: Asked) -> Answer:
        assert asked.verb == "POST"
        part = asked.path.removeprefix(PATH).lstrip("/")
        try:
            found = notices.parse(
                Notice(headers=asked.headers, part=part, query=dict(asked.query), body=asked.body), self.house
            )
        except NotAuthentic:
            self.refused += 1
            return Answer(status=401)
        if isinstance(found, Handshake):
            self.shaken.append(part)
            plain = {"Content-Type": "text/plain; charset=utf-8"}
            return self.spoils(Answer(body=found.body.encode(), headers=plain))
        self.heard.append(found)
        return Answer(status=204)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[Receiver]]]:
    """A server in threads of its own, as the web process is: its base address, and who answers now."""
    current: list[Receiver] = []

    def serve(asked: Asked) -> Answer:
        return current[-1].serve(asked)

    with serving(Authority(tmp_path_factory.mktemp("desk")), serve) as port:
        yield f"https://localhost:{port}", current


@pytest.fixture
def receiver(town: Microsoft, desk: tuple[str, list[Receiver]], house: House) -> Receiver:
    made = Receiver(house)
    desk[1].append(made)
    town.pushes.to = desk[0]
    town.pushes.waiting.clear()
    town.handshakes.clear()
    return made


class Side:
    """An account whose notices are asked for."""

    def __init__(self, opened: Opening) -> None:
        self.calls = Calls(opened)

    def ask(
        self, kind: str, *, address: str = ADDRESS, name: str = "a1", existing: Subscription | None = None,
        place: str = "",
    ) -> Subscription:  # fmt: skip
        place = place or ("inbox" if kind == "mail" else "")
        stream = Stream(id="s", owner_id="o", account_id="a", kind=StreamKind(kind), place_ref=place)
        return notices.subscribe(self.calls, stream, address, secret_of(name), existing)

    def end(self, held: Subscription) -> None:
        notices.unsubscribe(self.calls, held)


@pytest.fixture
def side(town: Microsoft, robin: Person, opening: Callable[..., Opening]) -> Side:
    return Side(opening(town, robin, "mail", "calendar", "contacts"))


def news(town: Microsoft, receiver: Receiver) -> list[Push]:
    """What the receiver hears of all that waits now."""
    receiver.heard.clear()
    town.pushes.deliver()
    return [each for found in receiver.heard for each in found]
