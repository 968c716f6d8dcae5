"""The pages a person sees while signing in: who they are and what they allow, or why it cannot go on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from tests.emulators.google.values import Answer


def consent(query: str, people: Sequence[tuple[str, str]], hint: str, scopes: Iterable[str]) -> Answer:
    """A form; ``people`` are pairs of sub and address, ``query`` is the whole request, carried along."""
    chosen = next((sub for sub, address in people if hint in (sub, address)), people[0][0] if people else "")
    persons = "".join(_person(sub, address, checked=sub == chosen) for sub, address in people)
    boxes = "".join(_box(scope) for scope in scopes)
    return _page(
        200,
        "Sign in with Google",
        f'<form method="post"><input type="hidden" name="request" value="{escape(query)}">'
        f"<fieldset><legend>Choose an account</legend>{persons}</fieldset>"
        f"<fieldset><legend>Keepwarm wants to</legend>{boxes}</fieldset>"
        '<button name="decision" value="allow">Allow</button> '
        '<button name="decision" value="cancel">Cancel</button></form>',
    )


def refused(error: str, why: str) -> Answer:
    """Shown, not sent to the redirect address: it cannot be trusted."""
    return _page(400, f"Error 400: {error}", f"<p>{escape(why)}</p>")


def _person(sub: str, address: str, *, checked: bool) -> str:
    mark = " checked" if checked else ""
    return f'<label><input type="radio" name="person" value="{escape(sub)}"{mark}> {escape(address)}</label><br>'


def _box(scope: str) -> str:
    return f'<label><input type="checkbox" name="{escape(scope)}" checked> {escape(scope)}</label><br>'


def _page(status: int, title: str, body: str) -> Answer:
    text = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><h1>{title}</h1>{body}</html>'
    return Answer(status=status, body=text.encode(), headers={"Content-Type": "text/html; charset=utf-8"})
