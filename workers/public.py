"""Whether our public address leads to us, proven by a round trip. Called by `workers.subscriptions`, `keepwarm check`.

A provider is asked for notices only at an address that was seen to work; until then, and where there is none, streams
are looked at every few minutes, and the pages say so.
"""

from __future__ import annotations

import hmac
import json
import re
from datetime import datetime, timedelta

from integrations.wire import echo
from keepwarm.store import duties
from keepwarm.texts import mark
from workers.runtime import Runtime

PATH = "here"  # below /webhooks/
NAME = "public_address"  # the fact about this installation: what the last round trip found
BELIEVED = {True: timedelta(days=1), False: timedelta(minutes=15)}  # ours: until it is tried again

NONE_SET = mark("Keepwarm has no address that can be reached from outside (KEEPWARM_PUBLIC_URL).")
NOT_ENCRYPTED = mark("KEEPWARM_PUBLIC_URL does not begin with https://, and no provider sends anything in the clear.")

_QUESTION = re.compile(rb"[0-9a-f]{32}")


def address(runtime: Runtime) -> str:
    """The public address, without a slash at its end, if it leads to us; else empty. Believed for a while."""
    return "" if why_not(runtime) else runtime.settings.public_url


def why_not(runtime: Runtime) -> str:
    """Why nobody reaches us from outside, as it was found last, in a marked sentence; empty if they do."""
    now, url = runtime.now(), runtime.settings.public_url
    with runtime.store.system(write=False) as tx:
        held = json.loads(duties.instance_value(tx, NAME) or "{}")
    if held.get("url") == url and now - datetime.fromisoformat(held["at"]) < BELIEVED[not held["says"]]:
        return str(held["says"])
    says = problem(runtime)
    with runtime.store.system() as tx:
        duties.set_instance_value(tx, NAME, json.dumps({"url": url, "at": now.isoformat(), "says": says}))
    return says


def problem(runtime: Runtime) -> str:
    """The same, tried now."""
    url = runtime.settings.public_url
    if not url:
        return NONE_SET
    if not url.startswith("https://"):
        return NOT_ENCRYPTED
    question = runtime.new_id()
    return echo.problem(runtime.reach, f"{url}/webhooks/{PATH}", question, answer(runtime, question.encode()))


def answer(runtime: Runtime, question: bytes) -> str:
    """What only we can answer. Raises ValueError for what is no question of ours."""
    if not _QUESTION.fullmatch(question):
        raise ValueError("no question of ours")
    return hmac.new(runtime.key("public"), question, "sha256").hexdigest()
