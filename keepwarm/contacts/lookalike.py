"""Names and addresses that look like those of somebody else, told by their skeleton (RELIABILITY.md E6).

Called through `keepwarm.store.views` for the people that pages, the command and a digest show. Nothing is decided here:
the owner is warned, and looks at the address. The idea is that of Unicode's UTS #39, the table our own: letters that
ordinary fonts draw alike. The one library with the full table has not moved since January 2024, and what it calls alike
besides ("cl" and "d", letters with accents) would warn about honest people.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import idna

from keepwarm.contacts.addresses import match_form
from keepwarm.foreign import shown

CACHE = 65_536  # names and addresses; a mailbox of 20,000 mails holds some 15,000
SHORTEST = 4  # letters below which names are alike by chance ("Ли", "Jo"); ours

# Latin letter: what is drawn like it in Cyrillic, Greek, Armenian, Cherokee and Lisu, and digits and strokes.
_ALIKE = {
    "a": "аАαΑɑᎪꓮ", "b": "ЬвВΒᏴꓐ", "c": "сСϲϹᏟꓚ", "d": "ԁᎠꓓ", "e": "еЕҽΕᎬꓰ", "f": "ϜꓝҒ", "g": "ɡԌᏀꓖց",
    "h": "һнНΗհᎻꓧ", "i": "іıɪι", "j": "јЈᎫꓙյ", "k": "кКκΚᏦꓗ", "l": "IӏӀІΙꓲᏞꓡ1|!", "m": "мМΜᎷꓟ", "n": "пηΝոꓠ",
    "o": "оОοΟσօՕꓳ0", "p": "рРρΡᏢꓑ", "q": "ԛԚգ", "r": "гᏒꓣ", "s": "ѕЅᏚꓢ5", "t": "тТτΤᎢꓔ", "u": "υսՍꓴ", "v": "νѵᏙꓦ",
    "w": "ԝԜωшᎳꓪ", "x": "хХχΧꓫ", "y": "уУүҮγΥꓬ", "z": "ΖᏃꓜ",
}  # fmt: skip
_DRAWN = str.maketrans({each: letter for letter, alike in _ALIKE.items() for each in alike})
# Scripts with letters that pass for one another: no honest word has letters of two of them.
_RIVALS = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "LISU", "COPTIC"})

Person = tuple[str, str, Sequence[str]]  # id, name, addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why to look twice. ``key`` and ``value`` are for `keepwarm.contacts.doubt_words`."""

    key: str
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Familiar:
    """Those the owner knows, by skeleton: (id, as written). The owner's own have an empty id."""

    names: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    addresses: dict[str, list[tuple[str, str]]] = field(default_factory=dict)


def familiar(people: Iterable[Person], own_name: str, own_addresses: Sequence[str]) -> Familiar:
    """What strangers are compared with: the owner's network and the owner."""
    found = Familiar()
    for contact_id, name, addresses in (("", own_name, own_addresses), *people):
        found.names.setdefault(skeleton(name), []).append((contact_id, name))
        for each in addresses:
            found.addresses.setdefault(address_skeleton(each), []).append((contact_id, each))
    return found


def doubt(person: Person, known: Familiar) -> Doubt | None:
    """The strongest reason to look twice at this person; None for almost everybody."""
    contact_id, name, addresses = person
    for each in addresses:
        for whose, other in known.addresses.get(address_skeleton(each), ()):
            if whose != contact_id and match_form(other) != match_form(each):
                return Doubt(key="like_address", value=other)
    bones = skeleton(name)
    for whose, other in known.names.get(bones, ()) if len(bones) >= SHORTEST else ():
        if not whose:
            return Doubt(key="your_name")
        if whose != contact_id and _letters(other) != _letters(name):
            return Doubt(key="like_name", value=other)
    mixed = any(is_mixed(each) for each in (name, *map(readable, addresses)))
    return Doubt(key="mixed") if mixed else None


@lru_cache(maxsize=CACHE)
def skeleton(text: str) -> str:
    """The same for all that ordinary fonts draw alike; empty for a text without letters."""
    bare = _bare(unicodedata.normalize("NFKD", shown(text))).translate(_DRAWN).casefold()
    return "".join(each for each in bare if each.isalnum() or each in "@.-").replace("rn", "m").replace("vv", "w")


def address_skeleton(address: str) -> str:
    """The skeleton of an address, its domain read as a browser would show it."""
    return skeleton(readable(address))


@lru_cache(maxsize=CACHE)
def readable(address: str) -> str:
    """The address with its domain in letters; unchanged where that cannot be."""
    local, at, domain = address.rpartition("@")
    if "xn--" not in domain:
        return address
    try:
        return f"{local}{at}{idna.decode(domain)}"
    except UnicodeError:  # the root of idna's own errors
        return address


@lru_cache(maxsize=CACHE)
def is_mixed(text: str) -> bool:
    """Whether a word has letters of two alphabets that pass for one another."""
    return not text.isascii() and any(len(_scripts(word)) > 1 for word in text.split())


def _scripts(word: str) -> frozenset[str]:
    return _RIVALS & {unicodedata.name(each, "?").split(" ")[0] for each in word if each.isalpha()}


@lru_cache(maxsize=CACHE)
def _letters(name: str) -> str:
    """The letters as they are, without accents and case: what an honest second spelling shares."""
    return "".join(_bare(unicodedata.normalize("NFD", name)).casefold().split())


def _bare(decomposed: str) -> str:
    return "".join(each for each in decomposed if not unicodedata.combining(each))
