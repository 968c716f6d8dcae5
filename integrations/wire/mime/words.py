"""Text as it should be shown: encoded words (RFC 2047) read, odd characters gone. Called by `addresses` and `marks`."""

from __future__ import annotations

import binascii
import re
import unicodedata

NAME_LENGTH = 200  # characters; a longer display name is an attack or an accident
WORD_LIMIT = 64  # encoded words a header (RELIABILITY.md E6)

WORD = re.compile(r"=\?([^?\s*]{1,40})(?:\*[^?\s]{0,40})?\?([bBqQ])\?([^?]*+)\?=")
BETWEEN_WORDS = re.compile(r"(?<=\?=)\s+(?==\?)")

# Only these reach the codec registry: it imports by name and remembers every name it was ever asked for.
CHARSET = re.compile(
    r"utf-?(?:7|8|16|16le|16be)|us-?ascii|ascii|latin-?\d{1,2}|iso-?8859-?\d{1,2}(?:-[ei])?|iso-?2022-?(?:jp(?:-[123])?|kr)"
    r"|(?:windows|cp)-?\d{3,4}|koi8-?[rut]|gbk|gb-?2312|gb-?18030|hz-gb-2312|big5|big5-?hkscs|euc-?(?:jp|kr)|euc-?cn"
    r"|shift[-_]?jis|sjis|ks_?c_?5601(?:-1987)?|johab|tis-?620|mac(?:intosh|-?roman|-?cyrillic)"
)

# Controls, soft hyphen, combining joiner, Arabic letter mark, fillers, bidi and zero-width marks, variation selectors,
# tags, lone surrogates. They change what a name looks like, not what it says (RELIABILITY.md E6 and F10).
INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
ORDINARY = re.compile(r"[A-Za-z0-9.,-]++(?: [A-Za-z0-9.,-]++)*+")  # most names: nothing to be done
SPACES = re.compile(r"\s+")


def text_of(raw: bytes) -> str:
    """A raw header value as text: UTF-8, else Windows-1252, which every other byte can be read as."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def decode_words(text: str) -> str:
    """The text with its encoded words read, adjacent ones joined; "" for more than 64 words."""
    if "=?" not in text:
        return text
    pieces = WORD.split(BETWEEN_WORDS.sub("", text))
    if len(pieces) // 4 > WORD_LIMIT:
        return ""
    out = [pieces[0]]
    charset, data = "", b""
    for index in range(1, len(pieces), 4):
        here, how, content, after = pieces[index : index + 4]
        if data and here.lower() != charset:
            out.append(_decode(data, charset))
            data = b""
        charset = here.lower()
        data += _bytes_of(how, content)
        if after or index + 4 >= len(pieces):
            out += (_decode(data, charset), after)
            data = b""
    return "".join(out)


def clean_name(text: str) -> str:
    """A display name fit to be shown: decoded, unquoted, one line, nothing invisible, at most 200 characters."""
    if len(text) <= NAME_LENGTH and ORDINARY.fullmatch(text.strip(" ")):
        return text.strip(" ")
    if "=?" in text:
        text = decode_words(text)
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFC", text[: 8 * NAME_LENGTH])
        text = INVISIBLE.sub("", SPACES.sub(" ", text))
    if "\\" in text:
        text = re.sub(r"\\(.)", r"\1", text)
    text = SPACES.sub(" ", text.replace('"', "")).strip()
    if len(text) > 1 and text[0] == text[-1] == "'":
        text = text[1:-1].strip()
    return text[:NAME_LENGTH].strip()


def _bytes_of(how: str, content: str) -> bytes:
    data = content.encode("utf-8", "replace")
    if how in "qQ":
        return binascii.a2b_qp(data, header=True)
    try:
        return binascii.a2b_base64(data + b"==")
    except binascii.Error:
        return _whole_quads(data)


def _whole_quads(data: bytes) -> bytes:
    """What can still be read of base64 with a digit missing."""
    digits = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    return binascii.a2b_base64(digits[: len(digits) // 4 * 4])


def _decode(data: bytes, charset: str) -> str:
    if CHARSET.fullmatch(charset):
        try:
            return data.decode(charset)
        except (UnicodeError, LookupError):
            pass  # a wrong label is common: the bytes speak for themselves
    return text_of(data)
