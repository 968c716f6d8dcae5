"""The pages a person sees while signing in: who they are and what they allow, or why it cannot go on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from tests.emulators.stand.values import Answer


def consent(
    title: str, query: str, people: Sequence[tuple[str, str]], *, hint: str, allows: str, buttons: tuple[str, str]
) -> Answer:
    """A form; ``people`` are pairs of a key and an address, ``query`` is the whole request, carried along, ``allows``
    the HTML of what is allowed. The button's value ``allow`` or ``cancel`` is the field ``decision``."""
    chosen = next((key for key, address in people if hint in (key, address)), people[0][0] if people else "")
    persons = "".join(_person(key, address, checked=key == chosen) for key, address in people)
    allow, cancel = buttons
    return page(
        200,
        title,
        f'<form method="post"><input type="hidden" name="request" value="{escape(query)}">'
        f"<fieldset><legend>Choose an account</legend>{persons}</fieldset>"
        f"<fieldset><legend>Keepwarm wants to</legend>{allows}</fieldset>"
        f'<button name="decision" value="allow">{allow}</button> '
        f'<button name="decision" value="cancel">{cancel}</button></form>',
    )


def boxes(scopes: Iterable[str]) -> str:
    """A ticked box for each scope."""
    return "".join(
        f'<label><input type="checkbox" name="{escape(scope)}" checked> {escape(scope)}</label><br>' for scope in scopes
    )


def rows(scopes: Iterable[str]) -> str:
    """The scopes as a list that offers no choice."""
    return f"<ul>{''.join(f'<li>{escape(scope)}</li>' for scope in scopes)}</ul>"


def refused(error: str, why: str) -> Answer:
    """Shown, not sent to the redirect address: it cannot be trusted."""
    return page(400, f"Error 400: {error}", f"<p>{escape(why)}</p>")


def page(status: int, title: str, body: str) -> Answer:
    text = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><h1>{title}</h1>{body}</html>'
    return Answer(status=status, body=text.encode(), headers={"Content-Type": "text/html; charset=utf-8"})


def _person(key: str, address: str, *, checked: bool) -> str:
    mark = " checked" if checked else ""
    return f'<label><input type="radio" name="person" value="{escape(key)}"{mark}> {escape(address)}</label><br>'
