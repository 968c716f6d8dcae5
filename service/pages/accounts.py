"""Connected accounts: what is read and how it stands, connecting one with a check list, choosing, letting go.

The first page is "Accounts and health": beside the accounts what we wrote into calendars (`service.written`), what goes
out, and what could not be read.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from flask import Blueprint, Response, current_app, render_template, request, stream_template
from flask.typing import ResponseReturnValue

from integrations.base import CalendarWriter, DraftWriter, able
from keepwarm.errors import KeepwarmError, NotPossible
from keepwarm.store import accounts, duties, outbox, views
from keepwarm.store.accounts import Account, StreamState
from keepwarm.types import Check
from service import again, written
from service import connecting as words
from service.connecting import Purpose
from service.desk import Desk, done, here, runtime, say, sorry, to
from service.leading import leads_out
from service.newcomer import is_email
from service.pages.consent import choices
from service.returning import asked, onward_name
from service.wake import wake_outbox, wake_stream
from workers import connecting, nextsteps
from workers.connecting import Found, Wish

pages = Blueprint("accounts", __name__)

SERVERS = ("imap", "smtp", "caldav", "carddav")
TYPED = 900  # seconds that a password which was typed once need not be typed again
AT_ONCE = 20  # rows of the outbox that need the owner; the page Sent has the others
LONGEST = 1000  # characters of anything in the form


@dataclass(slots=True)
class Attempt:
    """One try at connecting, step by step while its page is sent. Not a value: the page asks for the next step."""

    desk: Desk
    wish: Wish
    found: Found | None = None
    trouble: str = ""
    lines: list[Check] = field(default_factory=list)
    account_id: str = ""

    def look(self) -> Found | None:
        """The servers; None where none can be looked for, with ``trouble``."""
        try:
            self.found = connecting.find(self.desk.runtime, self.wish)
        except KeepwarmError as wrong:
            self.trouble = self.desk.texts(str(wrong))
        else:
            if not self.found.any:
                self.trouble = self.desk.texts(connecting.NOWHERE)
        return self.found if self.found and not self.trouble and not self.found.foreign else None

    def checks(self) -> Iterator[Check]:
        """Each line of the check list as soon as it is known."""
        if self.found is not None:
            for each in connecting.check(self.desk.runtime, self.desk.owner.id, self.wish, self.found):
                self.lines.append(each)
                yield each

    def finish(self) -> bool:
        """Save the account if every line is green."""
        if self.found is None or not self.lines or not all(each.ok for each in self.lines):
            return False
        try:
            account = connecting.connect(self.desk.runtime, self.desk.owner.id, self.wish, self.found)
        except KeepwarmError as error:
            self.trouble = self.desk.texts(str(error))
            return False
        self.account_id = account.id
        for each in connecting.streams_of(self.desk.runtime, self.desk.owner.id, account.id):
            wake_stream(self.desk.runtime, each.stream.id)
        return True

    def filled(self) -> dict[str, str]:
        """The form as it should stand for the next try, with what was found."""
        servers: dict[str, Any] = dict(self.wish.servers)
        if self.found:
            servers |= {name: self.found.settings.get(name, "") for name in SERVERS}
        user = "" if self.wish.user == self.wish.address else self.wish.user
        return servers | {"address": self.wish.address, "user": user, "dav_user": self.wish.dav_user}

    def typed(self) -> str:
        """The passwords, so that only we can read them again, and only for this owner and a short while."""
        told = [self.desk.owner.id, self.wish.password, self.wish.dav_password]
        return _box().encrypt(json.dumps(told).encode()).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One stream in words. ``news``: how we hear of it, may be empty; ``next``: when we look again."""

    state: StreamState
    what: str
    when: str
    how: str
    news: str
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One account. ``label``: the provider it was allowed at; empty for one with a password.

    ``drafts``: whether texts can be put among its drafts; else ``no_drafts``, where that can be asked for.
    ``leaving``: what letting it go would do.
    ``ends``: when the permission ends by the provider's own word; empty for one that lasts.
    """

    account: Account
    label: str
    lines: Sequence[Line]
    purposes: Sequence[Purpose]
    revoked: bool
    drafts: bool
    no_drafts: Purpose | None
    leaving: str
    writes: bool
    ends: str


@pages.get("/accounts")
def overview() -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        held = [each for each in accounts.accounts(tx) if each.provider not in words.INNER]
        states = accounts.streams(tx)
        health = views.health(tx, desk.now)
        going = outbox.rows(tx, states=("unknown", "failed"), limit=AT_ONCE)
        why_not = again.why_not(tx, going, desk.now)
        aside = written.aside(desk.texts, duties.quarantined(tx))
    rows = [_row(desk, each, [state for state in states if state.stream.account_id == each.id]) for each in held]
    return leads_out(
        render_template(
            "accounts.html", rows=rows, health=health, going=going, aside=aside, entries=written.entries(desk),
            late=[each for each in health.duties if each.overdue], why_not=why_not, first_look=_first_look(states),
            devices="access.overview" in current_app.view_functions and not desk.owner.is_sample,
        )
    )  # fmt: skip


def _first_look(states: Sequence[StreamState]) -> bool:
    """Whether something is read for the first time just now; not where it waits for the owner, or for a next try."""
    return any(words.state(each) == "waiting" and each.provider not in words.INNER for each in states)


# --- what we wrote into calendars -----------------------------------------------------------------------------------


@pages.post("/accounts/calendar/<follow_up_id>/remove")
def remove_entry(follow_up_id: str) -> ResponseReturnValue:
    """One entry out of the calendar where it stands."""
    desk, _ = here(), here().texts
    try:
        with desk.writing() as tx:
            nextsteps.take_away(tx, follow_up_id, desk.now)
            done(tx, _("It leaves your calendar now, and will not come back before you two have been in touch again."))
    except NotPossible as problem:
        sorry(_(str(problem)))
    wake_outbox(desk.runtime, desk.owner.id)
    return to("accounts.overview", _anchor="written")


@pages.post("/accounts/calendar/remove")
def remove_entries() -> ResponseReturnValue:
    """Everything of ours out of every calendar, and none from now on where that is wished."""
    desk, _ = here(), here().texts
    if request.form.get("sure") != "yes":
        sorry(_("Tick the box to say that you mean it. Nothing was removed."))
        return to("accounts.overview", _anchor="written")
    with desk.writing() as tx:
        calendars = ["", *written.calendars(desk, tx)]
        nextsteps.take_all_away(tx, desk.now, calendars=calendars)
        if request.form.get("more") == "none":
            accounts.update_owner(tx, settings={"weekly_follow_ups": 0})
    wake_outbox(desk.runtime, desk.owner.id)
    if desk.owner.is_held(desk.now):
        say(_("It is noted. Because everything is held, it leaves your calendar as soon as you start again."))
    else:
        say(_("Everything that Keepwarm wrote leaves your calendar now. Nothing else there is touched."))
    return to("accounts.overview", _anchor="written")


# --- accounts -------------------------------------------------------------------------------------------------------


def _row(desk: Desk, account: Account, states: Sequence[StreamState]) -> Row:
    known, consents = desk.runtime.load(account.provider), account.provider in words.CONSENTING
    drafts = able(known, DraftWriter, account.settings)
    return Row(
        account=account,
        label=words.CONSENTING.get(account.provider, ""),
        lines=[_line(desk, account, each) for each in states],
        purposes=words.purposes(desk.texts, account),
        revoked=account.revoked_at is not None or any(each.revoked_at is not None for each in states),
        drafts=drafts,
        no_drafts=words.drafts(desk.texts, account) if consents and not drafts else None,
        leaving=words.leaving(desk.texts, account),
        writes=able(known, CalendarWriter, account.settings),
        ends=words.ends(desk.texts, account, desk.owner.zone),
    )


def _line(desk: Desk, account: Account, each: StreamState) -> Line:
    what, when, how = words.stream(desk.texts, each, desk.owner.zone, words.names(account))
    ahead = written.next_look(desk, each)
    return Line(state=each, what=what, when=when, how=how, news=words.news(desk.texts, each), next=ahead)


@pages.get("/accounts/connect")
def form() -> ResponseReturnValue:
    """What one can connect; with ``account`` the form of an account to reconnect."""
    desk = here()
    filled: dict[str, Any] = {"address": "" if desk.owner.email.endswith("@localhost") else desk.owner.email}
    if not request.args.get("account"):
        values = {"filled": filled, "attempt": None, "choices": choices(desk), "labels": words.CONSENTING}
        first = {each: words.wishes(desk.texts, each, words.FIRST) for each in words.CONSENTING}
        return leads_out(render_template("connect.html", purposes=first, **values))
    with desk.reading() as tx:
        account = accounts.account(tx, request.args["account"])
    if account.provider in words.CONSENTING:
        return to("accounts.overview")
    filled = {name: account.settings.get(name, "") for name in (*SERVERS, "address", "user", "dav_user")}
    return render_template("connect.html", filled=filled, attempt=None)


@pages.post("/accounts/connect")
def connect() -> ResponseReturnValue:
    """Find, test, save: the page grows line by line as the servers answer."""
    desk, _ = here(), here().texts
    told = {name: request.form.get(name, "").strip()[:LONGEST] for name in (*SERVERS, "address", "user", "dav_user")}
    password, dav_password = _passwords(desk)
    problem = ""
    if not is_email(told["address"]):
        problem = _("This does not look like an e-mail address.")
    elif not password:
        problem = _("Type the password too. It is only used to read and send for you, and kept sealed.")
    if problem:
        sorry(problem)
        return render_template("connect.html", filled=told, attempt=None, back=asked()), 400
    wish = Wish(
        address=told["address"].lower(), password=password, user=told["user"], dav_user=told["dav_user"],
        dav_password=dav_password, servers={name: told[name] for name in SERVERS if told[name]},
        without=frozenset(name for name in SERVERS if "typed" in request.form and not told[name]),
    )  # fmt: skip
    attempt = Attempt(desk=desk, wish=wish)
    go_on = onward_name(asked(), "accounts.overview")
    page = stream_template("connect.html", filled=told, attempt=attempt, back=asked(), go_on=go_on)
    return Response(page, headers={"X-Accel-Buffering": "no"})  # a proxy must not hold it back


def _passwords(desk: Desk) -> tuple[str, str]:
    """Those typed now, else those of the try before."""
    typed = (request.form.get("password", "")[:LONGEST], request.form.get("dav_password", "")[:LONGEST])
    if typed[0]:
        return typed
    try:
        told = json.loads(_box().decrypt(request.form.get("typed", "").encode(), ttl=TYPED))
    except (InvalidToken, UnicodeError):
        return typed
    return (told[1], typed[1] or told[2]) if told[0] == desk.owner.id else typed


def _box() -> Fernet:
    return Fernet(urlsafe_b64encode(runtime().key("connect")))


@pages.post("/accounts/<account_id>/look")
def look(account_id: str) -> ResponseReturnValue:
    desk = here()
    for stream_id in connecting.look_now(desk.runtime, desk.owner.id, account_id):
        wake_stream(desk.runtime, stream_id)
    say(desk.texts(words.ASKED))
    return to("accounts.overview")


@pages.get("/accounts/<account_id>/places")
def places(account_id: str) -> ResponseReturnValue:
    """Which folders, calendars and address books are read."""
    desk = here()
    with desk.reading() as tx:
        account = accounts.account(tx, account_id)
        read = {
            (each.stream.kind.value, each.stream.place_ref)
            for each in accounts.streams(tx)
            if each.stream.account_id == account_id
        }
    try:
        found = connecting.places(desk.runtime, desk.owner.id, account_id)
    except KeepwarmError as error:
        sorry(desk.texts(str(error)))
        return to("accounts.overview")
    own = account.provider not in words.CONSENTING  # there a calendar of our own can always be made
    values = {"places": found, "read": read, "choose_calendar": own, "named": partial(words.place, desk.texts)}
    return render_template("places.html", account=account, **values)


@pages.post("/accounts/<account_id>/places")
def choose(account_id: str) -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        accounts.account(tx, account_id)
    chosen = [(kind, ref) for kind, _, ref in (each.partition(" ") for each in request.form.getlist("place"))]
    try:
        connecting.choose(desk.runtime, desk.owner.id, account_id, chosen, calendar=request.form.get("calendar"))
    except KeepwarmError as error:
        sorry(desk.texts(str(error)))
        return to("accounts.overview")
    for each in connecting.streams_of(desk.runtime, desk.owner.id, account_id):
        wake_stream(desk.runtime, each.stream.id)
    say(desk.texts("Noted: this is what is read from now on."))
    return to("accounts.overview")


@pages.post("/accounts/<account_id>/drafts")
def drafts(account_id: str) -> ResponseReturnValue:
    """Whether texts may be put among the owner's drafts."""
    desk = here()
    with desk.writing() as tx:
        accounts.set_account(tx, account_id, drafts=request.form.get("drafts") == "yes")
    say(desk.texts("Noted."))
    return to("accounts.overview")


@pages.post("/accounts/<account_id>/disconnect")
def disconnect(account_id: str) -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        account = accounts.account(tx, account_id)
    remove = request.form.get("events") == "remove"
    says = connecting.disconnect(desk.runtime, desk.owner.id, account_id, remove_events=remove)
    if says:
        sorry(desk.texts(says))
    else:
        say(words.gone(desk.texts, account))
    return to("accounts.overview")
