"""Adapters with one defect each, made at a seam. `test_broken` shows that every one is found, and by whom.

A defect names the story in which it shows.
"""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from integrations.google import (
    answers,
    asevent,
    batch,
    contacts,
    events,
    gmail,
    listing,
    ourevent,
    ours,
    points,
    pubsub,
    push,
    sending,
)
from integrations.google import calls as asking
from integrations.google.calls import Calls, Reply
from integrations.wire import jwt
from keepwarm.errors import AccessRevoked
from tests.rings.google import stories
from tests.rings.google.stories import Story

Break = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    name: str
    story: Story
    apply: Break


def _asks_with_q(patch: pytest.MonkeyPatch) -> None:
    """What the scope forbids."""
    real = Calls.get

    def get(self: Calls, address: str, params: Any = (), **named: Any) -> Reply:
        more = [("q", "in:anywhere")] if address.endswith("/messages") else []
        return real(self, address, [*params, *more], **named)

    patch.setattr(Calls, "get", get)


def _asks_for_bodies(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(gmail, "QUERY", (("format", "full"), ("fields", "id,labelIds,internalDate,payload/headers")))


def _asks_for_everything(patch: pytest.MonkeyPatch) -> None:
    """A parameter that there is not."""
    patch.setitem(events._READING, "fetchAll", "true")


def _invites(patch: pytest.MonkeyPatch) -> None:
    real = ourevent.body_of
    patch.setattr(ours, "body_of", lambda event: real(event) | {"attendees": [{"email": "ann@example.com"}]})


def _shows_to_everybody(patch: pytest.MonkeyPatch) -> None:
    real = ourevent.body_of
    patch.setattr(ours, "body_of", lambda event: real(event) | {"visibility": "public"})


def _writes_into_the_owners_calendar(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ours.OurCalendar, "ensure_calendar", lambda _: "primary")


def _only_the_first_page_of_mails(patch: pytest.MonkeyPatch) -> None:
    real = listing._listed
    patch.setattr(listing, "_listed", lambda *given: replace(real(*given), following=""))


def _cursor_of_the_first_page(patch: pytest.MonkeyPatch) -> None:
    """The token of the last page is noted before its items are kept: by what the first page says is left."""

    def first(ask: Callable[[str], Any], at: str = "") -> Iterator[tuple[str, Any, str]]:
        pages = list(answers.paged(ask, at))
        token = pages[-1][1].get("nextSyncToken")
        yield pages[0][0], dict(pages[0][1]) | {"nextSyncToken": token}, ""

    for each in (events, contacts):
        patch.setattr(each, "paged", first)


def _dead_tokens_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(points.Point, "refused", lambda _self, _reply: False)


def _forgotten_history_ignored(patch: pytest.MonkeyPatch) -> None:
    real = Calls.get

    def get(self: Calls, address: str, params: Any = (), **named: Any) -> Reply:
        found = real(self, address, params, **named)
        return replace(found, status=200, told={"historyId": "9999"}) if found.status == 404 else found

    patch.setattr(Calls, "get", get)


def _random_event_ids(patch: pytest.MonkeyPatch) -> None:
    number = itertools.count(10_000)
    patch.setattr(ourevent, "id_of", lambda _uid: f"e{next(number)}")
    patch.setattr(ours, "id_of", ourevent.id_of)


def _deletions_forgotten(patch: pytest.MonkeyPatch) -> None:
    """A cancelled event is taken for one that we took away ourselves."""
    patch.setattr(ours, "removed_by_us", asevent.is_cancelled)


def _any_version_is_changed(patch: pytest.MonkeyPatch) -> None:
    """No If-Match, and no second look."""
    real = Calls.call
    patch.setattr(Calls, "call", lambda self, *given, **named: real(self, *given, **(named | {"etag": ""})))


def _refused_is_overwritten(patch: pytest.MonkeyPatch) -> None:
    """After a 412 it is written over whatever stands there then."""
    patch.setattr(ours, "_hours", lambda _held: None)


def _verified_address_forgotten(patch: pytest.MonkeyPatch) -> None:
    real = jwt.verify

    def verify(*given: Any, **named: Any) -> Mapping[str, Any]:
        return dict(real(*given, **named)) | {"email_verified": True}

    patch.setattr(push, "verify", verify)


def _any_audience(patch: pytest.MonkeyPatch) -> None:
    real = jwt.verify

    def verify(token: str, *given: Any, audience: str, **named: Any) -> Mapping[str, Any]:
        del audience
        part = token.split(".")[1]
        said = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))["aud"]
        return real(token, *given, audience=said, **named)

    patch.setattr(push, "verify", verify)


def _any_account_signs(patch: pytest.MonkeyPatch) -> None:
    """The audience alone is believed: anybody's project can have that signed."""
    real = jwt.verify

    def verify(*given: Any, **named: Any) -> Mapping[str, Any]:
        return dict(real(*given, **named)) | {"email": "push@keepwarm-test.iam.gserviceaccount.com"}

    patch.setattr(push, "verify", verify)


