"""What DAV servers are asked and what they answer, as XML: nothing is sent here. Called by `dav`.

Names are written with the prefixes of `SPACES` everywhere, whatever prefix a server uses. Answers are foreign: no DTD,
no entities, their elements bounded by their bytes. Follows RFC 4918 (multistatus), RFC 4791, RFC 6352 and RFC 6578.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring

from keepwarm.errors import Rejected
from keepwarm.texts import mark

SPACES = {
    "D": "DAV:",
    "C": "urn:ietf:params:xml:ns:caldav",
    "R": "urn:ietf:params:xml:ns:carddav",
    "S": "http://calendarserver.org/ns/",
    "A": "http://apple.com/ns/ical/",
    "K": "urn:keepwarm",
}
LEAST = 8  # bytes for each sign "<", on the average of an answer: real ones have ten and more, bombs four or less; ours
FREE = 1_000  # of such signs that are not counted; ours
_DECLARED = " ".join(f'xmlns:{short}="{space}"' for short, space in SPACES.items())
_SHORT = {space: short for short, space in SPACES.items()}

UNREADABLE = mark("The server's answer cannot be read. Check that the address is one of a calendar or address book.")
TOO_MANY = mark("There is more in this calendar or address book than we can read at once.")


class Unusable(Rejected):
    """The answer is too long or broken. A smaller question may be answered better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One thing that a server tells of. ``status`` is of the whole; ``props`` are those that it does have."""

    href: str  # a path on the account's origin, percent-encoded as the server writes it
    status: int = 200
    props: Mapping[str, Element] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The text of a property, stripped; empty without one."""
        found = self.props.get(name)
        return (found.text or "").strip() if found is not None else ""

    def names(self, name: str) -> frozenset[str]:
        """The names inside a property, such as those of D:resourcetype."""
        found = self.props.get(name)
        return frozenset(named(each) for each in found) if found is not None else frozenset()

    def inner(self, name: str, sought: str) -> list[Element]:
        """Elements of that name anywhere within a property, in order."""
        found = self.props.get(name)
        return [each for each in found.iter() if named(each) == sought] if found is not None else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Multistatus:
    """All that one answer tells. ``foreign`` counts responses that name another server: they are left out."""

    resources: tuple[Resource, ...]
    token: str = ""
    foreign: int = 0


def question(root: str, *inside: str) -> bytes:
    """A whole request; ``inside`` is XML."""
    return f'<?xml version="1.0" encoding="utf-8"?>\n<{root} {_DECLARED}>{"".join(inside)}</{root}>'.encode()


def holding(name: str, *inside: str) -> str:
    """One element with XML inside."""
    return f"<{name}>{''.join(inside)}</{name}>"


def saying(name: str, text: str) -> str:
    """One element with text inside."""
    return f"<{name}>{escape(text, quote=False)}</{name}>"


def asking(names: Sequence[str]) -> str:
    """D:prop with empty properties."""
    return holding("D:prop", *(f"<{name}/>" for name in names))


def named(element: Element) -> str:
    """The element's name with a prefix of ours; as it is in a namespace that we do not know."""
    space, _, name = element.tag.removeprefix("{").rpartition("}")
    return f"{_SHORT[space]}:{name}" if space in _SHORT else element.tag


def parsed(body: bytes) -> Element:
    """The root of an answer. Raises Unusable for what is no XML, has a DTD or entities, or is all tags and no text."""
    if body.count(b"<") > FREE + len(body) // LEAST:
        raise Unusable(UNREADABLE)
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, ValueError, LookupError) as error:  # ValueError: what defusedxml refuses, odd encodings
        raise Unusable(UNREADABLE) from error
    return root


def conditions(body: bytes) -> frozenset[str]:
    """The names inside a D:error (RFC 4918 section 16); empty for any other body."""
    try:
        root = parsed(body)
    except Unusable:
        return frozenset()
    return frozenset(named(each) for each in root) if named(root) == "D:error" else frozenset()


def multistatus(body: bytes, place: Callable[[str], str]) -> Multistatus:
    """A 207's body; ``place`` gives the path of an href, empty if it is on another server. Raises Unusable."""
    root = parsed(body)
    if named(root) != "D:multistatus":
        raise Unusable(UNREADABLE)
    responses = [each for each in root if named(each) == "D:response"]
    found = [resource for each in responses for resource in _resources(each, place)]
    return Multistatus(
        resources=tuple(each for each in found if each.href),
        token=next(((each.text or "").strip() for each in root if named(each) == "D:sync-token"), ""),
        foreign=sum(not each.href for each in found),
    )


def _resources(response: Element, place: Callable[[str], str]) -> Iterator[Resource]:
    props = dict[str, Element]()
    status, hrefs = 200, list[str]()
    for each in response:
        match named(each):
            case "D:href":
                hrefs.append((each.text or "").strip())
            case "D:status":
                status = _number(each)
            case "D:propstat":
                props |= _held(each)
    for href in hrefs:
        yield Resource(href=place(href), status=status, props=props)


def _held(propstat: Element) -> dict[str, Element]:
    """The properties of a propstat, if its status says that they are there."""
    status = next((_number(each) for each in propstat if named(each) == "D:status"), 200)
    if not 200 <= status < 300:
        return {}
    return {named(prop): prop for each in propstat if named(each) == "D:prop" for prop in each}


def _number(status: Element) -> int:
    """The code of "HTTP/1.1 404 Not Found"; 0 where there is none."""
    code = (status.text or "").split()[1:2]
    return int(code[0]) if code and re.fullmatch(r"[0-9]{1,3}", code[0]) else 0
