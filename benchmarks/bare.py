"""The peers of works B and C, as small as they can be: a Flask app that checks a signature and pushes to Redis, and a
Celery worker whose task counts and does nothing else. Web servers and Celery name this module.
"""

from __future__ import annotations

import hmac
import json
import os

from celery import Celery
from flask import Flask, request
from flask.typing import ResponseReturnValue
from redis import Redis

SECRET = b"bench"
BROKER = os.environ.get("KEEPWARM_BROKER_URL", "redis://127.0.0.1/0")
DONE = "bare:done"

web = Flask("bare")
redis = Redis(unix_socket_path=BROKER.removeprefix("redis+socket://"))


def signature(body: bytes) -> str:
    return hmac.new(SECRET, body, "sha256").hexdigest()


@web.post("/hook")
def hook() -> ResponseReturnValue:
    """Verify, push, 202: what PERFORMANCE.md B calls the minimal app."""
    body = request.get_data()
    if not hmac.compare_digest(signature(body), request.headers.get("X-Signature", "")):
        return "", 401
    told = json.loads(body)
    redis.lpush("bare:jobs", json.dumps({"id": told["notices"][0]["subscription"], "kind": told["notices"][0]["kind"]}))
    return "", 202


queue = Celery("bare", broker=BROKER, set_as_current=False)
queue.conf.update(
    task_ignore_result=True, worker_prefetch_multiplier=1, broker_connection_retry_on_startup=True,
    task_default_queue="bare",
)  # fmt: skip


@queue.task(name="noop")  # type: ignore[untyped-decorator]  # Celery has no types
def noop() -> None:
    redis.incr(DONE)
