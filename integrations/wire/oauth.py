"""Consent and tokens: authorization code with PKCE (RFC 6749, 7636), OpenID Connect, renewal, revocation (RFC 7009).

Called by providers; knows none of them. Errors are named by remedy: only the word ``invalid_grant`` ever means that a
grant is withdrawn (RELIABILITY.md C12), unless a provider knows better what its refusals mean (`Means`). No secret is
in any message.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from hmac import compare_digest
from typing import Any

from authlib.common.security import generate_token  # type: ignore[import-untyped]  # Authlib has no types

from integrations.base import Journey
from integrations.wire.jwt import BROKEN, verify
from integrations.wire.tokens import (
    HOUR,
    LONGEST,
    SOON,
    STRANGE,
    Client,
    Given,
    Refusal,
    asked,
    bare,
    given,
    refusal,
    sent,
    session,
)
from keepwarm.errors import (
    AccessRevoked,
    KeepwarmError,
    MisconfiguredError,
    NotAuthentic,
    Rejected,
    TryAgainLater,
)
from keepwarm.texts import mark

RANDOM = 43  # letters and digits: 256 bits (RFC 7636, section 4.1, for the verifier)

WITHDRAWN = "invalid_grant"  # RFC 6749, section 5.2
DEAD = frozenset({WITHDRAWN, "invalid_token"})  # of a token to be revoked; Google says the second
OURS = frozenset(
    {"invalid_client", "unauthorized_client", "deleted_client", "disabled_client", "redirect_uri_mismatch"}
)
BY_ASSERTION = "urn:ietf:params:oauth:grant-type:jwt-bearer"  # RFC 7523, section 2.1

WRONG_CLIENT = mark(
    "The provider does not know this client any more, or its secret is wrong. Whoever runs Keepwarm can mend it:"
    " download the client's file anew. Accounts and what was read stay as they are."
)
WRONG_KEY = mark("The provider does not know this key any more. Whoever runs Keepwarm can make a new one there.")
DENIED = mark("You did not allow it, so nothing was changed.")
BLOCKED = mark(
    "The administrator of this account does not allow Keepwarm. Nothing was changed; ask them to mark it as trusted."
)
NOT_CONNECTED = mark("The provider did not connect the account. Nothing was changed; begin once more.")
SPENT = mark(
    "This visit to the provider's page was used already or took too long. Nothing was changed; begin once more."
)
GONE = "the grant does not work any more"

Means = Callable[[Refusal], KeepwarmError | None]  # what a provider knows of a refusal; None: what its word says

REFUSALS = {"access_denied": DENIED, "admin_policy_enforced": BLOCKED, "org_internal": BLOCKED}


def begin(client: Client, scopes: Sequence[str], *, redirect: str, **more: str) -> Journey:
    """The way to the page of consent; ``more``: the provider's own parameters. No I/O."""
    kept = {name: str(generate_token(RANDOM)) for name in ("state", "nonce", "verifier")}
    with session(client) as opened:
        url, _ = opened.create_authorization_url(
            client.server.authorize,
            state=kept["state"],
            code_verifier=kept["verifier"],
            nonce=kept["nonce"],
            redirect_uri=redirect,
            scope=" ".join(scopes),
            **more,
        )
    return Journey(url=str(url), kept=kept | {"redirect": redirect, "scopes": " ".join(scopes)})


def plainly(refused: Refusal) -> KeepwarmError | None:
    """A refusal means what its word says."""
    del refused
    return None


def finish(client: Client, kept: Mapping[str, str], answer: Mapping[str, str], *, means: Means = plainly) -> Given:
    """What came of it. Whether the journey is not too old, and is ended but once, is the caller's to see.

    Raises NotAuthentic for an answer to another journey, Rejected in words, MisconfiguredError, TryAgainLater.
    """
    _belongs(client, kept, answer)
    if answer.get("error"):
        refused = refusal(answer["error"], answer.get("error_description"))
        raise means(refused) or Rejected(REFUSALS.get(refused.word, NOT_CONNECTED))
    redirect, verifier = kept.get("redirect", ""), kept.get("verifier", "")
    told = _exchanged(client, _code(answer), redirect=redirect, verifier=verifier)
    if isinstance(told, Refusal):
        reason = SPENT if told.word == WITHDRAWN else REFUSALS.get(told.word, NOT_CONNECTED)
        raise means(told) or _ours(told.word) or Rejected(reason)
    claims = _claims(client, told.get("id_token"), kept.get("nonce", ""))
    return replace(given(client, told, kept.get("scopes", "")), claims=claims)


