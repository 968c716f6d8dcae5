"""Foreign text made fit to keep: one line, nothing that hides, turns or breaks. Called by ical, vcard, exports."""

from __future__ import annotations

import re

import idna

from keepwarm.foreign import HIDDEN, shown

_ADDRESS = re.compile(r"[^\s@<>\"(),:;\[\]\\]{1,64}@[^\s@<>\"(),:;\[\]\\/]{1,253}")
_DOMAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_PROFILE = re.compile(r"(?:^|[/.])linkedin\.com/(?:in|pub)/([^/?#\s]{1,200})", re.IGNORECASE)


def plain(text: str, limit: int = 200) -> str:
    """The text on one line, without what hides, turns or floods it, ``limit`` long at most; may be empty."""
    return " ".join(shown(text[: limit * 8]).split())[:limit].rstrip()


def mail_address(text: str) -> str:
    """The address in lower case with its domain in ASCII (IDNA), without ``mailto:``; empty if it is none."""
    text = HIDDEN.sub("", text[:1000]).strip().strip("<>")
    if text[:7].lower() == "mailto:":
        text = text[7:].partition("?")[0].strip()
    found = _ADDRESS.fullmatch(text.lower())
    if not found:
        return ""
    local, _, domain = found[0].rpartition("@")
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except idna.IDNAError:
            return ""
    return f"{local}@{domain}" if _DOMAIN.fullmatch(domain) else ""


def profile_address(url: str) -> str:
    """``linkedin:<slug>`` in lower case for the address of a LinkedIn profile, else empty."""
    found = _PROFILE.search(url[:2000])
    return f"linkedin:{plain(found[1]).lower()}" if found else ""
