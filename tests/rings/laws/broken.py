"""Defects of the engine, one law each, made at a seam. `test_breaking` shows that every one of them is found.

A defect names the story in which it shows; it never copies what the engine does.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest

from keepwarm.followups import events
from keepwarm.store import arrivals, follow_ups, items, mails, outbox, streams
from keepwarm.store.database import Tx
from keepwarm.types import Address, Mail
from tests.rings.laws import stories
from tests.rings.laws.stories import Story
from workers import deliver, nextsteps, sync
from workers.effects import mails as effects
from workers.runtime import Runtime

Break = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    name: str
    story: Story
    apply: Break


def _no_fence_in_the_outbox(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(outbox, "_held", lambda row: outbox.table.c.id == row.id)


def _no_fence_on_streams(patch: pytest.MonkeyPatch) -> None:
    real = streams._held

    def held(tx: Tx, lease: streams.Lease, **values: Any) -> None:
        newest = tx.connection.execute(
            streams.select(streams.table.c.fence).where(streams.table.c.id == lease.stream.id)
        ).scalar_one()
        real(tx, replace(lease, fence=newest), **(values | ({"fence": newest} if "fence" in values else {})))

    patch.setattr(streams, "_held", held)
    patch.setattr(items, "check_fence", lambda tx, lease: held(tx, lease, fence=lease.fence))


def _random_message_id(patch: pytest.MonkeyPatch) -> None:
    number = itertools.count()
    patch.setattr(Runtime, "message_id", lambda _self, _key: f"<{next(number)}@keepwarm.local>")


def _random_event_uid(patch: pytest.MonkeyPatch) -> None:
    number = itertools.count()
    patch.setattr(events, "uid_of", lambda key: f"{key}-{next(number)}@keepwarm")


def _random_outbox_key(patch: pytest.MonkeyPatch) -> None:
    real, number = outbox.put, itertools.count()

    def put(tx: Tx, intent: outbox.Intent, now: Any) -> bool:
        return real(tx, replace(intent, key=f"{intent.key}:{next(number)}"), now)

    patch.setattr(outbox, "put", put)


def _random_key_of_a_mail(patch: pytest.MonkeyPatch) -> None:
    real, number = mails.identity, itertools.count(1)

    def identity(owner_id: str, *parts: str) -> int:
        return next(number) if parts[0] == "message" else real(owner_id, *parts)

    patch.setattr(mails, "identity", identity)


def _sending_not_noted_before_the_call(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(outbox, "sending", lambda _tx, _row, _now: None)


def _outcome_noted_before_the_call(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(outbox, "sending", lambda tx, row, now: outbox.settle(tx, row, "sent", now))


def _outcome_never_noted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(outbox, "settle", lambda *_given, **_named: None)


def _sending_is_sent_again(patch: pytest.MonkeyPatch) -> None:
    again = deliver._later
    patch.setattr(
        deliver, "_settle_uncertain", lambda runtime, row: again(runtime, row, deliver.RETRYING, deliver.timedelta(0))
    )


def _deadline_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(deliver, "_too_late", lambda _row, _now: False)


def _stop_switch_ignored(patch: pytest.MonkeyPatch) -> None:
    real = deliver._hold_back
    patch.setattr(deliver, "_hold_back", lambda runtime, row, owner: real(runtime, row, replace(owner, held=False)))


def _world_not_read_again(patch: pytest.MonkeyPatch) -> None:
    """What was so when a talk was first looked at is taken for what is so."""
    real, seen = effects.brief_facts, dict[str, Any]()

    def facts(tx: Tx, owner: Any, event_id: str, now: Any) -> Any:
        return seen.setdefault(event_id, real(tx, owner, event_id, now))

    def prepared(*given: Any, **named: Any) -> bool:
        tx, intent, now = given
        if intent.kind in {"brief", "note"}:
            seen.setdefault(intent.subject_ref, real(tx, owner_of(tx), intent.subject_ref, now))
        return put(*given, **named)

    from keepwarm.store import accounts

    owner_of, put = accounts.owner, outbox.put
    patch.setattr(effects, "brief_facts", facts)
    patch.setattr(outbox, "put", prepared)


def _cursor_before_the_page(patch: pytest.MonkeyPatch) -> None:
    real = sync._keep

    def keep(runtime: Runtime, lease: Any, page: Any) -> int:
        with runtime.store.transaction(lease.stream.owner_id) as tx:
            streams.advance(tx, lease, page.cursor, runtime.now())
        return real(runtime, lease, page)

    patch.setattr(sync, "_keep", keep)


def _cursor_without_the_page(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(items, "keep_events", lambda _to, _events: arrivals.Stored(stored=0, ids=[]))


def _who_stays_away_comes_back(patch: pytest.MonkeyPatch) -> None:
    from keepwarm.store import detecting

    patch.setattr(detecting, "gone_keys", lambda *_given: frozenset())
    patch.setattr(items, "gone_keys", lambda *_given: frozenset())


def _never_is_followed_up(patch: pytest.MonkeyPatch) -> None:
    from keepwarm.store import outlook, world

    real, next_up = world.contacts, outlook.next_up

    def contacts(tx: Tx, *, states: Any, **named: Any) -> Any:
        found = real(tx, states=[*states, "never", "ignored"], **named)
        return [replace(row, state="active", private=False) for row in found] if "active" in states else found

    def everybody(tx: Tx, at_now: Any, existing: Any, due_of: Any) -> Any:
        return [*next_up(tx, at_now, existing, due_of), *due_of(contacts(tx, states=["active"], now=at_now.now))]

    patch.setattr(world, "contacts", contacts)
    patch.setattr(outlook, "next_up", everybody)


def _deletion_by_hand_ignored(patch: pytest.MonkeyPatch) -> None:
    """What the owner deleted is taken for something that we took away, and may be made again."""
    real = nextsteps.note_by_hand

    def note(tx: Tx, follow_up: Any, found: Any, now: datetime) -> bool:
        if found is None or found.deleted_by_user:
            follow_ups.change(tx, follow_up.id, state="removed")
            return True
        return real(tx, follow_up, found, now)

    patch.setattr(nextsteps, "note_by_hand", note)


def _move_by_hand_ignored(patch: pytest.MonkeyPatch) -> None:
    real = nextsteps.note_by_hand

    def note(tx: Tx, follow_up: Any, found: Any, now: datetime) -> bool:
        return bool(found is None or found.deleted_by_user) and real(tx, follow_up, found, now)

    patch.setattr(nextsteps, "note_by_hand", note)


def _mail_goes_to_a_guest(patch: pytest.MonkeyPatch) -> None:
    real = effects.brief_mail

    def mail(around: Any, talk: Any) -> Mail:
        return real(replace(around, to=Address(address=talk.people[0].addresses[0])), talk)

    patch.setattr(effects, "brief_mail", mail)


def _our_own_is_news(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(items, "_left_out", lambda _item, _away: "")


def _nobody_delivers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(outbox, "due", lambda *_given, **_named: [])


def _lease_without_end(patch: pytest.MonkeyPatch) -> None:
    real = outbox._claimable
    patch.setattr(outbox, "_claimable", lambda now: outbox.and_(real(now), outbox.table.c.lease_until.is_(None)))


DEFECTS = (
    Defect(
        name="no fence in the outbox",
        story=stories.its_worker_wakes_while_everything_is_stopped,
        apply=_no_fence_in_the_outbox,
    ),
    Defect(name="no fence on streams", story=stories.two_read_one_stream, apply=_no_fence_on_streams),
    Defect(name="random message id", story=stories.a_list_is_sent, apply=_random_message_id),
    Defect(name="random event uid", story=stories.an_answer_about_an_entry_gets_lost, apply=_random_event_uid),
    Defect(name="random outbox key", story=stories.a_list_is_sent, apply=_random_outbox_key),
    Defect(name="random key of a mail", story=stories.the_same_is_told_twice, apply=_random_key_of_a_mail),
    Defect(
        name="sending not noted before the call",
        story=stories.its_worker_dies_after_the_call,
        apply=_sending_not_noted_before_the_call,
    ),
    Defect(
        name="outcome noted before the call",
        story=stories.its_worker_dies_before_the_call,
        apply=_outcome_noted_before_the_call,
    ),
    Defect(name="outcome never noted", story=stories.a_list_is_sent, apply=_outcome_never_noted),
    Defect(name="sending is sent again", story=stories.its_worker_dies_after_the_call, apply=_sending_is_sent_again),
    Defect(name="deadline ignored", story=stories.nobody_worked_until_the_talk, apply=_deadline_ignored),
    Defect(name="stop switch ignored", story=stories.everything_is_stopped, apply=_stop_switch_ignored),
    Defect(name="world not read again", story=stories.the_talk_is_cancelled_late, apply=_world_not_read_again),
    Defect(
        name="cursor before the page",
        story=stories.a_reader_dies_with_a_page_in_its_hand,
        apply=_cursor_before_the_page,
    ),
    Defect(name="cursor without the page", story=stories.a_talk_is_moved, apply=_cursor_without_the_page),
    Defect(
        name="who stays away comes back",
        story=stories.somebody_erased_writes_again,
        apply=_who_stays_away_comes_back,
    ),
    Defect(name="never is followed up", story=stories.somebody_is_never_to_be_contacted, apply=_never_is_followed_up),
    Defect(name="deletion by hand ignored", story=stories.an_entry_is_deleted_by_hand, apply=_deletion_by_hand_ignored),
    Defect(name="move by hand ignored", story=stories.an_entry_is_moved_by_hand, apply=_move_by_hand_ignored),
    Defect(name="mail goes to a guest", story=stories.a_list_is_sent, apply=_mail_goes_to_a_guest),
    Defect(name="our own is news", story=stories.what_we_made_comes_back, apply=_our_own_is_news),
    Defect(name="nobody delivers", story=stories.a_list_is_sent, apply=_nobody_delivers),
    Defect(name="lease without end", story=stories.its_worker_dies_before_the_call, apply=_lease_without_end),
)
