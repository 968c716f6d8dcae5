"""The runtime: settings, store, texts, the clock, ids, and how a provider is opened. Built once per process.

Only this module reads the clock, the environment and randomness. Called by tasks, the web process and the command.
"""

from __future__ import annotations

import gc
import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from platformdirs import user_data_dir

from integrations import load
from integrations.base import House, MailSender, Opening, able
from integrations.wire.net import Reach
from keepwarm.errors import MisconfiguredError
from keepwarm.settings import Settings
from keepwarm.store import Store, Tx, accounts, duties
from keepwarm.texts import Texts, mark
from keepwarm.types import Grant
from keepwarm.zones import use_newest_zones
from workers.budgets import Purses
from workers.granted import Granted
from workers.sealing import Keys

SOCKET_PATH_LIMIT = 100  # bytes: Linux takes 107, macOS 103
LOCAL = "local"  # the provider behind an outbox row that names no account
POST = "post"  # in the place of an account: the operator's own way out
NO_HOME = mark(
    "The data folder cannot be used. Nothing was changed. Set KEEPWARM_HOME to a folder that you may write to."
)
ADDRESS = "address"  # the fact about this installation: where `keepwarm run` answers


def calm_collector() -> None:
    """Let Python look for cycles seldom, and never among what was loaded at the start.

    A page of a mailbox is some ten thousand small values without a cycle; looking through all that lives after every
    700 of them took a fifth of the time of reading. What is dropped is freed at once as ever.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def new_id() -> str:
    """32 random hexadecimal digits."""
    return secrets.token_hex(16)


def read_settings(env: Mapping[str, str] | None = None) -> Settings:
    """The settings of this environment. Raises MisconfiguredError."""
    return Settings.from_mapping(os.environ if env is None else env, home=user_data_dir("keepwarm", appauthor=False))


def broker_url(settings: Settings) -> str:
    """Where Celery's messages go: the operator's broker, else our own Redis on its socket."""
    return settings.broker_url or f"redis+socket://{_socket(Path(settings.home))}"


def ticks() -> float:
    """Seconds of a clock that nobody sets (RELIABILITY.md D8)."""
    return time.monotonic()


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """What everything in workers and service is handed. ``clock`` gives aware UTC; tests move it."""

    settings: Settings
    home: Path
    store: Store
    secret: bytes
    clock: Callable[[], datetime]
    ticks: Callable[[], float] = ticks
    new_id: Callable[[], str] = new_id
    load: Callable[[str], Any] = load

    @staticmethod
    def build(env: Mapping[str, str] | None = None, *, migrate: bool = False) -> Runtime:
        """The runtime of this environment: its data folder (made with mode 0700), newest zone data, store.

        Raises MisconfiguredError.
        """
        os.umask(0o077)
        calm_collector()
        use_newest_zones()
        settings = read_settings(env)
        home = _home(settings)
        store = Store(settings.database_url, new_id)
        if migrate:
            store.migrate()
        offset = timedelta(seconds=settings.clock_offset)
        return Runtime(
            settings=settings,
            home=home,
            store=store,
            secret=_secret(home / "secret.key"),
            clock=lambda: datetime.now(UTC) + offset,
        )

    def now(self) -> datetime:
        """This moment on our clock, aware UTC. Leases, deadlines and touches all run on it."""
        return self.clock()

    def at(self, moment: datetime) -> Runtime:
        """The same runtime with its clock stopped at a moment."""
        return replace(self, clock=lambda: moment.astimezone(UTC))

    def texts(self, lang: str) -> Texts:
        return Texts.load(lang)

    def key(self, purpose: str) -> bytes:
        """32 bytes of our secret for one purpose: knowing one tells nothing about another."""
        return hmac.digest(self.secret, purpose.encode(), "sha256")

    def feed_token(self, subject: str) -> str:
        """The unguessable part of a feed's address, the same for the same subject."""
        return hmac.new(self.key("feed"), subject.encode(), "sha256").hexdigest()[:40]

    def push_secret(self, subscription_id: str) -> str:
        """``ID.PROOF``, what a provider shows with its notices; it follows from the id, so it needs no row."""
        return f"{subscription_id}.{hmac.new(self.key('push'), subscription_id.encode(), 'sha256').hexdigest()}"

    def message_id(self, key: str) -> str:
        """The Message-ID of the mail that an outbox key stands for: the same on every try."""
        return f"<{hmac.new(self.key('message-id'), key.encode(), 'sha256').hexdigest()[:40]}@keepwarm.local>"

    @property
    def keys(self) -> Keys:
        """What passwords are sealed with, as the file has it now: keys may be turned. Raises MisconfiguredError."""
        return Keys.of(self.keys_file)

    @property
    def keys_file(self) -> Path:
        """Beside the data folder, not in it: a copy of the one does not open the other."""
        home = Path(self.settings.home)
        return Path(self.settings.keys) if self.settings.keys else home.with_name(f"{home.name}.keys")

    @property
    def reach(self) -> Reach:
        return Reach(allow=self.settings.allow_hosts, resolver=self.settings.resolver, ticks=self.ticks)

    @property
    def house(self) -> House:
        """This installation as providers meet it."""
        return House(
            settings=self.settings,
            address=self.base_url,
            now=self.clock,
            secret_of=self.push_secret,
            reach=self.reach,
        )

    @property
    def base_url(self) -> str:
        """What links in mails begin with: the public address, else where `keepwarm run` last answered."""
        if self.settings.public_url:
            return self.settings.public_url
        with self.store.system(write=False) as tx:
            return duties.instance_value(tx, ADDRESS) or "http://127.0.0.1:8420"

    @cached_property
    def broker_socket(self) -> Path:
        """Where our own Redis listens: a short path, since long socket paths are cut."""
        return _socket(self.home)

    def owner_home(self, owner_id: str) -> Path:
        """The folder of one owner alone, mode 0700."""
        private_folder(self.home / "owners")
        return private_folder(self.home / "owners" / owner_id)

    def open(
        self, owner_id: str, *, provider: str, account_id: str = "", settings: Mapping[str, Any] | None = None,
        grant: Grant | None = None,
    ) -> Any:  # fmt: skip
        """A provider of this owner, ready to use; does no I/O beyond reading who the owner is, and the grant."""
        with self.store.reading(owner_id) as tx:
            zone = accounts.owner(tx).zone
            own = tuple(each.address for each in accounts.own_addresses(tx) if each.own)
            sealed = accounts.grant(tx, account_id) if grant is None and account_id else None
        kept = Granted(
            store=self.store, keys_file=self.keys_file, owner_id=owner_id, account_id=account_id, now=self.clock
        )
        opening = Opening(
            account_id=account_id,
            owner_id=owner_id,
            owner_addresses=own,
            settings=dict(settings or {}),
            grant=grant or (self.keys.open(sealed) if sealed else Grant()),
            home=self.owner_home(owner_id),
            zone=zone,
            now=self.clock,
            reach=self.reach,
            operator=self.settings,
            budget=Purses(store=self.store, now=self.clock),
            tokens=kept if sealed else None,
        )
        return self.load(provider)(opening)

    def open_account(self, owner_id: str, account_id: str | None) -> Any:
        """The provider behind an account; None: our own mailbox and calendar, `POST`: the operator's way out.

        Raises NotFound if it is gone.
        """
        if account_id is None:
            return self.open_local(owner_id)
        if account_id == POST:
            return self.open_post()
        with self.store.reading(owner_id) as tx:
            found = accounts.account(tx, account_id)
        return self.open(owner_id, provider=found.provider, account_id=found.id, settings=found.settings)

    def way_out(self, tx: Tx, protocol: type, *, allowed: str = "", but: Collection[str] = ()) -> str | None:
        """The account through which mails or events leave: the first that can; None for our own (`open_local`).

        ``allowed``: only one whose settings say so. ``but``: none of these.
        """
        found = (
            each.id
            for each in accounts.accounts(tx)
            if each.id not in but
            and able(self.load(each.provider), protocol, each.settings)
            and (not allowed or each.settings.get(allowed))
        )
        return next(found, None)

    def way_to_warn(self, tx: Tx, *, but: str = "") -> str | None:
        """How a warning leaves: an account, else the operator's way out, else our own mailbox.

        Not by ``but``, nor by an account that does not let us in either.
        """
        dead = accounts.withdrawn(tx) | {but}
        return self.way_out(tx, MailSender, but=dead) or (POST if self.settings.smtp_url else None)

    def open_post(self) -> Any:
        """The operator's own way out (`integrations.open.post`); it belongs to no owner."""
        opening = Opening(
            account_id=POST, owner_id="", owner_addresses=(), settings={}, grant=Grant(), home=self.home, zone="UTC",
            now=self.clock, reach=self.reach, operator=self.settings,
        )  # fmt: skip
        return self.load(POST)(opening)

    def open_local(self, owner_id: str) -> Any:
        """Our own mailbox and calendar of this owner (`integrations.local`)."""
        return self.open(owner_id, provider=LOCAL)


