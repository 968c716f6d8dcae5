"""Sealing what providers gave us to act: passwords and tokens, under keys that lie apart from the data.

Called by `workers.runtime` and `keepwarm keys`. The file holds one Fernet key a line, the newest first: that one seals,
all of them open. What is sealed names its owner and account, so that a row moved elsewhere opens nothing
(RELIABILITY.md G14).
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from keepwarm.errors import MisconfiguredError
from keepwarm.store import accounts
from keepwarm.store.accounts import Sealed
from keepwarm.texts import mark
from keepwarm.types import Grant

NO_FILE = mark(
    "The file of keys for passwords cannot be used. Nothing was changed. Set KEEPWARM_KEYS to a file that you may"
    " write."
)
WRONG_KEY = mark(
    "The keys for passwords are not those that the passwords were sealed with. Nothing was changed. Put the right file"
    " of keys back (KEEPWARM_KEYS), or connect the accounts anew."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The keys at hand, newest first; there is always one."""

    keys: tuple[bytes, ...] = field(repr=False)

    @staticmethod
    def of(file: Path) -> Keys:
        """The keys in the file, which is made with one if it is not there. Raises MisconfiguredError."""
        try:
            if not file.exists():
                _make(file, [Fernet.generate_key()])
            found = tuple(line.strip() for line in file.read_bytes().splitlines() if line.strip())
            MultiFernet([Fernet(each) for each in found])
        except (OSError, ValueError) as error:
            raise MisconfiguredError(NO_FILE) from error
        return Keys(keys=found)

    def with_new(self, file: Path) -> Keys:
        """The same with a new key before the others, in the file too."""
        made = (Fernet.generate_key(), *self.keys)
        _replace(file, list(made))
        return Keys(keys=made)

    def without_old(self, file: Path) -> Keys:
        """Only the newest, in the file too: for when nothing is sealed under another."""
        _replace(file, [self.keys[0]])
        return Keys(keys=self.keys[:1])

    @property
    def id(self) -> str:
        """Names the key that seals, without telling it."""
        return sha256(self.keys[0]).hexdigest()[:16]

    def seal(self, owner_id: str, account_id: str, grant: Grant) -> str:
        told = {"owner": owner_id, "account": account_id, "values": dict(grant.values)}
        return self._box.encrypt(json.dumps(told).encode()).decode()

    def open(self, row: Sealed) -> Grant:
        """Raises MisconfiguredError where no key at hand opens it, or it belongs to another account."""
        try:
            told = json.loads(self._box.decrypt(row.sealed.encode()))
        except InvalidToken as error:
            raise MisconfiguredError(WRONG_KEY) from error
        if (told["owner"], told["account"]) != (row.owner_id, row.account_id):
            raise MisconfiguredError(WRONG_KEY)
        return Grant(values=dict(told["values"]))

    @property
    def _box(self) -> MultiFernet:
        return MultiFernet([Fernet(each) for each in self.keys])


def rotate(runtime: Any) -> int:
    """Seal every grant under a new key, then drop the old ones; how many. Stopped on the way, it may run again."""
    with runtime.store.system() as tx:
        unfinished = bool(accounts.grants_under(tx, other_than=runtime.keys.id, limit=1))
    keys = runtime.keys if unfinished else runtime.keys.with_new(runtime.keys_file)
    done = 0
    while True:
        with runtime.store.system() as tx:
            old = accounts.grants_under(tx, other_than=keys.id)
            for each in old:
                done += accounts.reseal(tx, each, keys.seal(each.owner_id, each.account_id, keys.open(each)), keys.id)
        if not old:
            break
    keys.without_old(runtime.keys_file)
    return done


def _make(file: Path, keys: list[bytes]) -> None:
    """A new file of its user's alone; of two processes that make it at once, the first wins."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = _written(file, keys)
    try:
        file.hardlink_to(made)
    except FileExistsError:
        pass
    finally:
        made.unlink()


def _replace(file: Path, keys: list[bytes]) -> None:
    _written(file, keys).replace(file)


def _written(file: Path, keys: list[bytes]) -> Path:
    made = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(b"\n".join(keys) + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    return made
