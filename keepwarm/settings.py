"""Every setting: its variable, unit, default and what it is for. Pure: the runtime passes the environment in.

Called by `workers.runtime`. ``document`` makes the table of docs/settings.md; a test keeps the two alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from keepwarm.errors import MisconfiguredError
from keepwarm.post import post_office

FARTHEST_OFFSET = 20 * 365 * 86_400  # seconds; ours: tests move the clock by years, nothing needs more


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the operator chose. Empty text: not set; ``broker_url`` then means the private redis-server's socket."""

    home: str
    public_url: str = ""
    database_url: str = ""
    broker_url: str = ""
    proxies: int = 0
    allow_hosts: tuple[str, ...] = ()
    smtp_url: str = ""
    google_base: str = ""
    google_client: str = ""
    google_topic: str = ""
    google_subscription: str = ""
    google_push_account: str = ""
    google_audience: str = ""
    google_pull_key: str = ""
    google_units: int = 6000
    microsoft_base: str = ""
    microsoft_client: str = ""
    microsoft_secret: str = ""
    microsoft_secret_ends: str = ""
    microsoft_tenant: str = "common"
    resolver: str = ""
    keys: str = ""
    clock_offset: int = 0

    @staticmethod
    def from_mapping(values: Mapping[str, str], *, home: str) -> Settings:
        """The settings in ``values``; ``home`` is the data folder where none is named. Raises MisconfiguredError."""
        found = {each.field: _read(each, values.get(each.variable, "").strip()) for each in VARIABLES}
        found["home"] = found["home"] or home
        found["database_url"] = found["database_url"] or f"sqlite:///{found['home']}/keepwarm.db"
        return Settings(**found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One line of the table. ``read`` turns text into the value and raises ValueError with what was expected."""

    variable: str
    field: str
    unit: str
    default: str
    says: str
    read: Callable[[str], Any]


def _text(text: str) -> str:
    return text


def _path(text: str) -> str:
    if text and not text.startswith("/"):
        raise ValueError("an absolute path")
    return text.rstrip("/") or text


def _web(text: str) -> str:
    if text and not _fits(text, {"http", "https"}):
        raise ValueError("an address that begins with http:// or https://")
    return text.rstrip("/")


def _fits(text: str, schemes: set[str], *, host: bool = True) -> bool:
    """Whether this is an address of one of these schemes, with a host where one is needed and no nonsense as port."""
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and (bool(parts.hostname) or not host) and parts.port != 0
    except ValueError:
        return False


def _database(text: str) -> str:
    local = text.startswith("sqlite:///")
    if text and not local and not _fits(text, {"postgresql", "postgresql+psycopg"}, host=False):
        raise ValueError("an address that begins with sqlite:/// or postgresql://")
    return text


def _address(text: str) -> str:
    if text and "://" not in text:
        raise ValueError("an address with a scheme, such as redis://host/0")
    return text


def _smtp(text: str) -> str:
    if text:
        post_office(text)
    return text


def _list(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _topic(text: str) -> str:
    return _named(text, "topics")


def _subscription(text: str) -> str:
    return _named(text, "subscriptions")


def _named(text: str, kind: str) -> str:
    parts = text.split("/")
    if text and (len(parts) != 4 or parts[::2] != ["projects", kind] or not all(parts)):
        raise ValueError(f"a name such as projects/my-project/{kind}/keepwarm")
    return text


def _uuid(text: str) -> str:
    if text and not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text):
        raise ValueError("an id such as 11111111-2222-3333-4444-555555555555")
    return text.lower()


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise ValueError("a day such as 2027-11-30") from None


def _tenant(text: str) -> str:
    if text and not re.fullmatch(r"[A-Za-z0-9.-]{1,253}", text):
        raise ValueError("common, organizations, consumers, or the id or domain of an organisation")
    return text or "common"


def _proxies(text: str) -> int:
    number = int(text or "0") if (text or "0").isdecimal() else 10
    if number > 9:
        raise ValueError("a number of proxies from 0 to 9")
    return number


def _units(text: str) -> int:
    number = int(text or "6000") if (text or "6000").isdecimal() else 0
    if not 100 <= number <= 1_000_000:
        raise ValueError("a number of units from 100 to 1000000")
    return number


def _seconds(text: str) -> int:
    try:
        number = int(text or "0")
    except ValueError:
        number = FARTHEST_OFFSET + 1
    if abs(number) > FARTHEST_OFFSET:
        raise ValueError("a whole number of seconds")
    return number


def _read(each: Variable, text: str) -> Any:
    try:
        return each.read(text)
    except ValueError as wrong:
        raise MisconfiguredError(f"{each.variable} is not right: it wants {wrong}. Nothing was started.") from None


def _row(variable: str, field: str, unit: str, default: str, says: str, read: Callable[[str], Any]) -> Variable:
    return Variable(variable=variable, field=field, unit=unit, default=default, says=says, read=read)


VARIABLES: tuple[Variable, ...] = (
    _row("KEEPWARM_HOME", "home", "path", "the platform's folder for user data", "Where everything is kept.", _path),
    _row(
        "KEEPWARM_PUBLIC_URL", "public_url", "URL", "none",
        "Where people and providers reach the pages. None: polling, and links in mails point to this machine.", _web,
    ),
    _row(
        "KEEPWARM_PROXIES", "proxies", "number", "0",
        "How many proxies in front add to `X-Forwarded-For`: it tells whose guesses at passwords are slowed."
        " 0: nobody is believed about it, and behind a proxy all strangers count as one.", _proxies,
    ),
    _row(
        "KEEPWARM_DATABASE_URL", "database_url", "URL", "SQLite in KEEPWARM_HOME",
        "The database: `sqlite:///…` or `postgresql://…`.", _database,
    ),
    _row(
        "KEEPWARM_BROKER_URL", "broker_url", "URL", "a private redis-server on a socket",
        "The Celery broker that carries wake-up calls. Set: no redis-server is started.", _address,
    ),
    _row(
        "KEEPWARM_ALLOW_HOSTS", "allow_hosts", "comma-separated host, host:port or CIDR", "none",
        "Servers of accounts that may be called although their addresses are private.", _list,
    ),
    _row(
        "KEEPWARM_SMTP_URL", "smtp_url", "URL", "none",
        "The operator's own way out for warnings, forgotten passwords, changes of a sign-in and invitations:"
        " `smtps://user:password@host:465/?from=…`, always encrypted. None: the local mailbox, and the command.",
        _smtp,
    ),
    _row(
        "KEEPWARM_GOOGLE_BASE", "google_base", "URL", "Google", "Another place to call instead, for tests.", _web,
    ),
    _row(
        "KEEPWARM_GOOGLE_CLIENT", "google_client", "path", "none",
        "The file of your OAuth client, from the Cloud console (docs/google.md). None: nobody can connect Google.",
        _path,
    ),
    _row(
        "KEEPWARM_GOOGLE_TOPIC", "google_topic", "projects/…/topics/…", "none",
        "The Pub/Sub topic to which Gmail tells of news. None: mail is looked at every five minutes.", _topic,
    ),
    _row(
        "KEEPWARM_GOOGLE_SUBSCRIPTION", "google_subscription", "projects/…/subscriptions/…", "none",
        "The Pub/Sub subscription to that topic.", _subscription,
    ),
    _row(
        "KEEPWARM_GOOGLE_PUSH_ACCOUNT", "google_push_account", "address", "none",
        "The service account in whose name that subscription signs what it pushes to us.", _text,
    ),
    _row(
        "KEEPWARM_GOOGLE_AUDIENCE", "google_audience", "text", "the address pushed to",
        "The audience set on that subscription.", _text,
    ),
    _row(
        "KEEPWARM_GOOGLE_PULL_KEY", "google_pull_key", "path", "none",
        "The key file of a service account that may pull from that subscription, where nobody reaches us from outside.",
        _path,
    ),
    _row(
        "KEEPWARM_GOOGLE_UNITS", "google_units", "units a minute", "6000",
        "What Gmail gives each person; projects from before May 2026 have 15000.", _units,
    ),
    _row(
        "KEEPWARM_MICROSOFT_BASE", "microsoft_base", "URL", "Microsoft",
        "Another place to call instead, for tests.", _web,
    ),
    _row(
        "KEEPWARM_MICROSOFT_CLIENT", "microsoft_client", "UUID", "none",
        "The application (client) id of your app registration (docs/microsoft.md). None: nobody can connect Microsoft.",
        _uuid,
    ),
    _row(
        "KEEPWARM_MICROSOFT_SECRET", "microsoft_secret", "path", "none",
        "A file that holds the value of its client secret, and nothing else.", _path,
    ),
    _row(
        "KEEPWARM_MICROSOFT_SECRET_ENDS", "microsoft_secret_ends", "YYYY-MM-DD", "none",
        "The day on which that secret expires; you are told a month before.", _day,
    ),
    _row(
        "KEEPWARM_MICROSOFT_TENANT", "microsoft_tenant", "text", "common",
        "Who may connect: `common`, `organizations`, `consumers`, or the id or domain of one organisation.", _tenant,
    ),
    _row("KEEPWARM_RESOLVER", "resolver", "host:port", "the system's", "A DNS server, for tests.", _text),
    _row(
        "KEEPWARM_KEYS", "keys", "path", "KEEPWARM_HOME with `.keys` behind it",
        "The file of keys that passwords are sealed with. Keep a copy of it, apart from those of your data.", _path,
    ),
    _row(
        "KEEPWARM_CLOCK_OFFSET", "clock_offset", "seconds", "0",
        "Moves Keepwarm's clock, for tests; shown on the health page.", _seconds,
    ),
)  # fmt: skip


def document() -> str:
    """docs/settings.md."""
    head = (
        "# Settings\n\nEnvironment variables, read once when a process starts. This page is made from"
        " `keepwarm/settings.py`: `UPDATE_GOLDEN=1 pytest tests/keepwarm/test_settings.py`.\n\n"
        "| Variable | Unit | Default | What it is for |\n|---|---|---|---|\n"
    )
    return head + "".join(f"| `{e.variable}` | {e.unit} | {e.default} | {e.says} |\n" for e in VARIABLES)
