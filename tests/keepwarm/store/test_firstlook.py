"""The next meeting before anybody was chosen: with whom, its questions, and how taking them in makes it a talk."""

from __future__ import annotations

from datetime import datetime, timedelta

from keepwarm.questions import prepare
from keepwarm.store import Store, contacts, firstlook, views
from keepwarm.store.views import TalkRow
from tests import make

VERA, NOOR = "Vera Sluis <vera@sluis.example>", "Noor Jansen <noor@lantern.example>"


def test_a_stranger_and_a_known_person_can_be_prepared_for(store: Store, now: datetime) -> None:
    owner_id = make.owner(store)
    met = make.event([VERA, NOOR], start=now + timedelta(days=2))
    make.imported(
        store, owner_id, *make.both_ways(NOOR), met, make.event([NOOR], start=now - timedelta(days=9), uid="x")
    )
    with store.transaction(owner_id) as tx:
        contacts.detect(tx, now)
        meeting = firstlook.next_meeting(tx, now)
        assert meeting is not None
        assert sorted(meeting.names) == ["Noor Jansen", "Vera Sluis"]
        assert not meeting.taken
        assert len(prepare(firstlook.questions_for(tx, meeting, now)).shown) >= 4

        firstlook.take_in(tx, meeting, now)
        again = firstlook.meeting_of(tx, meeting.event.id, now)
        assert again is not None
        assert again.taken
        talk = views.talk(tx, meeting.event.id, now)
        assert isinstance(talk, TalkRow)
        assert len(talk.contacts) == 2
        assert {row.name for row in contacts.contacts(tx, states=["active"], now=now)} == {"Noor Jansen", "Vera Sluis"}


def test_somebody_left_out_is_not_prepared_for(store: Store, now: datetime) -> None:
    owner_id = make.owner(store)
    make.imported(store, owner_id, *make.both_ways(NOOR), make.event([NOOR], start=now + timedelta(days=2)))
    with store.transaction(owner_id) as tx:
        contacts.detect(tx, now)
        assert firstlook.next_meeting(tx, now) is not None
        contacts.ignore(tx, [row.id for row in contacts.contacts(tx, states=["proposed"], now=now)], now)
        assert firstlook.next_meeting(tx, now) is None
        assert not firstlook.being_read(tx)
