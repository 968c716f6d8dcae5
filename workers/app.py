"""The Celery app, and the table: which error becomes what.

Started as `celery -A workers.app worker|beat`. Settings and their reasons: RELIABILITY.md section 4. No result backend,
early acknowledgement, no times in messages: the rows are the truth, and a message is a wake-up call with a row id.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from celery import Celery
from celery.exceptions import SoftTimeLimitExceeded
from celery.signals import setup_logging, task_received, worker_ready
from kombu.entity import Exchange, Queue

from keepwarm.errors import KeepwarmError, LeaseLost, NotFound, TryAgainLater
from workers import hearing, logs
from workers.runtime import broker_url, read_settings
from workers.schedule import BEAT, PULL, QUEUES, ROUTES

app = Celery("keepwarm", set_as_current=False, include=["workers.tasks"])


def configuration() -> dict[str, Any]:
    """Read when the first message is sent or taken, never at import."""
    settings = read_settings()
    url = broker_url(settings)
    return {
        "broker_url": url,
        "broker_transport_options": transport_options(url),
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_channel_error_retry": True,
        "task_acks_late": False,
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_time_limit": 60,  # below the lease of 120 s
        "task_soft_time_limit": 50,
        "task_queues": [Queue(name, Exchange(name), routing_key=name) for name in QUEUES],  # type: ignore[no-untyped-call]  # kombu has no types
        "task_default_queue": "upkeep",
        "task_routes": {name: {"queue": queue} for name, queue in ROUTES.items()},
        "task_create_missing_queues": False,
        "beat_schedule": BEAT | (PULL if settings.google_pull_key else {}),
        "timezone": "UTC",
        "worker_prefetch_multiplier": 1,
        "worker_max_tasks_per_child": 500,
        "worker_max_memory_per_child": 300_000,  # KiB
        "worker_soft_shutdown_timeout": 30,
        "worker_enable_remote_control": False,
        "worker_hijack_root_logger": False,
        "worker_eta_task_limit": 100,
    }


def transport_options(url: str) -> dict[str, Any]:
    """For Redis: dead sockets are noticed. Another broker gets none."""
    if not url.startswith(("redis", "rediss")):
        return {}
    options: dict[str, Any] = {
        "visibility_timeout": 3600,
        "socket_timeout": 30,
        "socket_connect_timeout": 5,
        "health_check_interval": 25,
        "global_keyprefix": "keepwarm:",
    }
    return options if url.startswith("redis+socket") else options | {"socket_keepalive": True}


app.add_defaults(configuration)
setup_logging.connect(logs.set_up, weak=False)
task_received.connect(hearing.hearing.took, weak=False)
worker_ready.connect(hearing.keep_looking, weak=False)

# What a task's error means: (kind, words for the log, whether it is a failure that a person should see).
ANSWERS: tuple[tuple[type[BaseException], str, bool], ...] = (
    (LeaseLost, "another worker has it", False),
    (NotFound, "the row is gone", False),
    (TryAgainLater, "to be tried again", False),
    (SoftTimeLimitExceeded, "out of time, goes on later", False),
    (KeepwarmError, "refused", True),
)


def answered(name: str, work: Callable[[], Any], *, quiet: bool = False, **fields: Any) -> Any:
    """What ``work`` returns, None if it failed: the row stays due and its attempts were counted at the claim.

    ``quiet``: for what is asked every few seconds; no line where nothing came of it. This is the one place where any
    error of a task ends; it is logged by its kind, never by its message.
    """
    try:
        outcome = work()
    except Exception as error:  # noqa: BLE001 - the task table
        words, loud = next(((text, bad) for kind, text, bad in ANSWERS if isinstance(error, kind)), ("failed", True))
        logs.line(words, task=name, error=type(error).__name__, where=logs.where(error), loud=loud, **fields)
        return None
    if outcome or not quiet:
        logs.line("done", task=name, outcome=outcome, **fields)
    return outcome
