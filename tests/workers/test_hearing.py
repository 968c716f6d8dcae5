"""A worker knows itself to be deaf only by messages that wait while it takes none, look after look."""

from __future__ import annotations

import os
from threading import Event, Thread
from unittest.mock import Mock

import pytest
from celery import Celery
from kombu import Exchange, Producer, Queue

from workers import hearing
from workers.hearing import DEAF_LOOKS, Hearing


@pytest.mark.parametrize(
    ("waits", "takes", "deaf"),
    [
        ([True] * DEAF_LOOKS, [], True),
        ([True] * (DEAF_LOOKS - 1), [], False),
        ([False] * 100, [], False),  # nothing to do, or the broker is away
        ([True] * 100, [*range(0, 100, DEAF_LOOKS - 1)], False),  # a busy worker takes something now and then
        ([True] * (DEAF_LOOKS - 1) + [False] + [True] * (DEAF_LOOKS - 1), [], False),
        ([True] * 30, [5], True),
    ],
    ids=["deaf", "not yet", "idle", "busy", "others took it", "deaf later"],
)
def test_deaf_is_who_takes_nothing_while_something_waits(waits: list[bool], takes: list[int], deaf: bool) -> None:
    ear = Hearing()
    found = []
    for number, each in enumerate(waits):
        if number in takes:
            ear.took(request=None)
        found.append(ear.look(each))
    assert any(found) is deaf


def test_a_message_that_waits_is_seen() -> None:
    app = Celery(broker="memory://", set_as_current=False)
    with app.connection_for_write() as connection:
        assert not hearing.waits(app, ["nobody-listens"])
        queue = Queue("nobody-listens", Exchange("nobody-listens"), routing_key="nobody-listens")
        bound = queue(connection.default_channel)
        bound.declare()
        assert not hearing.waits(app, ["nobody-listens"])
        Producer(connection).publish({}, routing_key=queue.routing_key, exchange=queue.exchange)
        assert hearing.waits(app, ["nobody-listens"])
        bound.purge()


def test_a_broker_that_is_away_is_not_deafness() -> None:
    assert not hearing.waits(Celery(broker="redis://127.0.0.1:1/0", set_as_current=False), ["send"])


def test_no_child_is_made_while_the_broker_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child made meanwhile would inherit locks that nobody in it ever gives back."""
    asked, answer, made = Event(), Event(), []
    monkeypatch.setattr(hearing, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(hearing, "hearing", Mock(look=lambda _found: True))  # one look is enough

    def something_waits() -> bool:
        asked.set()
        return answer.wait(10)

    def child() -> None:
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        made.append(os.waitpid(pid, 0)[1])

    looking = Thread(target=hearing._looks, args=(something_waits, lambda: None))
    looking.start()
    assert asked.wait(10)
    forking = Thread(target=child)
    forking.start()
    forking.join(0.5)
    assert made == []
    answer.set()
    forking.join(10)
    assert made == [0]
    looking.join(10)
