"""The log: constant short phrases with fields, one line each, to stderr. Never an address, a subject or a secret.

Called by everything in workers; Celery hands its own logging over through ``set_up`` (RELIABILITY.md A14, G13).
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from typing import Any

_SECRET = re.compile(r"://[^/\s@]*:[^/\s@]*@")
_ADDRESS = re.compile(r"[^\s@<>\"'(),:;\[\]]{1,64}@[\w.-]{1,253}\.\w+")
_QUERY = re.compile(r"(https?://[^\s?#]+)[?#][^\s]*")
logger = logging.getLogger("keepwarm")


def redacted(text: str) -> str:
    """The text without passwords in addresses, queries and e-mail addresses."""
    text = _SECRET.sub("://***@", text)
    return _ADDRESS.sub("***", _QUERY.sub(r"\1?***", text))


class Redactor(logging.Formatter):
    """Formats any record, ours or a library's, with the secrets taken out."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


def set_up(**_: Any) -> None:
    """Send everything to stderr, one format, redacted. Called once per process; Celery's signal passes more."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redactor("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in ("celery.app.trace", "celery.worker.strategy", "celery.beat"):  # our own line says more, and once
        logging.getLogger(name).setLevel(logging.WARNING)


def line(phrase: str, *, loud: bool = False, **fields: object) -> None:
    """One line: a constant phrase and its fields as JSON."""
    told = {name: _shown(each) for name, each in fields.items() if each not in (None, "")}
    logger.log(logging.ERROR if loud else logging.INFO, "%s %s", phrase, json.dumps(told, default=str))


def where(error: BaseException) -> str:
    """File and line at which an error arose, in our code if it passed there."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [each for each in frames if "site-packages" not in each.filename] or list(frames)
    return f"{ours[-1].filename.rsplit('/', 1)[-1]}:{ours[-1].lineno}" if ours else ""


def _shown(value: object) -> object:
    return value if isinstance(value, str | int | float | bool) else str(value)
