"""What every answer carries and what every request may bring (RELIABILITY.md F8, F9, E7).

Called by `service.create_app` alone. Uploads go to disk in the owner's home, everything else is kept under 64 KiB.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO, Any, cast

from flask import Flask, Request, Response, g, request

CSP = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "manifest-src 'self'; worker-src 'self'; frame-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # not "no-referrer": the CSRF check over https reads our own
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
FORM_BYTES = 64 * 1024
UPLOAD_BYTES = 8 * 1024**3
UPLOAD_ENDPOINTS = frozenset({"files.upload", "first.save_origins"})


class StreamedRequest(Request):
    """A request whose uploaded files are written to ``g.upload_folder`` while they come in, never to memory."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if "upload_folder" not in g:
            return super()._get_file_stream(total_content_length, content_type, filename, content_length)
        part = tempfile.NamedTemporaryFile(dir=g.upload_folder, prefix="part-", delete=False)  # noqa: SIM115 - the view closes it
        g.upload_parts.append(Path(part.name))
        return cast("IO[bytes]", part)


def add_headers(response: Response) -> Response:
    """Every answer carries all of HEADERS, but for those that a view set itself."""
    there = {name.lower() for name, _ in response.headers}
    for name, value in HEADERS.items():
        if name.lower() not in there:
            response.headers.add(name, value)
    return response


def drop_parts(_error: BaseException | None = None) -> None:
    """Remove what an upload left behind: parts that the view did not move away."""
    for part in g.pop("upload_parts", []):
        part.unlink(missing_ok=True)


def allow_upload(folder: Path) -> None:
    """Let this request bring files into ``folder``, which is made (0700) if need be."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    g.upload_folder = folder
    g.upload_parts = []
    request.max_content_length = UPLOAD_BYTES
    request.max_form_memory_size = 2 * FORM_BYTES  # the parser counts a chunk of 64 KiB and the rest of the one before


def secure(app: Flask, *, secret: bytes, https: bool) -> None:
    """Set limits, cookies and headers; CSRF is switched on afterwards, so that it parses within these limits."""
    settings: dict[str, Any] = {
        "SECRET_KEY": secret,
        "MAX_CONTENT_LENGTH": FORM_BYTES,
        "MAX_FORM_MEMORY_SIZE": FORM_BYTES,
        "SESSION_COOKIE_NAME": "keepwarm",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": https,
        "WTF_CSRF_TIME_LIMIT": None,  # bound to the session: a page left open over lunch still works
    }
    app.config.update(settings)
    app.request_class = StreamedRequest
    app.after_request(add_headers)
    app.teardown_request(drop_parts)
