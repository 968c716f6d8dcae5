"""Links in mails that act without signing in: signed, for one thing, and only for a while (RELIABILITY.md G18).

Made by `render` when a mail is rendered, read by the page behind them (`service.pages.reply`). A link names what it is
about, never what to do: opening it shows a page, and only a button there acts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from workers.runtime import Runtime

LASTS = timedelta(days=7)  # RELIABILITY.md G18
STOPS_LAST = timedelta(days=90)  # ours: whoever reads an old mail must still be able to stop the next

# What a link can be about, and what its ``ref`` names.
ABOUT = {
    "person": "a contact whom the owner may get in touch with",
    "new": "a contact who is proposed",
    "talk": "a coming talk, by its event",
    "held": "a talk that is over, by its event",
    "promise": "a promise of the owner's",
    "stop": "a kind of mail",
    "undo": "a change made through such a link",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What a link stands for. ``about``: a key of ABOUT."""

    owner_id: str
    about: str
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Makes the links of one mail."""

    base_url: str
    key: bytes
    owner_id: str
    at: datetime

    def to(self, about: str, ref: str, do: str = "") -> str:
        """The address of a page about this; ``do``: which of its buttons comes first."""
        signed = token(self.key, Signed(owner_id=self.owner_id, about=about, ref=ref), self.at)
        return f"{self.base_url}/reply/{signed}" + (f"?do={do}" if do else "")


def token(key: bytes, signed: Signed, at: datetime) -> str:
    """The part of an address that proves what it stands for, as made at this moment."""
    lasts = STOPS_LAST if signed.about == "stop" else LASTS
    until = int((at + lasts).timestamp())
    made = _signer(key).dumps([signed.owner_id, signed.about, signed.ref, until])
    return made if isinstance(made, str) else made.decode()


def key_of(runtime: Runtime) -> bytes:
    return runtime.key("links")


def links(runtime: Runtime, owner_id: str) -> Links:
    return Links(base_url=runtime.base_url, key=key_of(runtime), owner_id=owner_id, at=runtime.now())


def read(runtime: Runtime, given: str) -> Signed | None:
    """What a token stands for; None for one that we did not make, or whose time is over."""
    try:
        owner_id, about, ref, until = _signer(key_of(runtime)).loads(given)
    except (BadData, ValueError, TypeError):
        return None
    if about not in ABOUT or until < runtime.now().timestamp():
        return None
    return Signed(owner_id=owner_id, about=about, ref=ref)


def _signer(key: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt="links in mails")
