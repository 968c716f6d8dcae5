"""Sending over SMTP submission (RFC 6409, RFC 8314): one recipient a message, at most once.

Called by `Open` and `Post`.

Until the end of the message went out nothing was sent, and it may be tried again; an answer to it that never came
leaves the outcome open, and the mailbox is asked later (RELIABILITY.md B6, RFC 1047). All of it has one budget of
seconds, of which a part is kept for that answer: a task that is cut off in the midst could not say what was sent.
"""

from __future__ import annotations

import binascii
import io
import smtplib
import socket
import ssl
from contextlib import suppress
from datetime import timedelta
from typing import Any

from integrations.open.imap import BROKE_OFF, NO_ENCRYPTION, WRONG_PASSWORD, Login
from integrations.wire import net
from keepwarm.errors import AccessRevoked, Rejected, TryAgainLater
from keepwarm.texts import mark

SECONDS = 36.0  # for all of a sending: with the copy kept of it below the 50 s of a task (`workers.app`)
BEFORE = 2 / 3  # the share of it that is over before the end of the message goes out; ours
FAREWELL = 2.0  # seconds for the goodbye
PIECE = 16 << 10  # bytes sent at once
RECEIVED = 256 << 10  # bytes of one answer
LATER = timedelta(minutes=5)  # for answers 4xx, which say nothing about how long

REFUSED = mark("The mail server refused the message.")
NAMELESS = "localhost"  # what we call ourselves: the machine's own name is nobody's business


class OutcomeUnknownError(OSError):
    """The message was handed over, and the server never said what became of it."""


class _Smtp(smtplib.SMTP):
    """The standard library's client over a guarded socket. All that is said must end before ``until``, in ticks."""

    def __init__(self, reach: net.Reach, login: Login) -> None:
        self._reach, self._server = reach, login.server
        self._ends = reach.ticks() + SECONDS
        self.until = self._ends - SECONDS * (1 - BEFORE)
        super().__init__(login.server.host, login.server.port, local_hostname=NAMELESS, timeout=net.PATIENCE)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        del timeout
        made = net.connect(self._reach, host, port, until=self.until)
        if self._server.tls != "tls":
            return made
        return net.encrypt(made, host, reach=self._reach, until=self.until)

    def to_the_end(self) -> None:
        """From here on the rest of the budget counts."""
        self.until = self._ends

    def hurry(self) -> None:
        """What is left to say is a goodbye."""
        self.until = self._reach.ticks() + FAREWELL

    def send(self, s: Any) -> None:
        """In pieces, none of them later than allowed: a server may take them as slowly as it answers."""
        data = s.encode("ascii") if isinstance(s, str) else s
        for at in range(0, len(data), PIECE):
            rest = self.until - self._reach.ticks()
            if rest <= 0:
                self.close()
                raise smtplib.SMTPServerDisconnected("out of time")
            if self.sock is not None:
                self.sock.settimeout(min(net.PATIENCE, rest))
            super().send(data[at : at + PIECE])

    def getreply(self) -> tuple[int, bytes]:
        sock: Any = self.sock
        if isinstance(sock, net.Bounded):
            sock.allow(seconds=self.until - self._reach.ticks(), received=RECEIVED)
        if self.file is None:
            self.file = _WholeLines(sock.makefile("rb", buffering=0))
        code, text = super().getreply()
        if not 200 <= code < 600:
            self.close()
            raise smtplib.SMTPServerDisconnected("not an answer")
        return code, text


class _WholeLines(io.BufferedReader):
    """Half a line at the end of a connection is none: else `25` would be taken for an answer."""

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        return line if line.endswith(b"\n") or len(line) == size else b""


def send(reach: net.Reach, login: Login, *, sender: str, to: str, data: bytes) -> None:
    """Hand the message over.

    Raises TryAgainLater or Rejected where it was certainly not sent, AccessRevoked, and OutcomeUnknownError.
    """
    smtp = open_smtp(reach, login)
    try:
        _envelope(smtp, sender, to)
        _hand_over(smtp, data)
    finally:
        _hang_up(smtp)


