"""A mail in a frame on a page of ours: a world of its own in which nothing acts or loads, but whose links lead out.

Called by the pages `sent`, `settings` and `first.done`, whose frames carry the same permission (``letter`` in
``parts.html``): what a frame may do is what both allow.
"""

from __future__ import annotations

import re

from flask import Response

# A link that was clicked may take the whole window, for a page of ours refuses to stand in a frame; scripts never run.
ALLOWED = "allow-top-navigation-by-user-activation"
MAIL_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    f"frame-ancestors 'self'; sandbox {ALLOWED}"
)
OUTWARD = '<base target="_top">'
_HEAD = re.compile(r"\s*(<!doctype[^>]*>\s*)?(<html[^>]*>\s*)?(<head[^>]*>)?", re.IGNORECASE)


def framed(html: str) -> Response:
    """The mail as it was made, but for where its links open; the mail that is sent knows nothing of this."""
    begins = _HEAD.match(html)
    at = begins.end() if begins else 0
    headers = {"Content-Security-Policy": MAIL_CSP, "X-Frame-Options": "SAMEORIGIN"}
    return Response(html[:at] + OUTWARD + html[at:], content_type="text/html; charset=utf-8", headers=headers)
