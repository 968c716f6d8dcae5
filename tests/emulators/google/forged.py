"""Pub/Sub pushes that a receiver must not believe, each wrong in one thing. `pushes.py` offers them to tests.

RELIABILITY.md, G9; PROVIDERS.md, section 1, The token on the push request.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.emulators.google.topics import Note, Subscription
from tests.emulators.stand.tokens import key, signed
from tests.emulators.stand.values import Json

if TYPE_CHECKING:
    from tests.emulators.google.person import Person
    from tests.emulators.google.town import Google

STRANGER = "push@another-project.iam.gserviceaccount.com"
HOURS = 3600 * 2  # seconds
CLAIMS: dict[str, Json] = {
    "wrong-aud": {"aud": "https://elsewhere.example/hook"},
    "wrong-iss": {"iss": "https://accounts.elsewhere.example"},
    "wrong-email": {"email": STRANGER},
    "email-unverified": {"email_verified": False},
    "email-missing": {"email": None, "email_verified": None},
}
FORGERIES = (
    *CLAIMS, "expired", "future", "wrong-key", "unknown-key", "alg-none", "hs256", "no-token", "foreign-subscription",
)  # fmt: skip


def forge(
    town: Google, kind: str, person: Person, *, history_id: int | None = None, subscription: str = ""
) -> tuple[dict[str, str], bytes]:
    """Headers and body. ``subscription`` may stay empty where the town has just one that pushes."""
    from tests.emulators.google.pushes import body_of

    if kind not in (*FORGERIES, "genuine"):
        raise ValueError(f"no such forgery: {kind}")
    real = _subscription(town, subscription)
    claims = {
        name: part for name, part in (town.pushes.claims(real) | CLAIMS.get(kind, {})).items() if part is not None
    }
    shift = {"expired": -HOURS, "future": HOURS}.get(kind, 0)
    claims |= {"iat": claims["iat"] + shift, "exp": claims["exp"] + shift}
    by = {"wrong-key": town.impostor, "unknown-key": key("impostor")}.get(kind, key("google"))
    token = signed(claims, by, alg={"alg-none": "none", "hs256": "HS256"}.get(kind, "RS256"))
    headers = {"Content-Type": "application/json"} | (
        {} if kind == "no-token" else {"Authorization": f"Bearer {token}"}
    )
    data = {"emailAddress": person.address, "historyId": history_id or person.mailbox.history_id}
    note = Note(id=f"{town.number():016d}", data=json.dumps(data).encode(), at=town.now())
    name = "projects/another-project/subscriptions/mail" if kind == "foreign-subscription" else real.name
    return headers, body_of(name, note)


def _subscription(town: Google, name: str) -> Subscription:
    pushing = [one for one in town.subscriptions.values() if one.push]
    return next(one for one in pushing if not name or one.name == name)
