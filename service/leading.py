"""Leading a browser to a provider's own page, and where it comes back to. Called by everything that does.

One address for each provider takes what comes back, whatever it was begun for (`service.pages.consent.callback`).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, request, url_for

from keepwarm.errors import NotFound
from service import connecting as words
from service.desk import runtime
from service.security import CSP
from workers import consenting
from workers.consenting import LOOPBACK
from workers.runtime import Runtime


def leads_out(page: str, status: int = 200) -> Response:
    """The page, with its forms allowed to lead to the pages of consent: browsers ask the policy at a redirect too."""
    found = [consenting.origin(runtime(), each) for each in words.CONSENTING]
    allowed = " ".join(["form-action 'self'", *filter(None, found)])
    policy = CSP.replace("form-action 'self'", allowed)
    return Response(page, status=status, headers={"Content-Security-Policy": policy})


def ready() -> dict[str, str]:
    """The providers that are set up here: name → what people call them."""
    return {each: label for each, label in words.CONSENTING.items() if not consenting.ready(runtime(), each)}


def named(provider: str) -> str:
    """What people call it. Raises NotFound for one without a page of consent."""
    if provider not in words.CONSENTING:
        raise NotFound("There is no such provider.")
    return words.CONSENTING[provider]


def way_back(engine: Runtime, provider: str) -> str:
    """Where the provider brings the browser back to."""
    return engine.house.address + url_for("consent.callback", provider=provider)


def elsewhere(engine: Runtime) -> str:
    """Where to begin instead, if this page was opened by another name of this machine: its cookie would stay here."""
    ours, asked = urlsplit(engine.house.address), urlsplit(request.host_url)
    same = ours.netloc == asked.netloc or not {ours.hostname, asked.hostname} <= LOOPBACK
    return "" if same else ours.geturl()
