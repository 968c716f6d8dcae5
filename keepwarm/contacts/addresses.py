"""The canonical form of an address, for matching only; and what a person who stays away is remembered by."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from keepwarm.contacts.names import name_key

_GMAIL = frozenset({"gmail.com", "googlemail.com"})  # one mailbox under two domains; dots never counted there
CACHE = 65_536  # addresses; a mailbox of 20,000 mails names some 15,000


@lru_cache(maxsize=CACHE)
def match_form(address: str) -> str:
    """The canonical form for matching only: lower case, no plus part; dots dropped for gmail.com and googlemail.com.

    What is no e-mail address (``linkedin:slug``) only gets lower case. A local part that begins with a plus keeps it.
    """
    address = address.strip().lower()
    local, at, domain = address.rpartition("@")
    if not at:
        return address
    if local.find("+") > 0:
        local = local.partition("+")[0]
    if domain in _GMAIL:
        local, domain = local.replace(".", "") or local, "gmail.com"
    return f"{local}@{domain}"


def tombstone_keys(name: str, organisation: str, source: str, addresses: Sequence[str]) -> tuple[str, ...]:
    """What an erased or never person is remembered by, before salting: each address, or name|organisation|source.

    Unique, never empty. The name stands in only where there is no address (PRODUCT.md, "Settled where sources differ").
    """
    forms = tuple(dict.fromkeys(match_form(each) for each in addresses if each.strip()))
    return forms or ("|".join((name_key(name), organisation.strip().casefold(), source)),)


def domain_keys(address: str) -> tuple[str, ...]:
    """What a whole domain is remembered by, before salting: that of the address and each it is part of ("@x.org")."""
    labels = address.strip().lower().rpartition("@")[2].strip(".").split(".")
    return tuple(f"@{'.'.join(labels[start:])}" for start in range(len(labels) - 1)) if "@" in address else ()
