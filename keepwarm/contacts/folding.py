"""Words as a search compares them: no accents, no case, no signs, so that "zoe" finds Zoë and "strasse" straße.

Called by `keepwarm.store.listing`, which keeps such words for each contact, and by whatever asks for them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from keepwarm.foreign import shown

CACHE = 65_536  # texts; as many as `keepwarm.contacts.lookalike` keeps
WORDS = 8  # of one search; ours: more than a full name with an organisation has
WORD = 40  # characters of one of them; ours
SORTED = 100  # characters by which people stand in order; ours
# Letters that have no accent to lose but are typed without their stroke or as two (Unicode keeps them whole).
_PLAIN = str.maketrans({
    "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "ĸ": "k", "æ": "ae", "œ": "oe", "þ": "th",
    "ŋ": "n", "ə": "e",
})  # fmt: skip
_APOSTROPHES = re.compile("['’ʼʹ`´]")
# A word; of scripts that set no blanks between words each sign is one (kana, ideographs).
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+")


@lru_cache(maxsize=CACHE)
def folded(text: str) -> str:
    """The text without accents and case; what hides in it is gone."""
    apart = unicodedata.normalize("NFKD", shown(text).casefold())
    return "".join(each for each in apart if not unicodedata.combining(each)).translate(_PLAIN)


def search_text(texts: Iterable[str]) -> str:
    """All words of these texts, each once and with a blank before it; a name like O'Brien also in parts."""
    found: dict[str, None] = {}
    for text in texts:
        plain = folded(text)
        found |= dict.fromkeys(_WORD.findall(_APOSTROPHES.sub("", plain)))
        if _APOSTROPHES.search(plain):
            found |= dict.fromkeys(_WORD.findall(_APOSTROPHES.sub(" ", plain)))
    return "".join(f" {each}" for each in found)


def asked_words(asked: str) -> list[str]:
    """The words of a search, each once: every one must begin some word of what is found."""
    words = _WORD.findall(_APOSTROPHES.sub("", folded(asked)))
    return list(dict.fromkeys(each[:WORD] for each in words))[:WORDS]


def sort_key(name: str) -> str:
    """By what people stand in order: the name as its words are compared."""
    return " ".join(_WORD.findall(_APOSTROPHES.sub("", folded(name))))[:SORTED]
