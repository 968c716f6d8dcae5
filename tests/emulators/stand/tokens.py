"""Keys and JSON web tokens: ID tokens, push tokens, and forgeries of both.

RFC 7515, 7517, 7519. One pair of keys for a whole process: making one takes a tenth of a second.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.emulators.stand.values import Json, b64, unb64


@dataclass(frozen=True, slots=True)
class Key:
    """An RSA key with the id it is published under."""

    id: str
    private: rsa.RSAPrivateKey

    @property
    def pem(self) -> str:
        form = serialization.PrivateFormat.PKCS8
        return self.private.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()

    @property
    def public_pem(self) -> bytes:
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self.private.public_key().public_bytes(serialization.Encoding.PEM, form)

    @property
    def jwk(self) -> Json:
        numbers = self.private.public_key().public_numbers()
        parts = {"n": _number(numbers.n), "e": _number(numbers.e)}
        return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.id, **parts}


@cache
def key(id: str) -> Key:  # noqa: A002 - what it is
    """The key of that id, the same in the whole process."""
    return Key(id, rsa.generate_private_key(public_exponent=65537, key_size=2048))


def signed(claims: Json, by: Key, *, alg: str = "RS256") -> str:
    """A compact JWT; ``alg`` "none" and "HS256" (with the public key as secret) are for forgeries."""
    head = {"alg": alg, "kid": by.id, "typ": "JWT"}
    text = ".".join(b64(json.dumps(part).encode()) for part in (head, claims))
    return f"{text}.{b64(_signature(text.encode(), by, alg))}"


def _signature(text: bytes, by: Key, alg: str) -> bytes:
    if alg == "none":
        return b""
    if alg == "HS256":
        return hmac.new(by.public_pem, text, hashlib.sha256).digest()
    return by.private.sign(text, padding.PKCS1v15(), hashes.SHA256())


def read(token: str, by: Key) -> Any:
    """The claims of a token that ``by`` signed with RS256; ValueError for every other."""
    head, claims, signature = token.split(".")
    if json.loads(unb64(head)).get("alg") != "RS256":
        raise ValueError("not RS256")
    try:
        text = f"{head}.{claims}".encode()
        by.private.public_key().verify(unb64(signature), text, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as exc:
        raise ValueError("signed by another") from exc
    return json.loads(unb64(claims))


def _number(value: int) -> str:
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))
