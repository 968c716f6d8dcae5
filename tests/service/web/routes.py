"""What the arguments of every route name, for an owner who has one of everything. Called by `test_routes`."""

from __future__ import annotations

from collections.abc import Mapping

from werkzeug.routing import Rule

from keepwarm.contacts import organisation_key
from keepwarm.store import (
    Tx,
    accounts,
    contacts,
    follow_ups,
    held,
    introductions,
    invitations,
    never,
    notes,
    outbox,
    plans,
    profiles,
    views,
)
from keepwarm.store.outbox import Intent
from tests.rings.pages.homes import Home, signed
from workers.runtime import Runtime

# Where an argument names something else than it does elsewhere: the endpoint → its name in what `own` returns.
OTHERWISE: Mapping[str, Mapping[str, str]] = {
    "never.remove": {"entry_id": "barred"},
    "talks.after": {"event_id": "held"},
    "talks.note": {"event_id": "held"},
    "settings.preview": {"kind": "mail"},
    "settings.preview_html": {"kind": "mail"},
    "settings.send": {"kind": "mail"},
}
# Nobody's: words of ours. All other arguments name something of one owner's.
EVERYBODYS = {"kind": "orientation", "mail": "digest", "name": "json", "provider": "google", "filename": "keepwarm.css"}


def own(runtime: Runtime, home: Home) -> dict[str, str]:
    """Of this owner one of each kind, by the name of the argument."""
    with runtime.store.transaction(home.owner_id) as tx:
        found = {**_people(tx, runtime), **_plan(tx, runtime)}
    with runtime.store.system(write=False) as tx:
        found["invitation_id"] = invitations.invitations(tx)[0].id
    found["ref"] = runtime.open_local(home.owner_id).list_mails()[0].ref
    found["token"] = signed(runtime, home.owner_id, "person", found["contact_id"])
    return {**found, **EVERYBODYS, "given": "x"}


def _people(tx: Tx, runtime: Runtime) -> dict[str, str]:
    now = runtime.now()
    people = [row for row in contacts.contacts(tx, states=["active"], now=now) if row.organisation]
    whom = next(row for row in people if notes.promises(tx, row.id) and notes.notes_about(tx, row.id))
    never.bar(tx, "far.example", now)
    return {
        "contact_id": whom.id,
        "key": organisation_key(whom.organisation),
        "barred": never.never_list(tx, now).entries[0].id,
        "promise_id": notes.promises(tx, whom.id)[0].id,
        "note_id": notes.notes_about(tx, whom.id)[0].id,
        "account_id": next(each.id for each in accounts.accounts(tx) if each.provider == "fake"),
        "batch_id": accounts.batches(tx)[0].id,
    }


def _plan(tx: Tx, runtime: Runtime) -> dict[str, str]:
    now = runtime.now()
    plan_id = plans.plans(tx)[0].id
    asked = introductions.introductions(tx, views.world(tx, now))
    outbox.put(tx, Intent(key="asked", kind="digest", run_at=now), now)
    return {
        "plan_id": plan_id,
        "entry_id": plans.entries(tx, plan_id)[0].id,
        "introduction_id": asked[0].id,
        "target_id": profiles.targets(tx)[0].id,
        "event_id": str(views.upcoming(tx, now=now, days=60, stored=True).talks[0].event.id),
        "held": str(held.held_talks(tx, views.world(tx, now))[0].event.id),
        "follow_up_id": follow_ups.follow_ups(tx)[0].id,
        "outbox_id": outbox.rows(tx)[0].id,
    }


def filled(rule: Rule, values: Mapping[str, str]) -> str:
    """The address of a route; KeyError for an argument that has no entry here."""
    named = OTHERWISE.get(rule.endpoint, {})
    path = rule.rule
    for name in rule.arguments:
        path = path.replace(f"<{name}>", values[named.get(name, name)]).replace(f"<path:{name}>", values[name])
    return path
