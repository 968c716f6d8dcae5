"""Organisations: out of the domain of an address, readable, and when two spellings are one."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from keepwarm.contacts.names import words_of
from keepwarm.contacts.tables import FREE_DOMAINS, FREE_LABELS, HOSTED, TWO_LEVELS

# Forms of company in the Netherlands and around; they stand behind a name or are left away.
FORMS = frozenset(
    (
        "bv", "nv", "vof", "cv", "ua", "ltd", "limited", "plc", "llp", "inc", "llc", "corp", "co", "gmbh", "ag", "se",
        "kg", "sa", "sarl", "sas", "bvba", "srl", "spa", "ab", "oy", "as",
    )
)  # fmt: skip
TELLING = 4  # letters of a name that make half a domain its bearer's own; ours


@lru_cache(maxsize=16_384)  # spellings; a large network has some thousands
def organisation_key(name: str) -> str:
    """What two spellings of one organisation share: letters and digits, no accents, no form of company.

    "Lantern B.V." and "LANTERN" are one, "Lantern Group" is another. Empty where nothing is left.
    """
    plain = "".join(each for each in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(each))
    words = re.findall(r"[^\W_]+", plain.replace(".", "").replace("'", ""))
    while len(words) > 1 and words[-1] in FORMS:
        words.pop()
    return " ".join(words)


def is_free_mail(domain: str) -> bool:
    """Whether anybody can have an address at this domain, or at one that it is part of."""
    labels = domain.split(".")
    label, ending = labels[0], ".".join(labels[1:])
    wholes = (".".join(labels[start:]) for start in range(len(labels) - 1))
    if label in HOSTED and len(labels) > 2:
        return True
    return any(each in FREE_DOMAINS for each in wholes) or (
        label in FREE_LABELS and (ending.count(".") == 0 or ending in TWO_LEVELS)
    )


def organisation_of(address: str, name: str = "") -> str:
    """ "jan@sales.lantern.example" → "Lantern"; empty for free mail, no domain, and a domain named after its owner."""
    domain = address.rpartition("@")[2] if "@" in address else ""
    label = _registrable(domain)
    if not label or is_free_mail(domain):
        return ""
    letters = label.replace("-", "")
    local = address.rpartition("@")[0].partition("+")[0]
    if letters in {local.replace(".", ""), local.replace("-", "")} or _is_name(letters, name):
        return ""
    return label.upper() if len(label) <= 3 else " ".join(each.capitalize() for each in label.split("-") if each)


def _registrable(domain: str) -> str:
    """The label that somebody registered; empty for address literals and single labels."""
    labels = domain.lower().strip(".").split(".")
    if len(labels) < 2 or domain.startswith("[") or labels[-1].isdigit():
        return ""
    deep = ".".join(labels[-2:]) in TWO_LEVELS and len(labels) > 2
    label = labels[-3] if deep else labels[-2]
    return "" if label.startswith("xn--") else label


def _is_name(letters: str, name: str) -> bool:
    words = words_of(name)
    if len(words) < 2:
        return False
    whole = letters in {"".join(words), words[-1], "".join(reversed(words))}
    return whole or any(len(each) >= TELLING and each in letters and 2 * len(each) >= len(letters) for each in words)
