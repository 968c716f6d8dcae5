"""The doorbell: open connections to the broker, kept for the next wake-up call. Called by `workers.tasks` alone.

A broker that is away or stands still costs one call its patience; for a moment after that nobody tries again. What was
not rung for is found by the sweep.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kombu import pools
from kombu.connection import Connection
from kombu.exceptions import KombuError

from workers import logs
from workers.app import transport_options
from workers.runtime import Runtime, broker_url

PATIENCE = 2  # seconds for one call: a page or a provider waits behind it
REST = 2.0  # seconds without a try after one that failed

_resting: dict[str, float] = {}  # broker → when, by `Runtime.ticks`, it may be tried again


def ring(runtime: Runtime, send: Callable[[Any], None], *, task: str) -> bool:
    """Let ``send`` use a producer of the broker; False if that is away, or was a moment ago."""
    url = broker_url(runtime.settings)
    if runtime.ticks() < _resting.get(url, float("-inf")):
        return False
    connection = _connection(url)
    try:
        with pools.producers[connection].acquire(block=True, timeout=PATIENCE) as producer:
            send(producer)
    except (KombuError, OSError, *connection.connection_errors, *connection.channel_errors) as away:
        _resting[url] = runtime.ticks() + REST
        logs.line("no wake-up call sent", task=task, error=type(away).__name__)
        return False
    return True


def answers(runtime: Runtime) -> bool:
    """Whether a call could be sent now; asks the broker anew."""
    with _connection(broker_url(runtime.settings)) as connection:
        try:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=PATIENCE)
            connection.default_channel.close()
        except (KombuError, OSError, *connection.connection_errors):
            return False
    return True


def _connection(url: str) -> Any:
    """A description of the connection, not yet made; equal ones share a pool."""
    options = transport_options(url)
    if options:
        options |= {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE}
    return Connection(url, connect_timeout=PATIENCE, transport_options=options)  # type: ignore[no-untyped-call]  # kombu has no types
