"""What is told of an event of ours that stands at a provider. Called by ``ourevent`` of google and microsoft."""

from __future__ import annotations

from hashlib import blake2b

from integrations.wire.ical import read_our_event
from keepwarm.errors import Unreadable
from keepwarm.types import FoundEvent


def found_event(ref: str, calendar: bytes, *, version: str) -> FoundEvent:
    """The event of a VCALENDAR; without times where nobody can read it, ``version`` telling that it changed."""
    try:
        there = read_our_event(calendar)
    except Unreadable:
        return unreadable_event(ref, version=version)
    told = f"{there.start_at.isoformat()}\n{there.end_at.isoformat()}\n{there.title}"
    return FoundEvent(remote_ref=ref, start_at=there.start_at, end_at=there.end_at, fingerprint=key_of(told))


def unreadable_event(ref: str, *, version: str) -> FoundEvent:
    return FoundEvent(remote_ref=ref, fingerprint=key_of(version))


def key_of(told: str) -> str:
    """The same letters for the same text: 40 of them, 0-9 and a-f."""
    return blake2b(told.encode("utf-8", "replace"), digest_size=20).hexdigest()
