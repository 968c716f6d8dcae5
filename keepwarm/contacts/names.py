"""The best name of those seen, fit to be shown, and whether two names can be one person's."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from keepwarm.contacts.tables import COMPANY, NOT_PERSONAL, PARTICLES, SUFFIXES, TITLES

_QUOTES = "\"'`´“”‘’„‚«»"
_SAID_FOR = re.compile(r"\s+(?:via|on behalf of|namens|through)\s+\S.*$", re.IGNORECASE)
_ASIDE = re.compile(r"\([^()]*\)?|\[[^\[\]]*\]?")
_LABEL = re.compile(r"^(?:cc|to|from|bcc|aan|van)\s*:\s*", re.IGNORECASE)
_SPLIT = re.compile(r"[\s\-.,;/&+|_()\[\]]+")
_LOCAL_SPLIT = re.compile(r"[._\-]+")
_BARE = str.maketrans("", "", _QUOTES)
_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "a", "œ": "o", "þ": "th", "ð": "d"})
_UMLAUT = re.compile(r"([aou])e")  # Günther is also written Guenther

NAME_LENGTH = 120  # characters shown of a name; longer ones are not names
CACHE = 65_536  # names and addresses; a mailbox of 20,000 mails holds some 15,000
SELDOM = 20  # a name seen in fewer than one of so many is no rival to a full name seen often


@lru_cache(maxsize=CACHE)
def clean_name(name: str) -> str:
    """A display name as shown: no quotes, asides or "via List"; "Last, First" turned round; capitals tamed.

    Empty where what was given is an address or a link, or holds no letter.
    """
    text = " ".join(name.replace('"', "").split())[:NAME_LENGTH].strip(_QUOTES + " ")
    text = _ASIDE.sub(" ", _SAID_FOR.sub("", _LABEL.sub("", text))).partition("|")[0]
    text = " ".join(text.replace(" .", ".").split()).strip(_QUOTES + " ,;:")
    if any(each in text for each in ("@", "＠", "﹫", "=?", "://")) or not any(each.isalpha() for each in text):
        return ""
    return _tame(_turned(text))


def _turned(text: str) -> str:
    """ "Vries, Jan de" → "Jan de Vries"; companies and suffixes after a comma stay where they are."""
    parts = [each.strip() for each in text.split(",") if each.strip()]
    while len(parts) > 1 and _all_in(parts[-1], SUFFIXES):
        parts.pop()
    if len(parts) == 3 and _all_in(parts[1], PARTICLES):
        parts = [f"{parts[1]} {parts[0]}", parts[2]]
    if len(parts) == 1 and _ends_in_particle(parts[0]):
        surname, *rest = parts[0].split()
        return " ".join([*rest, surname])
    if len(parts) != 2 or any(len(each.split()) > 4 for each in parts) or _all_in(parts[1], COMPANY):
        return ", ".join(parts)
    return f"{parts[1]} {parts[0]}"


def _ends_in_particle(text: str) -> bool:
    """ "Houten K.H.C. van": a surname first, without its comma."""
    words = text.split()
    return len(words) > 2 and words[-1] in PARTICLES


def _all_in(text: str, words: frozenset[str]) -> bool:
    return all(each.replace(".", "").casefold() in words for each in text.split())


def _tame(text: str) -> str:
    """A name written in capitals, in title case; short ones ("IBM", "JP") stay."""
    if not text.isupper() or (" " not in text and len(text) < 5):
        return text
    return " ".join(_titled(each, first=index == 0) for index, each in enumerate(text.lower().split()))


def _titled(word: str, *, first: bool) -> str:
    if word in PARTICLES and not first:
        return word
    return re.sub(r"(^|[-'’.])(\w)", lambda hit: hit[1] + hit[2].upper(), word)


def name_from_address(address: str) -> str:
    """ "jan.de.vries@..." → "Jan de Vries"; the address itself where its local part is no readable name."""
    local = address.rpartition("@")[0].partition("+")[0]
    parts = [each.rstrip("0123456789") for each in _LOCAL_SPLIT.split(local) if each]
    if len(parts) < 2 or not all(each.isalpha() for each in parts) or max(map(len, parts)) < 3:
        return address
    return " ".join(
        _titled(each if len(each) > 1 else f"{each}.", first=index == 0) for index, each in enumerate(parts)
    )


def best_name(names: Iterable[tuple[str, int]]) -> str:
    """The most informative of the names seen, cleaned; of equals the most frequent. Empty if none is a name.

    One that was hardly ever seen does not beat a full name seen often: it may be somebody else's word.
    """
    counts: Counter[str] = Counter()
    for name, times in names:
        if cleaned := clean_name(name):
            counts[cleaned] += times
    if not counts:
        return ""
    often = [each for each, times in counts.items() if times * SELDOM >= counts.total()]
    fitting = often if any(len(_full_words(each)) > 1 for each in often) else list(counts)
    return min(fitting, key=lambda each: (*(-part for part in informative(each)), -counts[each], each))


@lru_cache(maxsize=CACHE)
def informative(name: str) -> tuple[int, int, int]:
    """How much a shown name tells, larger is more: full words (three at most), capitals, initials."""
    if not name or "@" in name:
        return (0, 0, 0)
    full = _full_words(name)
    initials = len([each for each in _SPLIT.split(name) if len(each) == 1 and each.isalpha()])
    return (min(len(full), 3) if not name.islower() else min(len(full), 2), int(name != name.lower()), min(initials, 2))


def _full_words(name: str) -> list[str]:
    return [
        each for each in _SPLIT.split(name) if len(each) > 1 and each.isalpha() and each.casefold() not in PARTICLES
    ]


@lru_cache(maxsize=CACHE)
def is_personal(name: str) -> bool:
    """Whether a display name is a person's first and last name, as far as words can tell."""
    words = _SPLIT.split(clean_name(name).translate(_BARE))
    real = [each for each in words if each and each.casefold() not in PARTICLES]
    lower = {each.casefold() for each in real}
    if not 2 <= len(real) <= 5 or lower & NOT_PERSONAL or lower & COMPANY or not _full_words(" ".join(real)):
        return False
    return all(each.isalpha() for each in real)


