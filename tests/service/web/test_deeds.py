"""What the forms do: files in, people judged and joined, contacts edited, talks settled, settings kept, and undo."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from keepwarm.followups import uid_of
from keepwarm.store import accounts, changes, contacts, follow_ups, notes, outbox, plans
from keepwarm.store.contacts import ContactRow
from service.letters import ALLOWED
from tests.service.web import world
from tests.service.web.conftest import Browser
from workers import tasks
from workers.runtime import Runtime


def rows(runtime: Runtime, owner_id: str, *states: str) -> list[ContactRow]:
    with runtime.store.reading(owner_id) as tx:
        return contacts.contacts(tx, states=states or None, now=runtime.now())


def named(runtime: Runtime, owner_id: str, name: str) -> ContactRow:
    return next(row for row in rows(runtime, owner_id) if row.name == name)


# --- files -----------------------------------------------------------------------------------------------------------


def send(owner: Browser, *files: tuple[bytes, str]) -> object:
    return owner.post(
        "/files",
        {"files": [(io.BytesIO(body), name) for body, name in files]},
        on="/files",
        content_type="multipart/form-data",
    )


def test_uploaded_files_lie_in_the_owners_folder_and_wait_to_be_read(
    owner: Browser, here: world.World, runtime: Runtime
) -> None:
    answer = send(owner, (b"From x\n\n", "Sent.mbox"), (b"BEGIN:VCARD", "../../etc/Sent.mbox"))
    assert answer.status_code == 303  # type: ignore[attr-defined]  # werkzeug's answer
    with runtime.store.reading(here.owner_id) as tx:
        (batch,) = [each for each in accounts.batches(tx) if each.uploaded]
        stale = [state for state in accounts.streams(tx) if state.stream.id == batch.stream_id and state.stale_since]
    folder = world.upload_folder(runtime.home, here.owner_id)
    paths = [Path(each) for each in batch.paths]
    assert stale
    assert [path.read_bytes() for path in paths] == [b"From x\n\n", b"BEGIN:VCARD"]
    assert all(path.is_relative_to(folder) and ".." not in path.parts for path in paths)
    assert {oct(path.stat().st_mode & 0o777) for path in paths} == {"0o600"}
    assert not list(folder.glob("part-*"))
    assert "progress" in owner.get(f"/files/{batch.id}").text


# Below 500 kB, where the test client begins to use a file of its own and leaves it open.
@pytest.mark.parametrize("size", [66_000, 130_000, 400_000])
def test_a_file_of_any_size_arrives_whole(owner: Browser, here: world.World, runtime: Runtime, size: int) -> None:
    line = b"X-Filler: " + b"y" * 60 + b"\r\n"
    content = (line * (size // len(line) + 1))[:size]
    answer = send(owner, (content, "Sent.mbox"))
    assert answer.status_code == 303  # type: ignore[attr-defined]  # werkzeug's answer
    (kept,) = world.upload_folder(runtime.home, here.owner_id).glob("*/Sent.mbox")
    assert kept.read_bytes() == content


def test_an_upload_without_files_says_so_and_leaves_nothing(
    owner: Browser, here: world.World, runtime: Runtime
) -> None:
    answer = owner.post("/files", {}, on="/files", content_type="multipart/form-data", follow_redirects=True)
    assert "No file came along" in answer.text
    assert not list(world.upload_folder(runtime.home, here.owner_id).glob("**/part-*"))


def test_a_strangers_upload_is_not_even_read(stranger: Browser, here: world.World, runtime: Runtime) -> None:
    data = {"files": (io.BytesIO(b"x" * 100_000), "x.mbox")}
    assert stranger.client.post("/files", data=data, content_type="multipart/form-data").status_code == 303
    assert not world.upload_folder(runtime.home, here.owner_id).exists()


def test_an_upload_without_a_token_leaves_nothing_behind(owner: Browser, here: world.World, runtime: Runtime) -> None:
    data = {"files": (io.BytesIO(b"x" * 100_000), "x.mbox")}
    assert owner.client.post("/files", data=data, content_type="multipart/form-data").status_code == 400
    assert not list(world.upload_folder(runtime.home, here.owner_id).glob("*"))


def test_the_counts_of_an_import_add_up_on_the_page(owner: Browser, here: world.World) -> None:
    text = owner.get(f"/files/{here.batch_id}").text
    cells = [int(found) for found in re.findall(r'<td class="n"[^>]*>(\d+)</td>', text)]
    assert cells[0] == sum(cells[1:])
    assert cells[3:] == [2, 1]
    assert "2 still a draft" in text
    assert "The item breaks off in the middle." in text


def test_an_import_can_be_taken_back(owner: Browser, here: world.World, runtime: Runtime) -> None:
    assert "Taken back" in owner.post(f"/files/{here.batch_id}/undo", follow_redirects=True).text
    assert rows(runtime, here.owner_id, "proposed") == []


def test_own_addresses_are_shown_and_corrected(owner: Browser, here: world.World, runtime: Runtime) -> None:
    owner.post("/files/own", {"address": "Sam.Old@example.net", "own": "yes"})
    assert "sam.old@example.net" in owner.get("/files").text
    owner.post("/files/own", {"address": "sam.old@example.net", "own": "no"})
    with runtime.store.reading(here.owner_id) as tx:
        assert {each.address: each.own for each in accounts.own_addresses(tx)} == {
            world.OWNER: True,
            "sam.old@example.net": False,
        }
    assert owner.post("/files/own", {"address": "stranger@example.net", "own": "no"}).status_code == 404


def test_an_address_that_an_account_named_says_so(owner: Browser, here: world.World, runtime: Runtime) -> None:
    with runtime.store.transaction(here.owner_id) as tx:
        accounts.learn_own_addresses(tx, ["sam.alias@example.net"], runtime.now())
    page = owner.get("/files").text
    assert "told by an account of yours" in page[page.index("sam.alias@example.net") :][:400]


# --- judging ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "state", "private"),
    [
        ("network", "active", False),
        ("private", "active", True),
        ("ignore", "ignored", False),
        ("never", "never", False),
    ],
)
def test_each_judgement_and_its_undo(
    owner: Browser, here: world.World, runtime: Runtime, action: str, state: str, private: bool
) -> None:
    daniel = named(runtime, here.owner_id, "Daniel Okafor")
    page = owner.post("/judge", {"id": daniel.id, "action": action, "circle": "lukewarm"}, follow_redirects=True).text
    after = named(runtime, here.owner_id, "Daniel Okafor")
    assert (after.state, after.private) == (state, private)
    change = re.search(r'name="change" value="(\d+)"', page)
    assert change, "every judgement shows an undo button"
    assert 'name="back" value="judge.people"' in page
    undone = owner.post("/undo", {"change": change[1], "back": "judge.people"})
    assert undone.location == "/judge", "the one after it is judged on the same page"
    assert "Taken back" in owner.get("/judge").text
    assert named(runtime, here.owner_id, "Daniel Okafor") == daniel


def test_many_at_once_keep_their_own_circles(owner: Browser, here: world.World, runtime: Runtime) -> None:
    before = {row.id: row.circle for row in rows(runtime, here.owner_id, "proposed")}
    owner.post("/judge", {"id": list(before), "action": "network", "circle": "cold"})
    assert rows(runtime, here.owner_id, "proposed") == []
    assert {row.id: row.circle for row in rows(runtime, here.owner_id, "active") if row.id in before} == before


def test_the_chosen_circle_is_the_owners_word(owner: Browser, here: world.World, runtime: Runtime) -> None:
    daniel = named(runtime, here.owner_id, "Daniel Okafor")
    owner.post("/judge", {"id": daniel.id, "action": "network", "circle": "cold"})
    after = named(runtime, here.owner_id, "Daniel Okafor")
    assert (after.circle, after.circle_by_owner) == ("cold", True)


def test_nobody_chosen_changes_nothing(owner: Browser, here: world.World, runtime: Runtime) -> None:
    for data in ({"action": "network"}, {"id": "", "action": "never"}, {"id": "x", "action": "explode"}):
        assert "Nobody was chosen" in owner.post("/judge", data, follow_redirects=True).text
    assert len(rows(runtime, here.owner_id, "active")) == len(world.ACCEPTED)


def test_two_that_are_one_are_joined_and_parted_again(owner: Browser, here: world.World, runtime: Runtime) -> None:
    pair = re.search(r'name="pair" value="(\w+)"', owner.get("/twice").text)
    assert pair
    page = owner.post("/judge/alike", {"pair": pair[1], "action": "join"}, follow_redirects=True).text
    assert "Joined" in page
    assert len(named(runtime, here.owner_id, "Lotte Vermeer").addresses) == 2
    owner.post("/undo")
    assert sum(row.name == "Lotte Vermeer" for row in rows(runtime, here.owner_id)) == 2


def test_two_that_are_not_one_are_not_asked_again(owner: Browser) -> None:
    pair = re.search(r'name="pair" value="(\w+)"', owner.get("/twice").text)
    assert pair
    owner.post("/judge/alike", {"pair": pair[1], "action": "apart"})
    assert f'value="{pair[1]}"' not in owner.get("/twice").text
    assert (
        "settled already" in owner.post("/judge/alike", {"pair": pair[1], "action": "join"}, follow_redirects=True).text
    )


# --- contacts --------------------------------------------------------------------------------------------------------

EDIT = {"name": "Noor W.", "organisation": "Museum", "role": "Director", "circle": "lukewarm", "rhythm_days": "30",
        "paused_until": "2027-01-05", "register": "formal", "close": "yes", "origins": ["friends", "mail"]}  # fmt: skip


def test_what_the_owner_says_of_a_contact_is_kept(owner: Browser, here: world.World, runtime: Runtime) -> None:
    noor = here.ids["Noor Willemse"]
    owner.post(f"/contacts/{noor}/edit", dict(EDIT))
    row = named(runtime, here.owner_id, "Noor W.")
    assert (row.organisation, row.role, row.circle, row.rhythm_days) == ("Museum", "Director", "lukewarm", 30)
    assert (row.paused_until, row.register, row.close, row.private) == (date(2027, 1, 5), "formal", True, False)
    assert row.origins == ["friends", "mail"]
    owner.post("/undo")
    assert named(runtime, here.owner_id, "Noor Willemse").circle == "warm"


def test_a_form_saved_unchanged_changes_nothing(owner: Browser, here: world.World, runtime: Runtime) -> None:
    noor = named(runtime, here.owner_id, "Noor Willemse")
    with runtime.store.reading(here.owner_id) as tx:
        before = changes.latest(tx)
    same: dict[str, object] = {
        "name": noor.name,
        "organisation": noor.organisation,
        "role": noor.role,
        "circle": noor.circle,
        "origins": noor.origins,
    }
    owner.post(f"/contacts/{noor.id}/edit", same)
    with runtime.store.reading(here.owner_id) as tx:
        assert changes.latest(tx) == before


@pytest.mark.parametrize(
    "odd",
    [{"rhythm_days": "x"}, {"rhythm_days": "-3"}, {"paused_until": "soon"}, {"register": "rude"}, {"circle": "hot"}],
)
def test_odd_values_are_left_out(owner: Browser, here: world.World, runtime: Runtime, odd: dict[str, object]) -> None:
    noor = here.ids["Noor Willemse"]
    assert owner.post(f"/contacts/{noor}/edit", {"name": "Noor Willemse", "circle": "warm", **odd}).status_code == 303
    row = named(runtime, here.owner_id, "Noor Willemse")
    assert (row.rhythm_days, row.paused_until, row.register, row.circle) == (None, None, None, "warm")


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        ({"rhythm_days": "00009999999"}, "is not a number from 0 to 3650."), ({"rhythm_days": "soon"}, "“soon” is not"),
        ({"paused_until": "2999-01-01"}, "“2999-01-01” is no day from 1900 to 2200"),
        ({"paused_until": "9999-12-31", "rhythm_days": "-1"}, "this stays as it was."),
    ],
)  # fmt: skip
def test_what_is_out_of_bounds_stays_as_it_was_and_is_told(
    owner: Browser, here: world.World, runtime: Runtime, odd: dict[str, object], told: str
) -> None:
    noor = here.ids["Noor Willemse"]
    owner.post(f"/contacts/{noor}/edit", dict(EDIT))
    page = owner.post(f"/contacts/{noor}/edit", {**EDIT, "role": "Chair", **odd}, follow_redirects=True).text
    assert told in page
    row = named(runtime, here.owner_id, "Noor W.")
    assert (row.role, row.rhythm_days, row.paused_until) == ("Chair", 30, date(2027, 1, 5))
    for path in ("/contacts", "/coming", "/calendar", "/pictures", "/first/rhythm"):
        assert owner.get(path).status_code == 200


def test_a_promise_for_a_day_out_of_bounds_is_kept_without_it(
    owner: Browser, here: world.World, runtime: Runtime
) -> None:
    emre = here.ids["Emre Yıldız"]
    form = {"mine": "send the map", "mine_on": "9999-12-31"}
    assert (
        "What you wrote was kept without it." in owner.post(f"/contacts/{emre}/note", form, follow_redirects=True).text
    )
    with runtime.store.reading(here.owner_id) as tx:
        assert [(each.text, each.due_on) for each in notes.promises(tx, emre)] == [("send the map", None)]


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/undo", {"change": "9" * 5_000}), ("/undo", {"change": "99999999999"}),
        ("/twice/apart", {"join": "9" * 5_000}),
        ("/questions/keep_up", {"do": "remove", "question": "9" * 5_000}),
    ],
)  # fmt: skip
def test_a_number_without_end_names_nothing(
    owner: Browser, here: world.World, path: str, form: dict[str, object]
) -> None:
    assert owner.post(path, form).status_code == 404


def test_notes_and_promises_come_back_in_the_questions(owner: Browser, here: world.World) -> None:
    emre = here.ids["Emre Yıldız"]
    note = {"said": "his move to Bergen", "theirs": "call back", "theirs_on": "2026-12-24"}
    owner.post(f"/contacts/{emre}/note", note)
    text = owner.get(f"/contacts/{emre}").text
    assert text.count("his move to Bergen") >= 2
    assert "24 December 2026" in text


def test_a_promise_kept_is_off_the_list(owner: Browser, here: world.World) -> None:
    noor = here.ids["Noor Willemse"]
    found = re.search(rf"/contacts/{noor}/promise/(\w+)", owner.get(f"/contacts/{noor}").text)
    assert found
    owner.post(found[0])
    assert "send the article on lamps" not in owner.get(f"/contacts/{noor}").text


def test_a_goal_is_kept_with_what_it_is_about(owner: Browser, here: world.World, runtime: Runtime) -> None:
    noor = here.ids["Noor Willemse"]
    owner.post(f"/contacts/{noor}/plan", {"goal": "learn_field", "sector": "museums", "wanted_role": "planner"})
    with runtime.store.reading(here.owner_id) as tx:
        entry = plans.plan_entry(tx, noor)
    assert entry
    assert (entry.goal, entry.sector, entry.role) == ("learn_field", "museums", "planner")


def test_a_private_person_gets_no_questions(owner: Browser, here: world.World) -> None:
    noor = here.ids["Noor Willemse"]
    assert "For your next talk" in owner.get(f"/contacts/{noor}").text
    owner.post("/judge", {"id": noor, "action": "private"})
    assert "For your next talk" not in owner.get(f"/contacts/{noor}").text


def test_erasing_asks_first_and_is_for_good(owner: Browser, here: world.World, runtime: Runtime) -> None:
    noor = here.ids["Noor Willemse"]
    assert "Nothing was erased" in owner.post(f"/contacts/{noor}/erase", {}, follow_redirects=True).text
    assert owner.get(f"/contacts/{noor}").status_code == 200
    owner.post(f"/contacts/{noor}/erase", {"sure": "yes"})
    assert owner.get(f"/contacts/{noor}").status_code == 404
    assert "Noor Willemse" not in "".join(owner.get(path).text for path in ("/contacts", "/", "/changes", "/judge"))


@pytest.mark.parametrize(
    ("asked", "found"),
    [("?q=noor", {"Noor Willemse"}), ("?q=EXAMPLE.ORG", {"Aisha Rahmani"}), ("?q=harbour", {"Noor Willemse"}),
    ("?q=%25", set()),
     ("?circle=cold", set()), ("?state=proposed&q=okafor", {"Daniel Okafor"}), ("?state=erased&q=noor",
     {"Noor Willemse"}), ("?page=-1&q=lind", {"Tomas Lind"})],
)  # fmt: skip
def test_search_and_filters(owner: Browser, asked: str, found: set[str]) -> None:
    text = owner.get(f"/contacts{asked}").text
    names = {name for name, *_ in world.PEOPLE}
    assert {name for name in names if f"<strong><bdi>{name}</bdi></strong>" in text} == found


def test_somebody_can_be_added_by_hand(owner: Browser, here: world.World, runtime: Runtime) -> None:
    answer = owner.post("/contacts", {"name": "Bea Klein", "address": "Bea@example.com", "circle": "warm"})
    row = named(runtime, here.owner_id, "Bea Klein")
    assert answer.location == f"/contacts/{row.id}"
    assert (row.addresses, row.state, row.circle) == (["bea@example.com"], "active", "warm")


def test_an_address_that_is_somebody_elses_is_told(owner: Browser) -> None:
    answer = owner.post("/contacts", {"name": "Bea Klein", "address": "emre@example.com"})
    assert answer.status_code == 400
    assert "Nothing was changed" in answer.text


# --- what is coming --------------------------------------------------------------------------------------------------


def test_the_type_of_a_talk_is_the_owners_to_choose(owner: Browser, here: world.World) -> None:
    path = f"/coming/talk/{here.talk_id}"
    owner.post(f"{path}/type", {"type": "orientation"})
    assert '<option value="orientation" selected>' in owner.get(path).text
    owner.post(f"{path}/type", {"type": "none"})
    assert "No question list for this talk." in owner.get("/coming").text
    assert owner.post(f"{path}/type", {"type": "gossip"}).status_code == 400


def test_asking_for_the_list_puts_one_row_into_the_outbox(owner: Browser, here: world.World, runtime: Runtime) -> None:
    for _ in range(2):
        owner.post(f"/coming/talk/{here.talk_id}/send")
    with runtime.store.reading(here.owner_id) as tx:
        (row,) = outbox.rows(tx)
    assert (row.kind, row.subject_ref, row.state) == ("brief", here.talk_id, "due")
    assert "Question list before a talk" in owner.get("/sent").text


def test_the_list_asked_for_lands_in_the_mailbox(owner: Browser, here: world.World, runtime: Runtime) -> None:
    owner.post(f"/coming/talk/{here.talk_id}/send")
    tasks.drain(runtime)
    ref = re.search(r"/sent/mail/(\w+)", owner.get("/sent").text)
    assert ref
    assert "The new wing opens in spring" in owner.get(f"{ref[0]}/html").text


def test_only_an_uncertain_mail_is_sent_again(owner: Browser, here: world.World, runtime: Runtime) -> None:
    owner.post(f"/coming/talk/{here.talk_id}/send")
    with runtime.store.reading(here.owner_id) as tx:
        (row,) = outbox.rows(tx)
    assert owner.post(f"/sent/{row.id}/again").status_code == 409
    with runtime.store.transaction(here.owner_id) as tx:
        leased = outbox.lease(tx, row.id, runtime.now())
        assert leased
        outbox.settle(tx, leased, "unknown", runtime.now())
    assert "Send it again" in owner.get("/sent").text
    for _ in range(2):
        owner.post(f"/sent/{row.id}/again")
    with runtime.store.reading(here.owner_id) as tx:
        assert sorted(each.state for each in outbox.rows(tx)) == ["due", "unknown"]


def test_a_talk_with_a_place_on_the_web_links_to_it(owner: Browser, here: world.World) -> None:
    assert 'href="https://meet.example.org/room"' in owner.get(f"/coming/talk/{here.talk_id}").text


def follow_up(runtime: Runtime, of: world.World) -> follow_ups.FollowUp:
    with runtime.store.reading(of.owner_id) as tx:
        return follow_ups.follow_up(tx, of.follow_up_id)


@pytest.mark.parametrize("in_calendar", [True, False])
def test_a_follow_up_moved_by_hand_stays_there(
    owner: Browser, here: world.World, runtime: Runtime, in_calendar: bool
) -> None:
    calendar = runtime.open_local(here.owner_id)
    if in_calendar:
        calendar.put_event(calendar.ensure_calendar(), world.follow_up_event(here, runtime.now()))
    owner.post(f"/coming/follow-up/{here.follow_up_id}/move", {"at": "2026-12-01T10:00"})
    moved = follow_up(runtime, here)
    assert (moved.state, moved.at, moved.wall) == ("moved", datetime(2026, 12, 1, 9, tzinfo=UTC), "2026-12-01T10:00:00")
    if in_calendar:
        assert calendar.get_event("", uid_of(here.follow_up_id)).start_at == moved.at
    assert "moved by you" in owner.get("/coming").text


@pytest.mark.parametrize("written", [True, False])
def test_a_follow_up_moved_goes_back_with_one_tap_in_every_calendar(
    owner: Browser, here: world.World, runtime: Runtime, written: bool
) -> None:
    """Whether or not the move had reached the calendar by then."""
    calendar = runtime.open_local(here.owner_id)
    calendar.put_event(calendar.ensure_calendar(), world.follow_up_event(here, runtime.now()))
    before = follow_up(runtime, here)
    path = f"/coming/follow-up/{here.follow_up_id}/move"
    page = owner.post(path, {"at": "2026-12-01T10:00"}, follow_redirects=True).text
    if written:
        tasks.drain(runtime)
    change = re.search(r'name="change" value="(\d+)"', page)
    assert change, "there is one button that takes it back"
    owner.post("/undo", {"change": change[1], "back": "calendar.overview"})
    back = follow_up(runtime, here)
    assert (back.at, back.wall, back.state) == (before.at, before.wall, before.state)
    assert back.sequence > before.sequence + 1, "calendars follow what is newer"
    assert calendar.get_event("", uid_of(here.follow_up_id)).start_at == before.at
    with runtime.store.reading(here.owner_id) as tx:
        due = [row for row in outbox.rows(tx) if row.kind == "follow_up_put" and row.state == "due"]
    assert [row.payload["at"] for row in due] == [before.at.isoformat()]


@pytest.mark.parametrize("at", ["", "soon", "2020-01-01T10:00", "2026-12-01T10:00+05:00", "0001-01-01T00:00"])
def test_a_follow_up_moves_only_ahead(owner: Browser, here: world.World, runtime: Runtime, at: str) -> None:
    page = owner.post(f"/coming/follow-up/{here.follow_up_id}/move", {"at": at}, follow_redirects=True)
    assert "still ahead" in page.text
    assert follow_up(runtime, here).state == "planned"


def test_a_follow_up_removed_by_hand_is_never_remade(owner: Browser, here: world.World, runtime: Runtime) -> None:
    calendar = runtime.open_local(here.owner_id)
    event = world.follow_up_event(here, runtime.now())
    calendar.put_event(calendar.ensure_calendar(), event)
    assert event.title.encode() in calendar.feed()
    owner.post(f"/coming/follow-up/{here.follow_up_id}/remove")
    assert follow_up(runtime, here).state == "deleted"
    assert event.title.encode() not in calendar.feed()
    for _ in range(2):
        tasks.drain(runtime)
    assert (calendar.get_event("", event.uid), follow_up(runtime, here).state) == (None, "deleted")


# --- the mailbox -----------------------------------------------------------------------------------------------------


def test_a_mail_is_read_in_a_frame_that_can_do_nothing(owner: Browser, here: world.World, runtime: Runtime) -> None:
    ref = runtime.open_local(here.owner_id).send(world.mail(runtime.now()))
    assert "Prepared: your talk" in owner.get("/sent").text
    page = owner.get(f"/sent/mail/{ref}").text
    assert f'<iframe class="letter" sandbox="{ALLOWED}" src="/sent/mail/{ref}/html"' in page
    inner = owner.get(f"/sent/mail/{ref}/html")
    policy = inner.headers["Content-Security-Policy"]
    assert "Bring the article" in inner.text
    assert "default-src 'none'" in policy
    assert policy.endswith("; sandbox allow-top-navigation-by-user-activation")
    assert "script-src" not in policy
    assert inner.text.startswith('<!doctype html><html><base target="_top"><body')
    assert "_top" not in runtime.open_local(here.owner_id).read_mail(ref).html
    assert inner.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert owner.get("/sent/mail/nothing").status_code == 404


# --- settings and changes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("group", "data", "status", "says"),
    [
        ("you", {"name": "Sam"}, 200, "Saved."),
        ("rhythm", {"weekly_people": "99"}, 400, "“99” is not a number"),
        ("quiet", {"days": "yes"}, 400, "Leave at least one day"),
        ("quiet", {"days": "yes", "day": ["1", "6"]}, 200, "Saved."),
        ("mails", {"mails": "yes", "mail": "digest"}, 200, "Saved."),
        ("held", {"held": "yes", "until": "2020-01-01"}, 400, "Choose a day that is still ahead"),
        ("held", {"held": "yes", "until": "2030-01-01"}, 200, "Everything is held until"),
    ],
)
def test_what_became_of_a_group_is_said_in_it(
    owner: Browser, group: str, data: dict[str, object], status: int, says: str
) -> None:
    where = "/settings/held" if group == "held" else "/settings"
    answer = owner.post(where, {"group": group, **data})
    if status == 200:
        assert answer.location == f"/settings?group={group}#{group}"
        answer = owner.get(answer.location)
    assert answer.status_code == status
    said = answer.text.index('<div class="said')
    assert answer.text.index(f'id="{group}"') < said < answer.text.index("</h2>", said)
    assert says in answer.text[said:]
    assert answer.text.count('<div class="said') == 1


def test_a_group_that_was_refused_stands_as_it_was_typed(owner: Browser) -> None:
    page = owner.post("/settings", {"group": "quiet", "days": "yes", "quiet_from": "21:15"}).text
    assert 'name="quiet_from" value="21:15"' in page
    assert not re.findall(r'name="day" value="\d" checked', page)
    assert 'value="2020-01-01"' in owner.post("/settings/held", {"held": "yes", "until": "2020-01-01"}).text
    assert len(re.findall(r'name="day" value="\d" checked', owner.get("/settings").text)) == 5


def test_a_region_is_one_that_has_holidays_of_its_own(owner: Browser, here: world.World, runtime: Runtime) -> None:
    def region() -> str:
        with runtime.store.reading(here.owner_id) as tx:
            return accounts.owner(tx).region

    assert 'name="region"' not in owner.get("/settings").text  # the Netherlands have none
    assert "is not on the list" in owner.post("/settings", {"region": "UTRECHT"}).text
    owner.post("/settings", {"country": "DE"})
    assert '<option value="BY">Bayern</option>' in owner.get("/settings").text
    owner.post("/settings", {"country": "DE", "region": "BY"})
    assert region() == "BY"
    owner.post("/settings", {"country": "GB", "region": "BY"})
    assert region() == ""


def test_settings_are_kept_and_shown(owner: Browser, here: world.World, runtime: Runtime) -> None:
    owner.post(
        "/settings",
        {"name": "Sam S", "lang": "nl", "zone": "Europe/Brussels", "country": "BE", "digest_weekday": "4",
         "digest_time": "07:45", "quiet_from": "21:00", "weekly_people": "3", "weekly_nudges": "999"},
    )  # fmt: skip
    with runtime.store.reading(here.owner_id) as tx:
        kept = accounts.owner(tx)
    assert (kept.name, kept.lang, kept.zone, kept.country) == ("Sam S", "nl", "Europe/Brussels", "BE")
    assert kept.settings == {"digest_weekday": 4, "digest_time": "07:45", "quiet_from": "21:00", "weekly_people": 3}
    page = owner.get("/settings").text
    assert 'value="07:45"' in page
    assert "Brussel" in page


@pytest.mark.parametrize(
    "odd",
    [
        {"lang": "xx"},
        {"zone": "../etc"},
        {"country": "ZZ"},
        {"digest_time": "25:99"},
        {"digest_weekday": "9"},
    ],
)
def test_odd_settings_change_nothing(
    owner: Browser, here: world.World, runtime: Runtime, odd: dict[str, object]
) -> None:
    owner.post("/settings", {"name": "Sam", **odd})
    with runtime.store.reading(here.owner_id) as tx:
        kept = accounts.owner(tx)
    assert (kept.lang, kept.zone, kept.country, kept.settings) == ("en", "Europe/Amsterdam", "NL", {})


def test_the_switch_holds_everything_and_says_so(owner: Browser, here: world.World, runtime: Runtime) -> None:
    owner.post("/settings/held", {"held": "yes"})
    assert "Everything is held" in owner.get("/").text
    with runtime.store.reading(here.owner_id) as tx:
        assert accounts.owner(tx).held
    owner.post("/settings/held", {"held": "no"})
    assert "Everything is held" not in owner.get("/contacts").text


def test_a_new_password_needs_the_old_one(owner: Browser, stranger: Browser) -> None:
    new = "a lamp over the harbour"
    assert (
        "not right" in owner.post("/settings/password", {"password": "wrong", "new": new}, follow_redirects=True).text
    )
    assert (
        "at least ten"
        in owner.post("/settings/password", {"password": world.PASSWORD, "new": "short"}, follow_redirects=True).text
    )
    owner.post("/settings/password", {"password": world.PASSWORD, "new": new})
    assert stranger.sign_in().status_code == 403
    assert stranger.sign_in(password=new).status_code == 303


def test_a_new_password_signs_every_other_device_out(owner: Browser, stranger: Browser) -> None:
    stranger.sign_in()
    assert stranger.get("/contacts").status_code == 200
    owner.post("/settings/password", {"password": world.PASSWORD, "new": "a lamp over the harbour"})
    assert stranger.get("/contacts").status_code == 303
    assert owner.get("/contacts").status_code == 200


def test_the_last_changes_are_listed_and_undone_in_order(owner: Browser, here: world.World, runtime: Runtime) -> None:
    text = owner.get("/changes").text
    assert "Edited: Noor Willemse" in text
    for _ in range(3):  # a note, an edit, everybody accepted
        owner.post("/undo", {"back": "changes.overview"})
    assert rows(runtime, here.owner_id, "active") == []
    owner.post("/undo")
    assert "nothing to take back" in owner.post("/undo", follow_redirects=True).text
