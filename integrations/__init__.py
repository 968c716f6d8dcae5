"""The adapters: the outside world, normalised. One provider is one file or folder here and one line in PROVIDERS.

Reading order: `base` (the protocols), `files` (a person's own exports), `local` (our mailbox and calendar without an
account), `open` (IMAP, SMTP, CalDAV, CardDAV; with `post`, the operator's
way out), `google` (Gmail, Calendar, People), `microsoft` (Graph), `fake` (a whole
provider in memory, for tests), `wire/` (formats and transport, shared by adapters).
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

PROVIDERS: dict[str, str] = {
    "files": "integrations.files:Files",
    "local": "integrations.local:Local",
    "open": "integrations.open:Open",
    "post": "integrations.open.post:Post",
    "google": "integrations.google:Google",
    "microsoft": "integrations.microsoft:Microsoft",
    "fake": "integrations.fake:Fake",
}


def load(name: str) -> Any:
    """The provider class called ``name``, imported on first use. Raises KeyError for a name not in PROVIDERS."""
    module, _, attribute = PROVIDERS[name].partition(":")
    provider = getattr(import_module(module), attribute)
    assert provider.name == name, f"{PROVIDERS[name]} calls itself {provider.name}"
    return provider