def refresh(client: Client, token: str, scopes: str, *, repeat: str = "", means: Means = plainly) -> Given:
    """New tokens for a refresh token; ``scopes``: those it had. The old one is given again where no new one came.

    ``repeat``: scopes to ask for by name, where a server wants that. Raises AccessRevoked where the grant is withdrawn,
    MisconfiguredError, TryAgainLater.
    """
    more = {"scope": repeat} if repeat else {}
    told = asked(client, lambda opened: opened.refresh_token(client.server.token, refresh_token=token, **more))
    if isinstance(told, Refusal):
        dead = AccessRevoked(GONE) if told.word == WITHDRAWN else None
        raise means(told) or dead or _ours(told.word) or _later(told.word)
    found = given(client, told, scopes)
    return found if found.refresh else replace(found, refresh=token)


def assertion(client: Client, signed: str) -> Given:
    """Tokens for what a service account signed. Raises MisconfiguredError, TryAgainLater."""
    told = asked(
        client,
        lambda opened: opened.fetch_token(client.server.token, grant_type=BY_ASSERTION, assertion=signed, auth=bare),
    )
    if isinstance(told, Refusal):
        raise MisconfiguredError(WRONG_KEY) if told.word in OURS | {WITHDRAWN} else _later(told.word)
    return given(client, told, "")


def revoke(client: Client, token: str) -> None:
    """Give the grant back; a dead one is success. Raises MisconfiguredError, TryAgainLater."""
    with session(client) as opened:
        answer = sent(lambda: opened.revoke_token(client.server.revoke, token=token, auth=bare))
    word = ""
    with suppress(*BROKEN):
        word = str(answer.json()["error"])
    if answer.status_code >= 300 and word not in DEAD:
        raise _ours(word) or _later(word)


def probe(client: Client, redirect: str) -> str:
    """The word with which the server refuses a code that nobody gave: whether it knows us. Raises TryAgainLater."""
    return probed(client, redirect).word


def probed(client: Client, redirect: str) -> Refusal:
    """The same with what it says beside it."""
    made_up = str(generate_token(RANDOM))
    told = _exchanged(client, made_up, redirect=redirect, verifier=made_up)
    return told if isinstance(told, Refusal) else refusal("", "")


def _exchanged(client: Client, code: str, *, redirect: str, verifier: str) -> Mapping[str, Any] | Refusal:
    return asked(
        client,
        lambda opened: opened.fetch_token(
            client.server.token,
            grant_type="authorization_code",
            code=code,
            redirect_uri=redirect,
            code_verifier=verifier,
        ),
    )


def _belongs(client: Client, kept: Mapping[str, str], answer: Mapping[str, str]) -> None:
    """Raises NotAuthentic unless its state is ours (RELIABILITY.md G2), and its issuer known (RFC 9207; G3)."""
    if not _same(kept.get("state"), answer.get("state")):
        raise NotAuthentic("this is no answer to what was asked")
    if "iss" in answer and not client.server.signer.called(answer["iss"]):
        raise NotAuthentic("this is the answer of another server")


def _code(answer: Mapping[str, str]) -> str:
    code = answer.get("code", "")
    if not 0 < len(code) <= LONGEST:
        raise NotAuthentic("this answer has no code")
    return code


def _claims(client: Client, token: Any, nonce: str) -> Mapping[str, Any]:
    """Who the person is. Raises NotAuthentic for what is not proven, or was said in another journey."""
    if not isinstance(token, str):
        raise NotAuthentic("nobody says who this is")
    signer = client.server.signer
    claims = verify(token, signer, audience=client.id, reach=client.reach, now=client.now)
    if claims.get("azp", client.id) != client.id or not _same(nonce, claims.get("nonce")):
        raise NotAuthentic("this was said to another client, or in another journey")
    who = claims.get("sub")
    if not isinstance(who, str) or not 0 < len(who) <= 255:  # OpenID Connect Core, section 2
        raise NotAuthentic("nobody says who this is")
    return claims


def _same(ours: Any, theirs: Any) -> bool:
    """Whether both are the same text, and not empty; in constant time."""
    if not isinstance(ours, str) or not isinstance(theirs, str) or not ours:
        return False
    return compare_digest(ours.encode(errors="backslashreplace"), theirs.encode(errors="backslashreplace"))


def _ours(word: str) -> KeepwarmError | None:
    """The error where it is not the person's grant that is refused, but the operator's client."""
    return MisconfiguredError(WRONG_CLIENT) if word in OURS else None


def _later(word: str) -> TryAgainLater:
    """For an administrator to undo, or beyond us: the grant is as it was."""
    return TryAgainLater(HOUR, BLOCKED) if word in REFUSALS else TryAgainLater(SOON, STRANGE)