def open_smtp(reach: net.Reach, login: Login) -> _Smtp:
    """A connection, encrypted and logged in. Errors by remedy."""
    smtp: _Smtp | None = None
    try:
        smtp = _Smtp(reach, login)
        _log_in(smtp, login)
    except BaseException as error:
        _hang_up(smtp)
        raise _told(error) from error
    return smtp


def _log_in(smtp: smtplib.SMTP, login: Login) -> None:
    _greet(smtp)
    if login.server.tls != "tls":
        if not smtp.has_extn("starttls"):
            raise Rejected(NO_ENCRYPTION)
        smtp.starttls(context=net.tls_context())
        _greet(smtp)
    if not login.user:  # the operator's own relay may want nobody's name (`post`)
        return
    try:
        smtp.login(login.user, login.password)
    except smtplib.SMTPAuthenticationError as error:
        if error.smtp_code < 500:
            raise TryAgainLater(LATER) from error
        raise AccessRevoked(WRONG_PASSWORD) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Rejected(WRONG_PASSWORD) from error


def _greet(smtp: smtplib.SMTP) -> None:
    """EHLO. Raises SMTPHeloError for one that cannot be answered now, which says nothing of what is offered."""
    code, text = smtp.ehlo()
    if 400 <= code < 500:
        raise smtplib.SMTPHeloError(code, text)


def _told(error: BaseException) -> BaseException:
    """The error by its remedy; one that is ours, or nothing of the server's, as it is."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return net.Untrusted(timedelta(hours=1), net.UNTRUSTED)
    if isinstance(error, binascii.Error):  # a challenge that is none
        return TryAgainLater(LATER, BROKE_OFF)
    if not isinstance(error, OSError):  # smtplib's own are
        return error
    code = getattr(error, "smtp_code", 0)
    if isinstance(code, int) and 500 <= code < 600:
        return Rejected(REFUSED)
    return TryAgainLater(LATER if code else timedelta(minutes=1), BROKE_OFF)


def _envelope(smtp: smtplib.SMTP, sender: str, to: str) -> None:
    """Everything before the message itself: until here nothing can have been sent."""
    try:
        for verb, argument, good in (  # RFC 5321, section 4.3.2; one after the other: a refusal ends it
            (smtp.mail, sender, {250}),
            (smtp.rcpt, to, {250, 251, 252}),
            (smtp.docmd, "DATA", {354}),
        ):
            code, _ = verb(argument)
            if code >= 500:
                raise Rejected(REFUSED)
            if code not in good:
                raise TryAgainLater(LATER)
    except (smtplib.SMTPException, OSError) as error:
        raise TryAgainLater(timedelta(minutes=1), BROKE_OFF) from error


def _hand_over(smtp: _Smtp, data: bytes) -> None:
    """The message, then the dot after it; what the server says then is the outcome."""
    body = data.replace(b"\r\n.", b"\r\n..")
    body = b"." + body if body.startswith(b".") else body
    try:
        smtp.send(body + (b"" if body.endswith(b"\r\n") else b"\r\n"))
    except (smtplib.SMTPException, OSError) as error:  # without its dot a message is none
        raise TryAgainLater(timedelta(minutes=1), BROKE_OFF) from error
    smtp.to_the_end()
    try:
        smtp.send(b".\r\n")
        code, _ = smtp.getreply()
    except (smtplib.SMTPException, OSError) as error:
        raise OutcomeUnknownError("no answer after the message") from error
    if 400 <= code < 500:
        raise TryAgainLater(LATER)
    if code >= 500:
        raise Rejected(REFUSED)
    if code >= 300:
        raise OutcomeUnknownError("an answer that is none after the message")


def _hang_up(smtp: _Smtp | None) -> None:
    for end in (smtp.hurry, smtp.quit, smtp.close) if smtp else ():
        with suppress(Exception):
            end()
