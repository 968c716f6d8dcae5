"""Mail over HTTP: folders, lists, rounds, drafts, moves. `desk.py` calls this under the town's lock.

PROVIDERS.md, section 4, Mail and Delta.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from tests.emulators.microsoft import deltas, odata, sending
from tests.emulators.microsoft.deltas import Round, Row
from tests.emulators.microsoft.ledger import Entry
from tests.emulators.microsoft.lists import Names, listed
from tests.emulators.microsoft.mail_shape import allowed, etag, shown
from tests.emulators.microsoft.mailbox import Folder, Mail
from tests.emulators.microsoft.values import Call, Handler, Refusal, missing, wrong
from tests.emulators.stand.values import Answer, Json

FILTERED = 5000  # mails that a round with $filter returns at most: M/graph/delta-query-messages


def folder_of(call: Call) -> Folder:
    found = call.person.mailbox.folder(call.path["mailFolder-id"])
    if found is None:
        raise missing()
    return found


def mail_of(call: Call) -> Mail:
    found = call.person.mailbox.mails.get(call.person.key(call.path["message-id"]))
    if found is None:
        raise missing()
    return found


def folders(call: Call) -> Json:
    hidden = call.query.get("includeHiddenFolders") == "true"
    rows = [one for one in call.person.mailbox.folders.values() if one.parent == "msgfolderroot"]
    rows = [one for one in rows if hidden or not one.hidden]
    return listed(call, rows, lambda folder, names: deltas.chosen(_folder(call, folder), names))


def _folder(call: Call, folder: Folder) -> Json:
    box, ids = call.person.mailbox, call.person.ids
    held = [mail for mail in box.mails.values() if mail.folder == folder.key]
    return {
        "id": ids.fixed(folder.key), "displayName": folder.name, "parentFolderId": ids.fixed(folder.parent),
        "childFolderCount": sum(one.parent == folder.key for one in box.folders.values()),
        "unreadItemCount": sum(not mail.seen for mail in held), "totalItemCount": len(held),
        "isHidden": folder.hidden,
    }  # fmt: skip


def folder_got(call: Call) -> Json:
    return deltas.chosen(_folder(call, folder_of(call)), call.query.get("$select"))


def folders_delta(call: Call) -> Json:
    box = call.person.mailbox

    def rows(found: Round) -> Iterable[Row]:
        for entry in box.tree.between(found.since, found.until):
            if entry.there:
                folder, select = box.folders[entry.key], found.query.get("$select")
                yield _row(entry, lambda folder=folder, select=select: deltas.chosen(_folder(call, folder), select))
            elif not found.first:
                yield _row(entry, lambda key=entry.key: deltas.removed(call.person.ids.fixed(key)))

    return deltas.answered(call, "folders", "folders", rows)


def _row(entry: Entry, make: Any) -> Row:
    return Row(place=[entry.number], shown=make)


def messages(call: Call) -> Json:
    allowed(call)
    folder = folder_of(call).key if "mailFolder-id" in call.path else None
    rows = call.person.mailbox.newest(folder)
    return listed(call, rows, lambda mail, names: _listed(call, mail, names))


def _listed(call: Call, mail: Mail, names: Names) -> Json:
    return shown(call, mail, names, plain=True)


def got(call: Call) -> Json:
    allowed(call)
    return shown(call, mail_of(call), call.query.get("$select"))


def mime(call: Call) -> Answer:
    call.town.count(call.town.contents, call.method.name)
    return Answer(body=mail_of(call).raw, headers={"Content-Type": "text/plain"})


def delta(call: Call) -> Json:
    """Per folder. ``$filter`` takes a bound of receivedDateTime, ``$orderby`` receivedDateTime desc."""
    allowed(call)
    folder, query = folder_of(call), call.query
    if query.get("changeType", "created") not in ("created", "updated", "deleted"):
        raise wrong("changeType is created, updated or deleted")
    if query.get("$orderby", ("receivedDateTime desc",)) != ("receivedDateTime desc",):
        raise wrong("$orderby takes receivedDateTime desc only")
    if "$filter" in query and odata.read(query["$filter"]).names != {"receivedDateTime"}:
        raise wrong("$filter takes receivedDateTime only")
    return deltas.answered(call, "mail", f"mail {folder.key}", lambda found: _changed(call, folder, found))


def _changed(call: Call, folder: Folder, found: Round) -> Iterable[Row]:
    """In order of their changes, unless the options ask otherwise."""
    query = found.query
    rows = _rows(call, folder, found)
    if "$orderby" in query:
        rows = iter(sorted(rows, key=lambda row: row.place))
    return islice(rows, FILTERED) if "$filter" in query else rows


def _rows(call: Call, folder: Folder, found: Round) -> Iterator[Row]:
    box, query = call.person.mailbox, found.query
    start = found.since if {"$orderby", "$filter"} & query.keys() else found.start
    test = odata.read(query["$filter"]).test if "$filter" in query else None
    for entry in box.changes[folder.key].between(start, found.until):
        if not _asked(query.get("changeType"), entry, found):
            continue
        if not entry.there:
            if not found.first or call.town.removes_at_first:
                yield _row(entry, lambda one=entry: _left(call, one))
            continue
        mail = box.mails[entry.key]
        if test and not test({"receivedDateTime": mail.at.isoformat()}):
            continue
        only = entry.only if call.town.lean_updates and entry.came <= found.since else frozenset[str]()
        place = [-int(mail.at.timestamp()), -entry.number] if "$orderby" in query else [entry.number]
        select = query.get("$select")
        yield Row(place=place, shown=lambda m=mail, o=only, s=select: _told(call, m, o, s))  # type: ignore[misc]


def _left(call: Call, entry: Entry) -> Json:
    return deltas.removed(call.person.ids.given(entry.key) if call.prefer.immutable else entry.was)


def _asked(kind: str | None, entry: Entry, found: Round) -> bool:
    fresh = entry.came > found.since
    return {"created": entry.there and fresh, "updated": entry.there and not fresh, "deleted": not entry.there}.get(
        kind or "", True
    )


def _told(call: Call, mail: Mail, only: frozenset[str], select: Names) -> Json:
    whole = shown(call, mail, select, plain=True)
    if not call.town.headers_in_delta:
        whole.pop("internetMessageHeaders", None)
    return deltas.chosen(whole, only) if only else whole


def drafted(call: Call) -> Json:
    folder = folder_of(call).key if "mailFolder-id" in call.path else call.person.mailbox.folder("drafts")
    assert folder
    return shown(call, sending.draft(call, folder if isinstance(folder, str) else folder.key), None)


def updated(call: Call) -> Json:
    mail = _unchanged(call, mail_of(call))
    fields: Mapping[str, Any] = {
        "isRead": lambda value: {"seen": bool(value)},
        "inferenceClassification": lambda value: {"focused": value != "other"},
        "categories": lambda value: {"more": (*mail.more, ("categories", value))},
    }
    if unknown := call.body.keys() - fields.keys():
        raise Refusal(501, "notImplemented", f"a change of {min(unknown)} is not emulated", breach=True)
    made = {k: v for name, value in call.body.items() for k, v in fields[name](value).items()}
    return shown(call, call.person.mailbox.change(mail.key, **made), None)


def _unchanged(call: Call, mail: Mail) -> Mail:
    if call.asked.headers.get("if-match", "*") not in ("*", etag(mail)):
        raise Refusal(412, "ErrorIrresolvableConflict", "The change key passed in the request does not match.")
    return mail


def gone(call: Call) -> None:
    """Into the deleted items; for good from there."""
    mail, bin_ = _unchanged(call, mail_of(call)), call.person.mailbox.folder("deleteditems")
    assert bin_
    if mail.folder == bin_.key:
        call.person.mailbox.delete(mail.key)
    else:
        call.person.mailbox.move(mail.key, bin_.key)
    call.town.effect(call, call.person.ids.given(mail.key))


def moved(call: Call) -> Json:
    mail, folder = mail_of(call), call.person.mailbox.folder(str(call.body.get("destinationId", "")))
    if folder is None:
        raise missing()
    found = call.person.mailbox.move(mail.key, folder.key)
    call.town.effect(call, call.person.ids.given(mail.key), folder=folder.known or folder.name)
    return shown(call, found, None)


HANDLERS: dict[str, Handler] = {
    "GET /me/mailFolders": folders,
    "GET /me/mailFolders/{id}": folder_got,
    "GET /me/mailFolders/delta": folders_delta,
    "GET /me/messages": messages,
    "GET /me/mailFolders/{id}/messages": messages,
    "GET /me/mailFolders/{id}/messages/delta": delta,
    "GET /me/messages/{id}": got,
    "GET /me/messages/{id}/$value": mime,
    "POST /me/messages": drafted,
    "POST /me/mailFolders/{id}/messages": drafted,
    "PATCH /me/messages/{id}": updated,
    "DELETE /me/messages/{id}": gone,
    "POST /me/messages/{id}/move": moved,
    "POST /me/messages/{id}/send": sending.send_draft,
    "POST /me/sendMail": sending.send,
}
