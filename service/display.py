"""How outsiders' text reaches a page: free of marks that turn or hide it, links only where they are harmless.

Called by `service.create_app`, which runs ``clean`` over every value a template prints (RELIABILITY.md E6, F8, F9).
"""

from __future__ import annotations

import re
import unicodedata

from markupsafe import Markup, escape

from keepwarm.foreign import host_of, one_line, shown

LONGEST = 2_000  # characters of one value on a page; ours
SHORT = 80  # characters of a name or title: three lines of a phone's heading; ours


def clean(value: object) -> object:
    """``value`` as it may be printed: text loses what hides or floods it, everything else stays."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return shown(value)


def short(text: str) -> str:
    """A name or title as a list or a heading holds it: one line, cut visibly."""
    return one_line(text, SHORT)


def shown_address(address: str) -> str:
    """An address as it may be shown: its domain in ASCII form where a label mixes scripts, so that look-alikes show."""
    local, at, domain = address.rpartition("@")
    if domain.isascii() or not any(_mixed(label) for label in domain.split(".")):
        return address
    try:
        return f"{local}{at}{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return f"{local}{at}{domain.encode('ascii', 'backslashreplace').decode('ascii')}"


def _mixed(label: str) -> bool:
    """Whether letters of more than one script stand in this label, or any that is not Latin."""
    scripts = {unicodedata.name(letter, "?").split(" ")[0] for letter in label if letter.isalpha()}
    return bool(scripts - {"LATIN"})


def linked(text: str) -> Markup | str:
    """``text``, as a link with its host shown if it is a plain http or https address; else as it is."""
    text = str(clean(text))[:LONGEST].strip()
    host = host_of(text)
    return Markup('<a href="{}" rel="noopener noreferrer nofollow">{}</a>').format(text, host) if host else text


def profile(address: str) -> Markup | str:
    """The profile behind ``linkedin:slug`` as a link."""
    source, _, slug = address.partition(":")
    if source != "linkedin" or not re.fullmatch(r"[\w.%~-]{1,120}", slug):
        return address
    return linked(f"https://www.linkedin.com/in/{slug}") or escape(address)


def file_name(path: str) -> str:
    """A file as its owner knows it: its name, and the entry inside an archive (``contacts.zip!Friends.vcf``)."""
    archive, bang, entry = path.partition("!")
    last = re.split(r"[/\\]", archive.rstrip("/"))[-1]
    return f"{last}{bang}{entry}"


def capitalised(text: str) -> str:
    """``text`` with a capital at its beginning, the rest left alone."""
    return text[:1].upper() + text[1:]


def initials(name: str) -> str:
    """Two letters that stand for a person: of the first and the last word that begin with one; may be fewer."""
    first = [word[0] for word in one_line(name, SHORT).split() if word[0].isalpha()]
    return "".join(first[:1] + first[1:][-1:]).upper()[:2]
