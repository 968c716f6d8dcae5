"""The letter to an administrator without whom nobody of an organisation can connect. Called by `service.pages.consent`.

A person sends it themselves, in whichever language they like. It names the permissions that stand behind the link, what
each is for, and what is never read, so that the administrator can judge without knowing Keepwarm.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlsplit

from keepwarm.texts import Texts, mark
from service.connecting import CONSENTING, PURPOSES, broader
from service.desk import Desk

SUBJECT = mark("May I use Keepwarm with my account?")
HELLO = mark("Hello,")
WISH = mark(
    "I would like to connect my account to Keepwarm ({address}), a program that helps me keep in touch with the people"
    " I know. Our organisation wants an administrator to allow that first, on this page of {provider}:"
)
ASKS = mark("What it asks for, and only in the account of whoever connects it:")
NEVER = mark(
    "It never reads what a mail says, its subject or its attachments. Everybody can take it back at any time, and so"
    " can you."
)
THANKS = mark("Thank you,")
WHO = mark("to know which account it is, and to stay connected")

# purpose → what we do with it, as the owner of the account says it
DEEDS: Mapping[str, str] = {
    "calendar": mark("to see when, where and with whom I meet, and to write follow-ups into a calendar of its own"),
    "contacts": mark("to see names, addresses and where people work; it changes nothing"),
    "mail": mark("to see who wrote to whom and when"),
    "send": mark("to send question lists and a digest to me alone"),
    "draft": mark("to put a text that I asked for among my drafts"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """``mailto`` opens it in a mail program, with nobody as its receiver yet."""

    lang: str
    subject: str
    body: str
    mailto: str


def letter(desk: Desk, provider: str, link: str, asked: Collection[str], lang: str) -> Letter:
    """``link``: where it is allowed; ``asked``: the purposes that the owner asked for."""
    texts = desk.runtime.texts(lang)
    subject, body = texts(SUBJECT), _body(desk, texts, provider, link, asked)
    lines = body.replace("\n", "\r\n")
    return Letter(
        lang=lang,
        subject=subject,
        body=body,
        mailto=f"mailto:?subject={quote(subject, safe='')}&body={quote(lines, safe='')}",
    )


def _body(desk: Desk, texts: Texts, provider: str, link: str, asked: Collection[str]) -> str:
    wish = texts(WISH, address=desk.runtime.house.address, provider=CONSENTING[provider])
    wants = [f"- {names}: {what}" for names, what in _wants(desk, texts, provider, link, asked)]
    parts = [texts(HELLO), wish, link, "\n".join([texts(ASKS), *wants]), texts(NEVER)]
    return "\n\n".join([*parts, f"{texts(THANKS)}\n{desk.owner.name}".strip()])


def _wants(desk: Desk, texts: Texts, provider: str, link: str, asked: Collection[str]) -> Iterator[tuple[str, str]]:
    """(permissions, what for): those behind the link where it names them, else those that were asked for."""
    behind = _permissions(" ".join(parse_qs(urlsplit(link).query).get("scope", ())).split())
    known = {key: _permissions(each) for key, each in desk.runtime.load(provider).purposes.items()}
    named = [key for key in PURPOSES if set(known.get(key, ())) & set(behind)]
    for key in named or [each for each in PURPOSES if each in asked]:
        what = [texts(DEEDS[key]), broader(texts, provider, key)]
        yield ", ".join(known[key]), ". ".join(filter(None, what))
    rest = [each for each in behind if not any(each in names for names in known.values())]
    if named and rest:
        yield ", ".join(rest), texts(WHO)


def _permissions(scopes: Sequence[str]) -> list[str]:
    """What people call them, without the address of the service."""
    return [each.rpartition("/")[2] for each in scopes]