@lru_cache(maxsize=1)
def current() -> Runtime:
    """The runtime of this process, built from its environment at the first call."""
    return Runtime.build(migrate=True)


def _home(settings: Settings) -> Path:
    """The data folder, there and writable. Raises MisconfiguredError."""
    try:
        home = private_folder(Path(settings.home))
    except OSError as error:
        raise MisconfiguredError(NO_HOME) from error
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        raise MisconfiguredError(NO_HOME)
    return home


def private_folder(folder: Path) -> Path:
    """The folder, made with its parents, for its user alone."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
    return folder


def _secret(file: Path) -> bytes:
    """32 random bytes, made once. Two processes that start together agree: the first link wins."""
    if not file.exists():
        made = file.with_name(f"{file.name}.{new_id()}")
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(secrets.token_bytes(32))
            stream.flush()
            os.fsync(stream.fileno())
        try:
            file.hardlink_to(made)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return file.read_bytes()


def _socket(home: Path) -> Path:
    """In XDG_RUNTIME_DIR where that is short enough, else in /tmp; its owner and mode are checked before it is used."""
    mark = hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:8]
    xdg = os.environ.get("XDG_RUNTIME_DIR", "")
    named = Path(xdg) / f"keepwarm-{mark}" / "redis.sock"
    if xdg and Path(xdg).is_dir() and len(os.fsencode(named)) <= SOCKET_PATH_LIMIT:
        return named
    return Path("/tmp") / f"keepwarm-{os.getuid()}-{mark}" / "redis.sock"  # noqa: S108 - a private folder, checked by the box
