"""What arrives at a token endpoint: its form, the client's name and secret, the proof of PKCE. RFC 6749, 7636."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, unquote

from tests.emulators.stand.values import Asked, b64

FORM = "application/x-www-form-urlencoded"


def form_of(asked: Asked) -> dict[str, str]:
    return dict(parse_qsl(asked.body.decode(), keep_blank_values=True))


def problems(asked: Asked, taken: frozenset[str]) -> Iterator[str]:
    """What is wrong with the form, beside the values in it; ``taken`` are the fields there are."""
    if asked.headers.get("content-type", "").partition(";")[0] != FORM:
        yield "the body is no form"
    if asked.query:
        yield "there are query parameters"
    if unknown := form_of(asked).keys() - taken:
        yield f"unknown fields: {', '.join(sorted(unknown))}"


def client_of(asked: Asked, form: Mapping[str, str]) -> tuple[str, str]:
    """The client's id and secret, in the form or in the header; ("", "") where the header cannot be read."""
    basic = asked.headers.get("authorization", "")
    if not basic.startswith("Basic "):
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        name, _, secret = base64.b64decode(basic[6:], validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote(name), unquote(secret)


def proves(verifier: str, challenge: str) -> bool:
    """Whether the verifier is the one that the S256 challenge was made of."""
    return b64(hashlib.sha256(verifier.encode()).digest()) == challenge
