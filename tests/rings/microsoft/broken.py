"""Adapters with one defect each, made at a seam. `test_broken` shows that every one is found, and by whom.

A defect names the story in which it shows.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from integrations.microsoft import calls as asking
from integrations.microsoft import folders, mail, notices, ourevent, ours, rounds, sending
from integrations.microsoft.asmail import SELECT
from integrations.microsoft.calls import Calls, Reply
from integrations.wire import outcome
from keepwarm.errors import AccessRevoked
from tests.rings.microsoft import stories
from tests.rings.microsoft.stories import Story

Break = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    name: str
    story: Story
    apply: Break


def _asks_for_subjects(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rounds, "SELECT", (*SELECT, "subject"))


def _asks_for_bodies(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rounds, "SELECT", (*SELECT, "bodyPreview"))


def _mutable_ids(patch: pytest.MonkeyPatch) -> None:
    """No wish for immutable ones."""
    patch.setattr(asking, "IMMUTABLE", 'outlook.body-content-type="text"')


def _link_of_the_first_page(patch: pytest.MonkeyPatch) -> None:
    """The round's link is noted with its first page: what the other pages hold is never read."""
    real = rounds.asked

    def asked(calls: Calls, folder: str, cursor: rounds.Cursor) -> rounds.Listed:
        first = found = real(calls, folder, cursor)
        while not found.ends:
            found = real(calls, folder, replace(cursor, link=found.link))
        return replace(first, link=found.link, ends=True)

    patch.setattr(mail, "asked", asked)


def _lost_links_ignored(patch: pytest.MonkeyPatch) -> None:
    """410 is taken for: nothing new."""
    real = Calls.call

    def call(self: Calls, method: str, path: str, *given: Any, **named: Any) -> Reply:
        found = real(self, method, path, *given, **named)
        if found.status != 410:
            return found
        return replace(found, status=200, code="", told={"value": [], "@odata.deltaLink": path})

    patch.setattr(Calls, "call", call)


def _no_transaction(patch: pytest.MonkeyPatch) -> None:
    """Another at each try, and no look before."""
    number = itertools.count(10_000)
    patch.setattr(ours, "transaction_of", lambda *_: f"another {next(number)}")
    patch.setattr(ours.OurCalendar, "_held", lambda *_: None)


def _deletions_forgotten(patch: pytest.MonkeyPatch) -> None:
    """A transaction that is known and stands nowhere is written as another."""
    number = itertools.count(10_000)
    patch.setattr(ours, "transaction_of", lambda *_: f"another {next(number)}")


def _invites(patch: pytest.MonkeyPatch) -> None:
    real, guest = ourevent.body_of, {"emailAddress": {"address": "ann@example.com"}, "type": "required"}
    patch.setattr(ours, "body_of", lambda event: real(event) | {"attendees": [guest]})


def _shows_to_everybody(patch: pytest.MonkeyPatch) -> None:
    real = ourevent.body_of
    patch.setattr(ours, "body_of", lambda event: real(event) | {"sensitivity": "normal", "showAs": "busy"})


def _writes_into_the_owners_calendar(patch: pytest.MonkeyPatch) -> None:
    def main(self: ours.OurCalendar) -> str:
        return str(self._calls.get("/me/calendar", (("$select", "id"),)).told["id"])

    patch.setattr(ours.OurCalendar, "ensure_calendar", main)


def _any_version_is_changed(patch: pytest.MonkeyPatch) -> None:
    """No If-Match."""
    real = Calls.call
    patch.setattr(Calls, "call", lambda self, *given, **named: real(self, *given, **(named | {"etag": ""})))


def _any_state(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(notices, "compare_digest", lambda *_: True)


def _lifecycle_unheard(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(notices, "LIFECYCLE", dict[str, str]())


def _no_lifecycle_address(patch: pytest.MonkeyPatch) -> None:
    real = Calls.call

    def call(self: Calls, *given: Any, body: Any = None, **named: Any) -> Reply:
        kept = {name: part for name, part in body.items() if name != "lifecycleNotificationUrl"} if body else body
        return real(self, *given, body=kept, **named)

    patch.setattr(Calls, "call", call)


def _sent_again_on_504(patch: pytest.MonkeyPatch) -> None:
    real = outcome.handed_over

    def handed_over(post: Callable[[], Any]) -> Any:
        try:
            return real(post)
        except sending.OutcomeUnknownError:
            return real(post)

    patch.setattr(outcome, "handed_over", handed_over)


def _sent_folder_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(folders, "is_sent", lambda *_: False)


def _too_fast_is_revoked(patch: pytest.MonkeyPatch) -> None:
    real = asking.refusal

    def refusal(reply: Reply, now: Any) -> Exception:
        return AccessRevoked("429") if reply.status == 429 else real(reply, now)

    patch.setattr(asking, "refusal", refusal)


def _of(story: Story, *defects: Break) -> tuple[Defect, ...]:
    return tuple(Defect(name=each.__name__.strip("_").replace("_", " "), story=story, apply=each) for each in defects)


DEFECTS = (
    *_of(
        stories.all_is_read, _asks_for_subjects, _asks_for_bodies, _mutable_ids, _link_of_the_first_page,
        _sent_folder_forgotten,
    ),
    *_of(stories.everything_is_forgotten, _lost_links_ignored),
    *_of(stories.outlook_asks_for_patience, _too_fast_is_revoked),
    *_of(
        stories.an_answer_about_an_event_gets_lost, _no_transaction, _invites, _shows_to_everybody,
        _writes_into_the_owners_calendar,
    ),
    *_of(stories.an_answer_about_a_mail_gets_lost, _sent_again_on_504),
    *_of(stories.the_owner_is_quicker, _any_version_is_changed),
    *_of(stories.the_owner_deletes_it, _deletions_forgotten),
    *_of(stories.somebody_else_sends_notices, _any_state),
    *_of(stories.orders_end, _lifecycle_unheard, _no_lifecycle_address),
)  # fmt: skip
