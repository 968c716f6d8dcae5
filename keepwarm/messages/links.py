"""Links that open a message where the owner sends it themselves: their mail program, WhatsApp, the telephone.

Called by the mails, the page and the command that offer a message. Nothing is sent from here.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from keepwarm.foreign import one_line
from keepwarm.messages.values import Draft, Reach

_DIAL = re.compile(r"\+?\d{6,15}")
_COUNTRIES = {"NL": "31", "BE": "32", "DE": "49", "GB": "44", "FR": "33", "US": "1"}  # country codes of telephones


def mailto(address: str, draft: Draft) -> str:
    """A link that opens the mail program with the message; empty without an address."""
    if not address:
        return ""
    body = quote(draft.body.replace("\n", "\r\n"), safe="")
    return f"mailto:{quote(address, safe='@')}?subject={quote(draft.subject, safe='')}&body={body}"


def whatsapp(phone: str, country: str, draft: Draft) -> str:
    """A link that opens WhatsApp with the message; empty for a number whose country is unknown."""
    number = international(phone, country)
    return f"https://wa.me/{number}?text={quote(draft.body, safe='')}" if number else ""


def tel(phone: str) -> str:
    number = _digits(phone)
    return f"tel:{number}" if _DIAL.fullmatch(number) else ""


def profile(found: Reach) -> str:
    """The address of a profile from ``linkedin:<slug>``; empty if it is none."""
    source, _, slug = found.profile.partition(":")
    plain = re.fullmatch(r"[\w.%~-]{1,120}", slug)
    return f"https://www.linkedin.com/in/{quote(slug, safe='%')}/" if source == "linkedin" and plain else ""


def international(phone: str, country: str) -> str:
    """The number with its country and without signs, as WhatsApp wants it; empty where the country is unknown."""
    number = _digits(phone)
    if number.startswith("00"):
        number = f"+{number[2:]}"
    if number.startswith("0") and country in _COUNTRIES:
        number = f"+{_COUNTRIES[country]}{number[1:]}"
    return number[1:] if number.startswith("+") and _DIAL.fullmatch(number) else ""


def _digits(phone: str) -> str:
    """Without signs; the zero in +31 (0)6 is said to callers from within."""
    text = re.sub(r"\(0\)", "", one_line(phone, 60))
    return ("+" if text.strip().startswith("+") else "") + re.sub(r"\D", "", text.partition(";")[0])
