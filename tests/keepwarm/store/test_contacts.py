"""Who is proposed, what the owner says about them, and that it can all be taken back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from keepwarm.errors import NotFound, NotPossible
from keepwarm.store import Store, accounts, changes, contacts
from tests import make

ANN = "Ann Example <ann@example.com>"
BEN = "Ben Sample <ben@example.net>"


@pytest.fixture
def me(store: Store) -> str:
    return make.owner(store)


def detected(store: Store, me: str, now: datetime) -> contacts.Detected:
    with store.transaction(me) as tx:
        return contacts.detect(tx, now)


def people(store: Store, me: str, now: datetime, **options: object) -> list[contacts.ContactRow]:
    with store.reading(me) as tx:
        return contacts.contacts(tx, states=options.pop("states", None), now=now, **options)  # type: ignore[arg-type]


def test_two_way_contact_is_proposed_with_its_counts(store: Store, me: str, now: datetime) -> None:
    make.imported(store, me, *make.both_ways(ANN), make.message(BEN, make.OWNER))
    assert detected(store, me, now) == contacts.Detected(proposed=1, attached=0, likely=0)
    [ann] = people(store, me, now)
    assert (ann.name, ann.addresses, ann.state) == ("Ann Example", ["ann@example.com"], "proposed")
    assert (ann.sent, ann.received, ann.meetings, ann.circle) == (1, 1, 0, "lukewarm")
    assert ann.last_at == make.NOW - timedelta(days=30) + timedelta(hours=1)


def test_detecting_again_changes_nothing(store: Store, me: str, now: datetime) -> None:
    make.imported(store, me, *make.both_ways(ANN), make.card("Ann Example", "ann@example.com"))
    detected(store, me, now)
    before = people(store, me, now)
    assert detected(store, me, now) == contacts.Detected(proposed=0, attached=0, likely=0)
    assert people(store, me, now) == before


def test_a_meeting_ahead_is_no_touch_yet(store: Store, me: str, now: datetime) -> None:
    make.imported(store, me, make.event([ANN], start=now + timedelta(days=1)))
    assert detected(store, me, now).proposed == 0
    assert detected(store, me, now + timedelta(days=2)).proposed == 1


def test_who_brought_them_in_is_told(store: Store, me: str, now: datetime) -> None:
    early = now - timedelta(days=90)
    make.imported(store, me, make.message(BEN, [make.OWNER, ANN], at=early), *make.both_ways(ANN), *make.both_ways(BEN))
    detected(store, me, now)
    ann = next(each for each in people(store, me, now) if each.name == "Ann Example")
    assert ann.brought_by == "Ben Sample"
    assert ann.brought_by_contact is not None


def test_one_owner_sees_nothing_of_another(store: Store, me: str, now: datetime) -> None:
    other = make.owner(store, "other@example.com")
    make.imported(store, me, *make.both_ways(ANN))
    detected(store, me, now)
    assert people(store, other, now) == []
    [ann] = people(store, me, now)
    with pytest.raises(NotFound), store.transaction(other) as tx:
        contacts.accept(tx, [ann.id], now=now)


def test_own_addresses_are_inferred_from_sent_mail(store: Store, now: datetime) -> None:
    me = make.owner(store, own=[])
    sent = [
        make.message("Me <me@example.org>", ANN, at=now - timedelta(days=n), marks=make.MailMark.SENT) for n in range(5)
    ]
    make.imported(store, me, *sent, make.message(ANN, "me@example.org"))
    assert detected(store, me, now).proposed == 1
    with store.reading(me) as tx:
        assert [(each.address, each.origin) for each in accounts.own_addresses(tx)] == [("me@example.org", "inferred")]
    assert [each.name for each in people(store, me, now)] == ["Ann Example"]


@pytest.mark.parametrize(
    ("act", "state"),
    [(contacts.accept, "active"), (contacts.ignore, "ignored"), (contacts.never, "never")],
)
def test_a_judgement_is_taken_back(store: Store, me: str, now: datetime, act: object, state: str) -> None:
    make.imported(store, me, *make.both_ways(ANN))
    detected(store, me, now)
    [before] = people(store, me, now)
    with store.transaction(me) as tx:
        assert act(tx, [before.id], now=now) == 1  # type: ignore[operator]
    assert [each.state for each in people(store, me, now)] == [state]
    with store.transaction(me) as tx:
        assert changes.undo(tx, now).label == "Ann Example"
    assert people(store, me, now) == [before]


def test_accepting_all_takes_every_proposal(store: Store, me: str, now: datetime) -> None:
    make.imported(store, me, *make.both_ways(ANN), *make.both_ways(BEN))
    detected(store, me, now)
    with store.transaction(me) as tx:
        assert contacts.accept(tx, None, private=True, circle="warm", now=now) == 2
    assert {(each.state, each.private, each.circle) for each in people(store, me, now)} == {("active", True, "warm")}


def test_never_people_stay_away_and_can_be_let_in_again(store: Store, me: str, now: datetime) -> None:
    make.imported(store, me, *make.both_ways(ANN))
    detected(store, me, now)
    [ann] = people(store, me, now)
    with store.transaction(me) as tx:
        contacts.never(tx, [ann.id], now)
    make.imported(store, me, make.card("Ann Example", "ann@example.com"), path="book.vcf")
    assert detected(store, me, now).proposed == 0
    with store.transaction(me) as tx:
        contacts.accept(tx, [ann.id], now=now)
    assert [each.state for each in people(store, me, now)] == ["active"]


def test_erased_people_leave_no_trace_and_do_not_return(store: Store, me: str, now: datetime) -> None:
    found = [
        *make.both_ways(ANN),
        make.card("Ann Example", "ann@example.com"),
        make.event([ANN], start=now - timedelta(days=2)),
        make.card("Ann Example", "ann@example.com", ref="noted", source="google_other"),
    ]
    make.imported(store, me, *found)
    detected(store, me, now)
    [ann] = people(store, me, now)
    with store.transaction(me) as tx:
        contacts.accept(tx, [ann.id], now=now)
        contacts.edit(tx, ann.id, now, name="Ann Example-Jones")
        contacts.erase(tx, ann.id, now)
    make.imported(store, me, *found, make.message(ANN, make.OWNER), path="again.mbox")
    assert detected(store, me, now).proposed == 0
    assert people(store, me, now) == []
    text = everything(store)
    assert "Ann Example" not in text
    assert "ann@example.com" not in text


def test_erased_people_without_an_address_do_not_return(store: Store, me: str, now: datetime) -> None:
    card = make.card("Ann Example", source="linkedin", organisation="Sample Ltd")
    make.imported(store, me, card)
    detected(store, me, now)
    [ann] = people(store, me, now)
    with store.transaction(me) as tx:
        contacts.erase(tx, ann.id, now)
    make.imported(store, me, card, path="again.csv")
    assert detected(store, me, now).proposed == 0
    assert "Ann Example" not in everything(store)


def test_joining_moves_all_and_is_taken_back(store: Store, me: str, now: datetime) -> None:
    make.imported(store, me, *make.both_ways(ANN), *make.both_ways("Ann Example <ann@example.net>"))
    assert detected(store, me, now).likely == 1
    before = people(store, me, now)
    with store.transaction(me) as tx:
        [question] = contacts.suggestions(tx, now)
        contacts.join(tx, question.a.id, question.b.id, now)
    [one] = people(store, me, now)
    assert (one.sent, one.received, sorted(one.addresses)) == (2, 2, ["ann@example.com", "ann@example.net"])
    with store.reading(me) as tx:
        assert contacts.suggestions(tx, now) == []
    with store.transaction(me) as tx:
        changes.undo(tx, now)
        assert len(contacts.suggestions(tx, now)) == 1
    assert people(store, me, now) == before


def test_a_declined_suggestion_is_not_made_again(store: Store, me: str, now: datetime) -> None:
    make.imported(store, me, *make.both_ways(ANN), *make.both_ways("Ann Example <ann@example.net>"))
    detected(store, me, now)
    with store.transaction(me) as tx:
        [question] = contacts.suggestions(tx, now)
        contacts.decline_suggestion(tx, question.id, now)
    assert detected(store, me, now).likely == 0
    with store.reading(me) as tx:
        assert contacts.suggestions(tx, now) == []


def test_edited_fields_are_the_owners(store: Store, me: str, now: datetime) -> None:
    make.imported(store, me, *make.both_ways(ANN))
    detected(store, me, now)
    [ann] = people(store, me, now)
    with store.transaction(me) as tx:
        contacts.edit(tx, ann.id, now, organisation="", origins=["friends"], rhythm_days=30)
    make.imported(store, me, make.card("Ann Example", "ann@example.com", organisation="Sample Ltd"), path="b.vcf")
    detected(store, me, now)
    [ann] = people(store, me, now)
    assert (ann.organisation, ann.origins, ann.rhythm_days) == ("", ["friends"], 30)


def test_adding_somebody_refuses_a_taken_address(store: Store, me: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        added = contacts.add_contact(tx, name="Cas Invented", address="Cas@Example.com", now=now)
    assert [(each.id, each.addresses, each.state) for each in people(store, me, now)] == [
        (added, ["cas@example.com"], "active")
    ]
    for address in ("cas@example.com", make.OWNER):
        with pytest.raises(NotPossible), store.transaction(me) as tx:
            contacts.add_contact(tx, name="Other", address=address, now=now)
    assert len(people(store, me, now)) == 1
    with store.transaction(me) as tx:
        changes.undo(tx, now)
    assert people(store, me, now) == []


def test_search_finds_by_name_organisation_and_address(store: Store, me: str, now: datetime) -> None:
    make.imported(store, me, *make.both_ways(ANN), *make.both_ways(BEN))
    detected(store, me, now)
    assert [each.name for each in people(store, me, now, search="BEN@")] == ["Ben Sample"]
    assert [each.name for each in people(store, me, now, search="ann ex")] == ["Ann Example"]
    assert people(store, me, now, search="100%") == []


def test_proposals_come_strongest_first_others_by_name(store: Store, me: str, now: datetime) -> None:
    more = make.both_ways(BEN, at=now - timedelta(days=60))
    make.imported(store, me, *make.both_ways(ANN), *make.both_ways(BEN), *more)
    detected(store, me, now)
    assert [each.name for each in people(store, me, now)] == ["Ben Sample", "Ann Example"]
    assert [each.name for each in people(store, me, now, limit=1, offset=1)] == ["Ann Example"]
    with store.transaction(me) as tx:
        contacts.accept(tx, None, now=now)
    assert [each.name for each in people(store, me, now)] == ["Ann Example", "Ben Sample"]


def test_timeline_is_newest_first_without_the_future(store: Store, me: str, now: datetime) -> None:
    talk = make.event([ANN], start=now - timedelta(days=2), title="Coffee")
    ahead = make.event([ANN], start=now + timedelta(days=2), uid="ahead@example.org")
    make.imported(store, me, *make.both_ways(ANN), talk, ahead)
    detected(store, me, now)
    [ann] = people(store, me, now)
    with store.reading(me) as tx:
        happened = contacts.timeline(tx, ann.id, now)
    assert [(each.kind, each.title) for each in happened] == [("meeting", "Coffee"), ("received", None), ("sent", None)]


def test_nothing_to_undo_is_said_in_words(store: Store, me: str, now: datetime) -> None:
    with pytest.raises(NotPossible, match="nothing"), store.transaction(me) as tx:
        changes.undo(tx, now)


def everything(store: Store) -> str:
    """All rows of all tables as text."""
    from keepwarm.store.tables import metadata

    with store.engine.connect() as connection:
        return repr([connection.execute(table.select()).all() for table in metadata.sorted_tables])


def test_a_look_is_skipped_until_there_is_news(store: Store, me: str, now: datetime) -> None:
    def news(at: datetime = now) -> bool:
        with store.reading(me) as tx:
            return contacts.has_news(tx, at)

    def look(at: datetime = now) -> None:
        with store.transaction(me) as tx:
            contacts.detect(tx, at)

    assert news()
    make.imported(store, me, *make.both_ways(ANN))
    look()
    assert not news()
    make.imported(store, me, *make.both_ways(ANN))  # the same mails again
    assert not news()
    make.imported(store, me, make.event([ANN], start=now + timedelta(days=3)))
    assert news()
    look()
    assert not news(now + timedelta(days=2))
    assert news(now + timedelta(days=4))  # the meeting has taken place
    with store.transaction(me) as tx:
        found = contacts.contacts(tx, states=["proposed"], now=now)
        contacts.ignore(tx, [each.id for each in found], now)
    assert news()
