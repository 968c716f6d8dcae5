"""The secret with which Microsoft knows us ends on a day: everybody is told a month before, and each week from then on.

Called by `workers.upkeep` at each sweep, and by the page Health. The day is what the operator noted when they made it
(KEEPWARM_MICROSOFT_SECRET_ENDS): Microsoft tells nobody whom it does not trust with the whole directory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from keepwarm.settings import Settings
from keepwarm.store import Tx, accounts, duties, outbox
from keepwarm.store.outbox import Intent
from keepwarm.texts import Texts, mark
from workers import apart
from workers.runtime import POST, Runtime

MICROSOFT = "microsoft"
AHEAD, AGAIN = timedelta(days=30), timedelta(days=7)  # ours: time enough to reach an administrator
TOLD = "secret_told"  # the fact about this installation: which secret, and how many times it was told

ENDS = mark("The secret with which Keepwarm signs in at Microsoft ends on {date}.")
ENDED = mark("The secret with which Keepwarm signs in at Microsoft ended on {date}.")
RENEW = mark(
    "Everything works until then. Whoever runs Keepwarm replaces it beforehand; what to do is told here: {url}"
)
RENEW_NOW = mark(
    "Nothing is read or sent there until it is replaced; what was read is kept, and everything goes on by itself then."
    " What to do is told here: {url}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A secret's last day. ``stage``: how often it was to be told before, from 0; None before the first time."""

    day: date
    over: bool
    stage: int | None

    @property
    def soon(self) -> bool:
        return self.stage is not None

    def says(self, texts: Texts) -> str:
        return texts(ENDED if self.over else ENDS, date=texts.date(self.day))


def secret(settings: Settings, now: datetime) -> Ending | None:
    """How it stands with the secret at Microsoft; None where there is none, or nobody noted when it ends."""
    if not settings.microsoft_client or not settings.microsoft_secret_ends:
        return None
    day = date.fromisoformat(settings.microsoft_secret_ends)
    since = now - (datetime.combine(day, time(), UTC) - AHEAD)
    return Ending(day=day, over=now.date() > day, stage=None if since < timedelta(0) else since // AGAIN)


def tell(runtime: Runtime, owner_ids: Sequence[str]) -> None:
    """A mail to everybody at each stage, once."""
    now = runtime.now()
    ending = secret(runtime.settings, now)
    if ending is None or ending.stage is None:
        return
    stage = f"{ending.day.isoformat()}:{ending.stage}"
    with runtime.store.system(write=False) as tx:
        if duties.instance_value(tx, TOLD) == stage:
            return

    def put(owner_id: str) -> None:
        with runtime.store.transaction(owner_id) as tx:
            _put(tx, runtime, ending, stage, now)

    if apart.for_each(owner_ids, put, task="alarm"):
        with runtime.store.system() as tx:
            duties.set_instance_value(tx, TOLD, stage)


def _put(tx: Tx, runtime: Runtime, ending: Ending, stage: str, now: datetime) -> None:
    owner = accounts.owner(tx)
    texts, page = runtime.texts(owner.lang), f"accounts/{MICROSOFT}/check" if owner.operator else "health"
    what = texts(RENEW_NOW if ending.over else RENEW, url=f"{runtime.base_url}/{page}")
    intent = Intent(
        key=f"alarm:{tx.owner_id}:secret:{stage}",
        kind="alarm",
        payload={"lines": [ending.says(texts), what]},
        run_at=now,
        not_after=now + AGAIN,
        account_id=_way_out(tx, runtime, ending),
    )
    outbox.put(tx, intent, now)


def _way_out(tx: Tx, runtime: Runtime, ending: Ending) -> str | None:
    """Once it is over, not through an account at Microsoft: nothing is sent there."""
    held = [each.id for each in accounts.accounts(tx) if each.provider == MICROSOFT]
    found = runtime.way_to_warn(tx)
    if found not in held or not ending.over:
        return found
    return POST if runtime.settings.smtp_url else None
