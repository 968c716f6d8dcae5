"""Where Google is: the addresses of its services, or those of a stand-in (`KEEPWARM_GOOGLE_BASE`).

A stand-in serves every host's paths itself; none of them collide. Facts: contracts of the discovery documents, read
November 2026.
"""

from __future__ import annotations

from urllib.parse import urlsplit

ISSUER = "https://accounts.google.com"
ISSUERS = frozenset({ISSUER, "accounts.google.com"})  # the second is seen in older tokens
CONSENT = "https://accounts.google.com/o/oauth2/v2/auth"
TOKEN = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
REVOKE = "https://oauth2.googleapis.com/revoke"
KEYS = "https://www.googleapis.com/oauth2/v3/certs"
GMAIL = "https://gmail.googleapis.com/gmail/v1/users/me"
GMAIL_BATCH = "https://gmail.googleapis.com/batch/gmail/v1"
CALENDAR = "https://www.googleapis.com/calendar/v3"
PEOPLE = "https://people.googleapis.com/v1"
PUBSUB = "https://pubsub.googleapis.com/v1"


def at(base: str, address: str) -> str:
    """The address, at the stand-in where there is one."""
    return base + urlsplit(address).path if base else address
