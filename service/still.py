"""Static files by their content: an address that names a version may be kept for good, so a page asks for none twice.

Called by `service.create_app`. The stylesheet names its icons without a version; those are compared each time.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

YEAR = 365 * 24 * 3600  # seconds; RFC 8246 speaks of "immutable"


@lru_cache(maxsize=64)
def version(path: Path) -> str:
    """A few letters that change with the file; empty for one that is not there."""
    return sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else ""


def version_all(app: Flask) -> None:
    """Let ``url_for("static", ...)`` name the version, and let answers to such addresses be kept."""
    folder = Path(app.static_folder or "")

    @app.url_defaults
    def name_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and (found := version(folder / values["filename"])):
            values.setdefault("v", found)

    @app.after_request
    def keep(response: Response) -> Response:
        asked = request.args.get("v", "")
        if request.endpoint == "static" and asked and asked == version(folder / (request.view_args or {})["filename"]):
            response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        return response
