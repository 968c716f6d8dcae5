"""The mail folders of an account, as places to read. Called by `mail`.

What a folder is for is asked for by its well-known name, as its own is in anybody's language. Folders have one id,
whatever form of ids is asked for (PROVIDERS.md, section 4). Not verified on a real account: that ``$expand`` tells the
folders inside those at the top, and the link by which it tells of more than ten.
"""

from __future__ import annotations

from collections.abc import Iterator

from integrations.microsoft.batch import fetch
from integrations.microsoft.calls import Calls
from integrations.microsoft.deltas import NEXT, listed
from integrations.wire.answers import objects, text
from keepwarm.types import Place, StreamKind

USUAL = ("inbox", "sentitems")
NEVER = ("drafts", "deleteditems", "junkemail", "outbox")
SIZES = (100,)  # folders of a page; ours
MOST = 1000  # folders to choose from; ours


def places(calls: Calls) -> list[Place]:
    """Folders at the top and right below, what is usually wanted first."""
    known = well_known(calls)
    left_out = {known[name] for name in NEVER if name in known}
    usual = [known[name] for name in USUAL if name in known]
    found = {ref: name for ref, name in _folders(calls, left_out) if ref not in left_out}  # one inside may be, too
    refs = sorted(found, key=lambda ref: (usual.index(ref) if ref in usual else len(usual), found[ref].casefold()))
    return [Place(ref=ref, name=found[ref], kind=StreamKind.MAIL, usual=ref in usual) for ref in refs[:MOST]]


def well_known(calls: Calls) -> dict[str, str]:
    """Well-known name → id, of those that there are. Raises the refusal of one that cannot be told now."""
    answers = fetch(calls, {name: f"/me/mailFolders/{name}?$select=id" for name in (*USUAL, *NEVER)})
    for reply in answers.values():
        if not reply.good and reply.status != 404:
            raise calls.refused(reply)
    found = {name: text(reply.told, "id") for name, reply in answers.items()}
    return {name: ref for name, ref in found.items() if ref}


def is_sent(calls: Calls, ref: str) -> bool:
    """Whether this is the folder of what was sent."""
    return ref == text(calls.get("/me/mailFolders/sentitems", (("$select", "id"),), ok=(404,)).told, "id")


def _folders(calls: Calls, closed: set[str]) -> Iterator[tuple[str, str]]:
    """(id, name with those above it), in any order; nothing from inside those that are ``closed``."""
    params = (("$select", "id,displayName"), ("$expand", "childFolders"))
    for top in listed(calls, "/me/mailFolders", params, sizes=SIZES):
        ref, name = text(top, "id"), text(top, "displayName")
        if not ref or ref in closed:
            continue
        yield ref, name
        more = text(top, f"childFolders{NEXT}")
        for each in (*objects(top, "childFolders"), *(listed(calls, more, sizes=SIZES) if more else ())):
            if text(each, "id"):
                yield text(each, "id"), f"{name}/{text(each, 'displayName')}"
