"""Whether a text names somebody, so that what is left of them can be found when they are erased.

Pure. Called by `keepwarm.store.traces`, `keepwarm.store.arrivals` and `workers.erasing`. Compared are words as a
search compares them: accents, case, signs and line ends make no difference, and a name stands for itself alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from keepwarm.contacts.folding import folded

LONGEST = 100  # characters of a name that are compared; ours: what is shown of one may be cut behind it
SHORTEST = 3  # letters of a part of a name that tells of somebody; ours: "de" and "El" stand in any text
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, kw_only=True)
class Named:
    """As whom somebody is known: every name and address ever seen of them."""

    names: frozenset[str]
    addresses: frozenset[str]

    def named_in(self, *texts: str) -> bool:
        """Whether a whole name or an address stands in one of these."""
        return self._any(self._phrases, texts) or self._addressed(texts)

    def named_in_full_in(self, *texts: str) -> bool:
        """The same, but a name of one word does not do: a Jan is not every Jan."""
        return self._any([each for each in self._phrases if " " in each.strip()], texts) or self._addressed(texts)

    def hinted_in(self, *texts: str) -> bool:
        """Whether any part of a name stands there: enough where they are known to have taken part."""
        parts = {word for each in self.names for word in _words(each).split() if len(word) >= SHORTEST}
        return self.named_in(*texts) or self._any([f" {each} " for each in parts], texts)

    @cached_property
    def _phrases(self) -> list[str]:
        return [phrase for each in self.names if (phrase := _phrase(each)).strip()]

    @cached_property
    def _patterns(self) -> list[re.Pattern[str]]:
        return [re.compile(rf"(?<![\w.+-]){re.escape(each.casefold())}(?![\w-])") for each in self.addresses if each]

    def _any(self, phrases: Iterable[str], texts: Iterable[str]) -> bool:
        wanted = [(phrase, phrase.split()[0]) for phrase in phrases]
        plain = [_plain(each) for each in texts if each]
        near = [(phrase, text) for phrase, begins in wanted for text in plain if begins in text]  # few: quick to tell
        return any(phrase in _words(text) for phrase, text in near)

    def _addressed(self, texts: Iterable[str]) -> bool:
        worth = [text.casefold() for text in texts if "@" in text or ":" in text]
        return any(each.search(text) for text in worth for each in self._patterns)


def _phrase(name: str) -> str:
    """The words of a name with a blank around; of a very long one its beginning, open behind."""
    words = _words(name[:LONGEST])
    return words if len(name) <= LONGEST else words.rstrip()


def _words(text: str) -> str:
    return f" {' '.join(_WORD.findall(_plain(text)))} "


def _plain(text: str) -> str:
    return text.lower() if text.isascii() else folded.__wrapped__(text)  # not remembered: these are whole mails
