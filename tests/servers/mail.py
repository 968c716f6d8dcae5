"""Dovecot (Debian package dovecot-imapd) and an aiosmtpd sink on free loopback ports, under a throw-away authority.

The sink asks for a login, offers STARTTLS, and puts what it takes into the Dovecot mailbox of whom it is for.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from imaplib import IMAP4
from pathlib import Path
from tempfile import mkdtemp

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.conftest import absent
from tests.servers.dav import PATIENCE, Authority, free_port

PASSWORD = "app-password-1"
CONFIG = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
listen = 127.0.0.1
protocols = imap
ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = yes
auth_mechanisms = plain login
mail_location = maildir:{folder}/mail/%n:LAYOUT=fs
mail_plugins =
first_valid_uid = 1
first_valid_gid = 0
mail_access_groups =
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%n {folder}/users/%n
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%n
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    auto = subscribe
    special_use = \\Sent
  }}
  mailbox Drafts {{
    auto = subscribe
    special_use = \\Drafts
  }}
  mailbox Junk {{
    auto = subscribe
    special_use = \\Junk
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dovecot:
    """A running server; any local part is a user once `add` made it."""

    folder: Path
    imap: int
    imaps: int

    def add(self, user: str, password: str = PASSWORD) -> None:
        """A user, or another password for one; Dovecot looks at the file's time."""
        file = self.folder / "users" / user
        later = int(file.stat().st_mtime) + 2 if file.exists() else None
        file.write_text(f"{user}:{{PLAIN}}{password}::::::\n")
        file.chmod(0o644)
        if later is not None:
            os.utime(file, (later, later))
            time.sleep(1.2)  # it looks once a second

    def password(self, user: str) -> str:
        return (self.folder / "users" / user).read_text().split("}", 1)[1].strip().removesuffix("::::::")

    def deliver(self, user: str, data: bytes, folder: str = "INBOX", flags: str = "") -> None:
        """As another program would: over a connection of its own."""
        with self.connected(user) as imap:
            imap.append(folder, flags, None, data)  # type: ignore[arg-type]  # None: the server's time

    @contextmanager
    def connected(self, user: str) -> Iterator[IMAP4]:
        """A plain client beside ours, over STARTTLS; certificates are not its business."""
        imap = IMAP4("127.0.0.1", self.imap)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        imap.starttls(context)
        imap.login(user, self.password(user))
        try:
            yield imap
        finally:
            imap.logout()

    def renumber(self, user: str, folder: str = "") -> None:
        """What a server that lost its index does: the same mails under new numbers."""
        for name in ("dovecot-uidlist", "dovecot.index", "dovecot.index.log", "dovecot.index.cache"):
            (self.folder / "mail" / user / folder / name).unlink(missing_ok=True)


@contextmanager
def dovecot(authority: Authority) -> Iterator[Dovecot]:
    """A server of our own, ended by its process id; in a folder that its helpers, who are other users, may enter."""
    program = shutil.which("dovecot") or ""
    if not program:
        absent("Dovecot is not there: apt-get install dovecot-imapd")
    folder = Path(mkdtemp(prefix="keepwarm-dovecot-"))
    for each in (folder, folder / "users"):
        each.mkdir(exist_ok=True)
        each.chmod(0o755)
    me = pwd.getpwuid(os.getuid())
    inner = "dovecot" if me.pw_uid == 0 else me.pw_name
    runs = pwd.getpwnam("mail" if me.pw_uid == 0 else me.pw_name)  # Dovecot never serves mail as root
    (folder / "mail").mkdir()
    shutil.chown(folder / "mail", runs.pw_uid, runs.pw_gid)
    found = Dovecot(folder=folder, imap=free_port(), imaps=free_port())
    (folder / "config").write_text(
        CONFIG.format(
            folder=folder, certificate=authority.certificate, key=authority.key, user=inner, group=inner,
            uid=runs.pw_uid, gid=runs.pw_gid, imap=found.imap, imaps=found.imaps,
        )
    )  # fmt: skip
    process = subprocess.Popen([program, "-F", "-c", str(folder / "config")], stderr=subprocess.DEVNULL)
    try:
        _wait(found.imap, process, folder / "log")
        yield found
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text() if log.exists() else "Dovecot ended at once"
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("Dovecot does not listen")


@dataclass(slots=True)
class Sink:
    """What was handed in, in order. ``say`` answers the end of a message instead of us, if it is set."""

    port: int = 0
    taken: list[Envelope] = field(default_factory=list)
    say: str = ""
    passwords: dict[str, str] = field(default_factory=dict)
    store: Dovecot | None = None
    recipients_at_once: int = 0

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        if self.say.startswith("drop-after"):
            self._keep(envelope)
            _server.transport.abort()
            return "250 lost"
        if self.say:
            return self.say
        await asyncio.get_running_loop().run_in_executor(None, self._keep, envelope)
        return "250 taken"

    def _keep(self, envelope: Envelope) -> None:
        self.taken.append(envelope)
        self.recipients_at_once = max(self.recipients_at_once, len(envelope.rcpt_tos))
        if self.store is not None:
            for user in {each.partition("@")[0] for each in envelope.rcpt_tos}:
                if (self.store.folder / "users" / user).exists():
                    self.store.deliver(user, bytes(envelope.content or b""))

    def subjects(self) -> list[str]:
        return [str(message_from_bytes(bytes(each.content or b""))["Subject"]) for each in self.taken]

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _kind: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        right = self.passwords.get(data.login.decode()) == data.password.decode()
        return AuthResult(success=right, handled=False)


@contextmanager
def sink(authority: Authority, *, tls: bool = False, store: Dovecot | None = None) -> Iterator[Sink]:
    """A submission server: STARTTLS, or TLS from the first byte."""
    made = Sink(port=free_port(), store=store)
    controller = Controller(
        made, hostname="127.0.0.1", port=made.port, tls_context=None if tls else authority.context,
        ssl_context=authority.context if tls else None, require_starttls=not tls, authenticator=made.authenticate,
        auth_required=True, auth_require_tls=not tls, decode_data=False, ready_timeout=PATIENCE,
    )  # fmt: skip
    controller.start()
    try:
        yield made
    finally:
        controller.stop()
