"""Everything periodic, on one page. Called by `workers.app` (beat), `workers.upkeep` and `workers.tasks`.

Beat only asks who waits, so two beats, a late one or none change nothing but the delay (RELIABILITY.md A9, A10).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

SWEEP_SECONDS = 60  # RELIABILITY.md section 4, point 2
RESUME_SECONDS = 5  # ours: how soon a first pass goes on that waits for its budget; what it loses by waiting is 8 %
PULL_SECONDS = 15  # ours: between two looks for notices that wait for us

QUEUES = ("push", "sync", "send", "upkeep")

# Limits stay below the lease of 120 s (RELIABILITY.md section 4, point 4). Finding the people in a mailbox of 100,000
# mails is one transaction and takes its time.
SYNC_LIMITS: dict[str, int] = {"soft_time_limit": 100, "time_limit": 110}

# task → queue
ROUTES: dict[str, str] = {
    "sync_stream": "sync",
    "deliver": "send",
    "prepare_owner": "upkeep",
    "sweep": "upkeep",
    "subscribe_stream": "upkeep",
    "keep_grant": "upkeep",
    "answer_request": "send",
    "resume": "upkeep",
    "pull": "upkeep",
    "canary": "upkeep",  # named per call: one goes through each queue
}

BEAT: dict[str, dict[str, Any]] = {
    "sweep": {
        "task": "sweep",
        "args": ("beat",),
        "schedule": SWEEP_SECONDS,
        "options": {"queue": "upkeep", "expires": SWEEP_SECONDS},  # a pile of old sweeps helps nobody
    },
    "resume": {
        "task": "resume",
        "schedule": RESUME_SECONDS,
        "options": {"queue": "upkeep", "expires": RESUME_SECONDS},
    },
}
PULL: dict[str, dict[str, Any]] = {  # only where the operator set it up (`workers.app`)
    "pull": {
        "task": "pull",
        "args": ("google",),
        "schedule": PULL_SECONDS,
        "options": {"queue": "upkeep", "expires": PULL_SECONDS},
    },
}

# name → (period, grace) in seconds; silence past both raises the alarm. A10 asks for five minutes at most.
# "beat" is a sweep that beat asked for, "watch" a look of the web process (`workers.watch`).
DUTIES: dict[str, tuple[int, int]] = {
    "beat": (SWEEP_SECONDS, 240),
    "watch": (SWEEP_SECONDS, 240),
    "sweep": (SWEEP_SECONDS, 240),
    "prepare": (SWEEP_SECONDS, 120),  # and two minutes in which an owner, or a row, may wait (`upkeep.SLOW`)
    "deliver": (SWEEP_SECONDS, 120),
    **{f"canary-{queue}": (SWEEP_SECONDS, 240) for queue in QUEUES},
    "renew": (SWEEP_SECONDS, 3600),  # notices are asked for again long before they end
    "pull": (SWEEP_SECONDS, 240),
    "listen": (SWEEP_SECONDS, 240),  # where there is somebody to listen to
    "prune": (86_400, 43_200),
}

# provider → seconds after which a stream that nobody told us about is looked at anyway (RELIABILITY.md C9)
POLLED: dict[str, int] = {"open": 300, "google": 300, "microsoft": 300}

# Providers who can tell us of news: their streams are asked about, and looked at all the same.
PUSHED: tuple[str, ...] = ("google", "microsoft")

LOCKED_OUT = timedelta(hours=1)  # ours: a dead password tried too often locks the owner out themselves

IDLE = timedelta(days=30)  # a grant that was not renewed for so long is, before it dies of it (Microsoft: 90 days)

NOT_COMPARED = timedelta(minutes=15)  # RELIABILITY.md C13: three times what lies between two looks

HOURLY = 3600
DAILY = 86_400