@lru_cache(maxsize=CACHE)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name for comparing: without accents, case, titles, particles; "Last, First" turned round."""
    cleaned = clean_name(name).translate(_BARE).casefold().translate(_LETTERS)
    bare = "".join(each for each in unicodedata.normalize("NFKD", cleaned) if not unicodedata.combining(each))
    words = [_UMLAUT.sub(r"\1", each) for each in _SPLIT.split(bare) if each]
    return tuple(each for each in words if each not in PARTICLES and each not in TITLES) or tuple(words)


def name_key(name: str) -> str:
    """The same for every spelling of a full name: accents, case, order and particles left out."""
    return " ".join(sorted(words_of(name)))


def compatible_name(a: str, b: str) -> bool:
    """Whether two names can be one person's: initials, order, accents and middle names aside.

    True where one of them is missing or they are in different scripts and cannot be compared. Nicknames do not count.
    """
    left, right = words_of(a), words_of(b)
    if not left or not right or _latin(left) != _latin(right):
        return True
    short, long = sorted((left, right), key=len)
    return _fits(short, long)


def _latin(words: tuple[str, ...]) -> bool:
    return any("a" <= letter <= "z" for word in words for letter in word)


def _fits(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """Every word of the shorter name has one of its own in the longer, and at least one is a whole word."""
    rest = list(long)
    open_words: list[str] = []
    for word in short:
        if word in rest:
            rest.remove(word)
        else:
            open_words.append(word)
    whole = any(len(word) > 1 for word in short if word not in open_words)
    for word in open_words:
        partner = next((each for each in rest if _initial(word, each)), None)
        if partner is None:
            return False
        rest.remove(partner)
    return whole or (short == long)


def _initial(a: str, b: str) -> bool:
    return min(len(a), len(b)) == 1 and a[0] == b[0]