def _channel_tokens_unread(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(push, "compare_digest", lambda *_: True)


def _follows_the_push(patch: pytest.MonkeyPatch) -> None:
    """Reads on from the id of the history that a push names."""
    told = list[str]()
    real, real_page = pubsub.about, listing.page

    def about(message: Any) -> Any:
        data = message["data"]
        told.append(str(json.loads(base64.b64decode(data + "=" * (-len(data) % 4)))["historyId"]))
        return real(message)

    def page(calls: Calls, cursor: listing.Cursor) -> listing.Listed:
        ahead = cursor.way == "news" and told and int(told[-1]) > int(cursor.history)
        return real_page(calls, replace(cursor, history=told[-1]) if ahead else cursor)

    patch.setattr(pubsub, "about", about)
    patch.setattr(listing, "page", page)


def _too_fast_is_revoked(patch: pytest.MonkeyPatch) -> None:
    real = asking.refusal

    def refusal(reply: Reply, now: Any) -> Exception:
        return AccessRevoked("403") if reply.status == 403 else real(reply, now)

    for each in (asking, listing, events, contacts):
        patch.setattr(each, "refusal", refusal)


def _sent_again_on_500(patch: pytest.MonkeyPatch) -> None:
    real = sending._handed_over

    def handed_over(calls: Calls, data: bytes) -> Reply:
        try:
            return real(calls, data)
        except sending.OutcomeUnknownError:
            return real(calls, data)

    patch.setattr(sending, "_handed_over", handed_over)


def _sent_label_forgotten(patch: pytest.MonkeyPatch) -> None:
    from integrations.google import headers

    patch.setattr(headers, "labels_in", lambda labels: frozenset(labels or ()) - {"SENT"})


def _a_failed_part_is_passed_over(patch: pytest.MonkeyPatch) -> None:
    """What a batch does not answer is taken for gone."""
    patch.setattr(batch, "UNANSWERED", Reply(status=404, told={}))
    real = batch._parts
    patch.setattr(batch, "_parts", lambda reply: itertools.islice(real(reply), 1))


DEFECTS = (
    Defect(name="asks with q", story=stories.all_is_read, apply=_asks_with_q),
    Defect(name="asks for bodies", story=stories.all_is_read, apply=_asks_for_bodies),
    Defect(name="asks with what there is not", story=stories.all_is_read, apply=_asks_for_everything),
    Defect(name="only the first page of mails", story=stories.all_is_read, apply=_only_the_first_page_of_mails),
    Defect(name="cursor without the pages between", story=stories.all_is_read, apply=_cursor_of_the_first_page),
    Defect(name="sent label forgotten", story=stories.all_is_read, apply=_sent_label_forgotten),
    Defect(name="a failed part is passed over", story=stories.all_is_read, apply=_a_failed_part_is_passed_over),
    Defect(name="dead tokens ignored", story=stories.everything_is_forgotten, apply=_dead_tokens_ignored),
    Defect(name="forgotten history ignored", story=stories.everything_is_forgotten, apply=_forgotten_history_ignored),
    Defect(name="too fast is revoked", story=stories.google_asks_for_patience, apply=_too_fast_is_revoked),
    Defect(name="invites", story=stories.an_answer_about_an_event_gets_lost, apply=_invites),
    Defect(name="shows to everybody", story=stories.an_answer_about_an_event_gets_lost, apply=_shows_to_everybody),
    Defect(
        name="writes into the owner's calendar",
        story=stories.an_answer_about_an_event_gets_lost,
        apply=_writes_into_the_owners_calendar,
    ),
    Defect(name="random event ids", story=stories.an_answer_about_an_event_gets_lost, apply=_random_event_ids),
    Defect(name="deletions forgotten", story=stories.the_owner_deletes_it, apply=_deletions_forgotten),
    Defect(name="any version is changed", story=stories.the_owner_is_quicker, apply=_any_version_is_changed),
    Defect(name="refused is overwritten", story=stories.the_owner_is_quicker, apply=_refused_is_overwritten),
    Defect(name="sent again on 500", story=stories.an_answer_about_a_mail_gets_lost, apply=_sent_again_on_500),
    Defect(
        name="verified address forgotten", story=stories.somebody_else_sends_pushes, apply=_verified_address_forgotten
    ),
    Defect(name="any audience", story=stories.somebody_else_sends_pushes, apply=_any_audience),
    Defect(name="any account signs", story=stories.somebody_else_sends_pushes, apply=_any_account_signs),
    Defect(name="channel tokens unread", story=stories.somebody_else_sends_pushes, apply=_channel_tokens_unread),
    Defect(name="follows the push", story=stories.a_push_runs_ahead, apply=_follows_the_push),
)
