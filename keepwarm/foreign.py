"""What outsiders wrote, fit to be shown: nothing in it hides, turns or steers, and no flood of marks covers its line.

The one list of characters that have no place in a name, a title or a place (RELIABILITY.md E6 and F10). Called where
foreign text is read (`integrations.wire`) and again on every way out: pages, mails, calendar entries, the command.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from unicodedata import category
from urllib.parse import urlsplit

# Control characters but for tab and line end, soft hyphen, combining joiner, fillers and blanks that are letters to a
# computer, bidi marks, zero-width and invisible ones, variation selectors, interlinear marks, tags, lone surrogates.
HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")  # all that some program takes for the end of a line
_MAY_FLOOD = re.compile("[\u0300-\U0010ffff]")
_NO_LINK = re.compile(r"[\s\\\"'<>]")
MARKS = 4  # over one letter; ours: Vietnamese needs two, pointed Hebrew three, a Tibetan stack four


def shown(text: str) -> str:
    """The text without hidden characters and floods of marks, every kind of line end as a plain one."""
    if text.isascii() and text.isprintable():
        return text
    return few_marks(HIDDEN.sub("", _ENDS.sub("\n", text)))


def one_line(text: str, longest: int) -> str:
    """The same on one line, cut visibly at ``longest`` characters; may be empty."""
    line = " ".join(shown(text[: longest * 8]).split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def few_marks(text: str) -> str:
    """The text with at most `MARKS` combining marks in a row."""
    if not _MAY_FLOOD.search(text):
        return text
    kept, run = [], 0
    for each in text:
        run = run + 1 if category(each) in {"Mn", "Me"} else 0
        if run <= MARKS:
            kept.append(each)
    return "".join(kept)


def host_of(link: str) -> str:
    """The host of a plain http or https address; empty for anything else, or with a user, blanks or quotes in it."""
    try:
        parts = urlsplit(link)
        host = parts.hostname
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc or _NO_LINK.search(link):
        return ""
    return host


def path_as_text(path: str) -> str:
    """A path as it can be shown: bytes that are no UTF-8 as ``\\xff``, and so every sign that hides or turns text."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return text if text.isprintable() else "".join(map(_escaped, text))


def files_as_text(paths: Sequence[str]) -> str:
    """What an import is called: the names of its files, or of the first three."""
    names = [path_as_text(path.rstrip("/").rpartition("/")[2] or path) for path in paths]
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")


def _escaped(sign: str) -> str:
    plain = sign.isprintable() or category(sign) == "Zs"
    return sign if plain else sign.encode("unicode_escape").decode("ascii")
