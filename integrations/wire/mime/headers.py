"""One pass over a header block for the headers we want. Called by `message`."""

from __future__ import annotations

import re

VALUE_LIMIT = 8192  # bytes of one header value (RELIABILITY.md E6)

Headers = dict[bytes, list[bytes]]  # lower-case name → raw values in order, folds kept, at most 8 KiB each

# Grouped by their first letters, and found by one `findall`: the regex engine walks the block, Python sees only hits.
WANTED = (
    rb"to|cc|bcc|from|date|sender|message-id|precedence|content-type|auto-submitted|feedback-id|errors-to|mailing-list"
    rb"|list-(?:id|post|unsubscribe)|re(?:ply-to|turn-path)"
    rb"|x-(?:mailing-list|list|beenthere|loop|auto-?(?:reply(?:-from)?|respond(?:er)?|generated)|mail-autoreply|keepwarm"
    rb"|gmail-labels|mozilla-(?:status|draft-info)|status)"
)

# Enough to call something a mail, though not worth keeping.
TRACES = re.compile(rb"\n(?:received|subject|resent-from|resent-date|delivered-to|in-reply-to|mime-version)[ \t]*:")
RECEIVED = re.compile(rb"\nreceived[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)")

_SCAN = re.compile(rb"\n(" + WANTED + rb")[ \t]*+:[ \t]*+([^\n]*+(?:\n[ \t][^\n]*+)*+)", re.IGNORECASE)


def scan(block: bytes) -> Headers:
    """The wanted headers of a block that begins with a line end and has LF line ends only."""
    found: Headers = {}
    for written, value in _SCAN.findall(block):
        name = written.lower()
        if name in found:
            found[name].append(value)
        else:
            found[name] = [value]
    return found


def shorten(value: bytes) -> tuple[bytes, bytes]:
    """The value's first 8 KiB, cut at a comma where there is one, and the rest."""
    if len(value) <= VALUE_LIMIT:
        return value, b""
    cut = value.rfind(b",", 0, VALUE_LIMIT)
    if cut < 0:
        cut = VALUE_LIMIT
    return value[:cut], value[cut:]
