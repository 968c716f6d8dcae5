"""What lies under the paths of an import: files and Maildirs, in a fixed order. Called by `Files`.

Hidden and system files are passed over in silence; symbolic links are not followed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from integrations.wire.mime.folders import folder_kind
from keepwarm.foreign import path_as_text

SYSTEM_NAMES = frozenset(
    {
        "thumbs.db",
        "desktop.ini",
        "__macosx",
        "maildirfolder",
        "maildirsize",
        "subscriptions",
        "tmp.lock",
        "courierimapuiddb",
    }
)
SYSTEM_ENDINGS = (".msf", ".lock", ".dovecot", ".uidvalidity")
SYSTEM_STARTS = (".", "~$", "dovecot", "courierimap")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One file or Maildir on the disk. ``shown`` is its path; ``purpose`` is sent, draft, spam, trash or ""."""

    shown: str
    purpose: str
    maildir: bool = False
    missing: bool = False

    @property
    def text(self) -> str:
        """The path as text that can be stored and printed."""
        return path_as_text(self.shown)


def places_in(paths: list[str]) -> Iterator[Place]:
    """Every file and Maildir, in the order of the paths and by name within them; unique."""
    seen: set[str] = set()
    for path in paths:
        for place in _walk(Path(path), Path(path).name, given=True):
            if place.shown not in seen:
                seen.add(place.shown)
                yield place


def is_system(name: str) -> bool:
    low = name.lower()
    return low.startswith(SYSTEM_STARTS) or low in SYSTEM_NAMES or low.endswith(SYSTEM_ENDINGS)


def is_maildir(path: Path) -> bool:
    return (path / "cur").is_dir() and not (path / "cur").is_symlink()


def _walk(path: Path, inner: str, *, given: bool = False) -> Iterator[Place]:
    """``inner`` is the path from what the owner named on: folders above it say nothing about the mail."""
    if path.is_symlink() and not given:
        return
    if not path.is_dir():
        missing = not path.is_file()  # devices and pipes are never opened
        yield Place(shown=str(path), purpose=folder_kind(inner), missing=missing)
        return
    maildir = is_maildir(path)
    if maildir:
        yield Place(shown=str(path), purpose=folder_kind(inner), maildir=True)
    names = _names(path)
    if names is None:
        yield Place(shown=str(path), purpose=folder_kind(inner), missing=True)
    for name in names or ():
        if maildir and name in {"cur", "new", "tmp"}:
            continue
        if not is_system(name) or (name.startswith(".") and is_maildir(path / name)):
            yield from _walk(path / name, f"{inner}/{name}")


def _names(path: Path) -> list[str] | None:
    """What lies in a folder, by name; None where it may not be read."""
    try:
        return sorted(os.listdir(path))  # noqa: PTH208 - names are wanted, not paths
    except OSError:
        return None
