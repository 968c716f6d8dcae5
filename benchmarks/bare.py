"""The peers of works B and C, as small as they can be: a Flask app that checks a proof and pushes to Redis, and a
Celery worker whose task counts and does nothing else. Web servers and Celery name this module.
"""

from __future__ import annotations

import hmac
import json
import os

from celery import Celery
from flask import Flask, request
from flask.typing import ResponseReturnValue
from joserfc import jwt
from joserfc.jwk import KeySet
from redis import Redis

SECRET = b"bench"
BROKER = os.environ.get("KEEPWARM_BROKER_URL", "redis://127.0.0.1/0")
DONE = "bare:done"
GOOGLE = json.loads(os.environ.get("BENCH_GOOGLE", "{}"))  # what Google's messages are checked by: `google.Side.proofs`

web = Flask("bare")
KEYS = KeySet.import_key_set(GOOGLE["keys"]) if GOOGLE else KeySet([])
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


@web.post("/google/mail")
def google_mail() -> ResponseReturnValue:
    """The same for a Pub/Sub push: its signed token, the claims that matter, push, 204."""
    token = jwt.decode(request.headers.get("Authorization", "").removeprefix("Bearer "), KEYS, algorithms=["RS256"])
    if (token.claims["aud"], token.claims["email"]) != (GOOGLE["audience"], GOOGLE["email"]):
        return "", 401
    redis.lpush("bare:jobs", json.dumps({"id": json.loads(request.get_data())["message"]["messageId"]}))
    return "", 204


@web.post("/google/calendar")
def google_calendar() -> ResponseReturnValue:
    """And for a calendar channel: its token, push, 204."""
    channel = request.headers.get("X-Goog-Channel-ID", "")
    if not hmac.compare_digest(request.headers.get("X-Goog-Channel-Token", ""), GOOGLE["channels"].get(channel, "-")):
        return "", 401
    redis.lpush("bare:jobs", json.dumps({"id": channel}))
    return "", 204


queue = Celery("bare", broker=BROKER, set_as_current=False)
queue.conf.update(
    task_ignore_result=True, worker_prefetch_multiplier=1, broker_connection_retry_on_startup=True,
    task_default_queue="bare",
)  # fmt: skip


@queue.task(name="noop")  # type: ignore[untyped-decorator]  # Celery has no types
def noop() -> None:
    redis.incr(DONE)
