"""Which addresses the headers of a mail declare to be mailing lists. Called by `message`.

Two kinds of proof. A header may name the address (List-Post, X-Mailing-List, X-BeenThere, Mailing-List). Or it names
the list otherwise (List-Id, X-list, a Sender such as ``owner-LIST@`` or ``LIST-bounces@``), and a To or Cc matches, or
the From: lists write "Ann via Club" from their own address where the author's domain forbids passing it on (DMARC).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from integrations.wire.mime.addresses import CACHE, plain_address, read_addresses
from integrations.wire.mime.headers import Headers

ADDRESS = re.compile(r"[^\s<>,;:\"'()?]{1,128}@[^\s<>,;:\"'()?]{1,253}")
LIST_ID = re.compile(r"<\s*([^<>\s]{1,253})\s*>\s*$|^\s*([^<>\s]{1,253})\s*$")
# How Majordomo, Ecartis, ezmlm and Mailman write their own addresses; after "+" Mailman puts the recipient.
ENVELOPE = re.compile(
    r"owner-(?P<after>[^@+]+)|(?P<before>[^@+]+)-(?:bounces?|owner|admin|request|errors?|return)(?:[+-].*)?"
)

NAMING = (b"list-post", b"x-mailing-list", b"x-beenthere", b"mailing-list")
ADDRESSED = (b"to", b"cc", b"from")
SENDING = (b"sender", b"return-path", b"errors-to")
HEARD = (*NAMING, *SENDING, b"list-id", b"x-list", b"x-loop")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Declared:
    """What the headers of a mail say of lists, before anybody looked at its recipients. Compared by identity."""

    named: tuple[str, ...]
    envelopes: tuple[tuple[str, str, str], ...]
    ids: tuple[str, ...]
    words: tuple[str, ...]
    locals: frozenset[str]  # the only local parts worth a closer look


def groups_of(headers: Headers, *, distributed: bool) -> list[str]:
    """The group addresses that the mail declares, unique, in order of proof; may be empty.

    ``distributed`` says that other headers prove a list or bulk mail: then a list's envelope address is believed alone.
    """
    said = _declared(tuple([(name, *headers[name]) for name in HEARD if name in headers]))
    if said is None:
        return []
    named = list(said.named)
    for header in ADDRESSED:
        for value in headers.get(header, ()):
            if not said.locals.isdisjoint(_locals(value)):
                named += _matches_in(said, value, words=header != b"from")  # people write from "talk@" of their house
    if distributed:
        named += [own for own, _, _ in said.envelopes]
    return list(dict.fromkeys(named))


@lru_cache(maxsize=4096)
def _declared(key: tuple[tuple[bytes, ...], ...]) -> Declared | None:
    headers = {name: values for name, *values in key}
    named = [address for header in NAMING for value in headers.get(header, ()) for address in _named(value)]
    if named:  # alone it proves nothing: people mark their own filters with it
        named += [address for value in headers.get(b"x-loop", ()) for address in _named(value)]
    envelopes = [found for header in SENDING for value in headers.get(header, ()) for found in _envelopes(value)]
    ids = [found for found in map(_list_id, headers.get(b"list-id", ())) if found]
    words = [value.strip().lower().decode("latin-1") for value in headers.get(b"x-list", ())]
    if not (named or envelopes or ids or words):
        return None
    starts = (one[:dot] for one in ids for dot in range(len(one)) if one[dot] == ".")
    return Declared(
        named=tuple(named),
        envelopes=tuple(envelopes),
        ids=tuple(ids),
        words=tuple(words),
        locals=frozenset((*words, *starts, *(stem for _, stem, _ in envelopes))),
    )


def _matches_in(said: Declared, value: bytes, *, words: bool) -> list[str]:
    """The groups among the addresses of one To, Cc or From value, each with the list's own address where one fits."""
    found: list[str] = []
    for one in read_addresses(value)[0]:
        if one.address.partition("@")[0] in said.locals:
            found += _matches(said, one.address, words=words)
    return found


@lru_cache(maxsize=CACHE)
def _locals(value: bytes) -> frozenset[str]:
    """The local parts in one header value."""
    return frozenset(one.address.partition("@")[0] for one in read_addresses(value)[0])


def _matches(said: Declared, address: str, *, words: bool) -> list[str]:
    local, _, domain = address.rpartition("@")
    if words and local in said.words:
        return [address, *(own for own, stem, host in said.envelopes if (stem, host) == (local, domain))]
    for own, stem, host in said.envelopes:
        if stem == local and host == domain:
            return [address, own]
    for one in said.ids:
        if _id_fits(one, local, domain):
            return [address]
    return []


def _named(value: bytes) -> tuple[str, ...]:
    text = value[:1024].decode("latin-1").replace("mailto:", " ")
    return tuple(filter(None, (plain_address(hit) for hit in ADDRESS.findall(text)[:5])))


def _envelopes(value: bytes) -> tuple[tuple[str, str, str], ...]:
    """(address, list's local part, domain) of each address in the value that has the form of a list's own."""
    found = []
    for one in read_addresses(value)[0]:
        local, _, domain = one.address.rpartition("@")
        hit = ENVELOPE.fullmatch(local)
        if hit:
            found.append((one.address, hit["after"] or hit["before"], domain))
    return tuple(found)


def _list_id(value: bytes) -> str:
    hit = LIST_ID.search(value[:1024].decode("latin-1"))
    return (hit[1] or hit[2]).lower().rstrip(".") if hit else ""


def _id_fits(list_id: str, local: str, domain: str) -> bool:
    """``talk.lists.example.org`` fits talk@example.org and talk@lists.example.org, and no other name or house."""
    if not list_id.startswith(local + "."):
        return False
    home = "." + list_id[len(local) + 1 :]
    return home.endswith("." + domain) or ("." + domain).endswith(home) or _house(home) == _house(domain)


def _house(domain: str) -> list[str]:
    """The last two labels: enough, as the name in front has to be equal too."""
    return domain.strip(".").split(".")[-2:]
