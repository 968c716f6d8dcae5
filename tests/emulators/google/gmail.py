"""Gmail over HTTP: one function for each method emulated. `desk.py` calls them under the town's lock.

PROVIDERS.md, section 1.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable
from datetime import timedelta
from email.message import Message

from tests.emulators.google.mailbox import SYSTEM, Change, Mail
from tests.emulators.google.pages import cut, paged, position
from tests.emulators.google.sending import draft, send
from tests.emulators.google.values import Call, Handler, Json, Refusal, b64, millis

FULL = frozenset(f"https://www.googleapis.com/auth/gmail.{name}" for name in ("modify", "readonly")) | {
    "https://mail.google.com/"
}
HIDDEN = frozenset(("SPAM", "TRASH"))
TYPES = {
    "messageAdded": "messagesAdded", "messageDeleted": "messagesDeleted", "labelAdded": "labelsAdded",
    "labelRemoved": "labelsRemoved",
}  # fmt: skip
WATCH = timedelta(days=7)  # the longest


def own(call: Call) -> None:
    """Only one's own mailbox: "me" or the address."""
    if call.path["userId"] not in ("me", call.person.address):
        raise Refusal(403, "forbidden", f"Delegation denied for {call.person.address}")


def reads_all(call: Call) -> bool:
    """False with gmail.metadata alone."""
    return bool(call.scopes & FULL)


def profile(call: Call) -> Json:
    own(call)
    box = call.person.mailbox
    threads = len({mail.thread_id for mail in box.mails.values()})
    return {
        "emailAddress": call.person.address, "messagesTotal": len(box.mails), "threadsTotal": threads,
        "historyId": str(box.history_id),
    }  # fmt: skip


def listed(call: Call) -> Json:
    own(call)
    if call.query.get("q") and not reads_all(call):
        raise Refusal(403, "forbidden", "Metadata scope does not support 'q' parameter", breach=True)
    wanted = frozenset(call.query.get("labelIds", ()))
    if unknown := wanted - set(SYSTEM) - call.person.mailbox.user_labels.keys():
        raise Refusal(400, "invalidArgument", f"Invalid label: {min(unknown)}")
    hidden = frozenset() if call.query["includeSpamTrash"] else HIDDEN - wanted
    fits = _searched(call.query.get("q", ""))
    rows = [
        mail for mail in call.person.mailbox.newest()
        if wanted <= mail.labels and not hidden & mail.labels and all(test(mail) for test in fits)
    ]  # fmt: skip
    found = position(call)
    left = [mail for mail in rows if found is None or _place(mail) < found["after"]]
    start = found["after"] if found else [10**15, ""]
    taken, token = cut(call, left, call.query["maxResults"], _place, start=start)
    given: Json = {"resultSizeEstimate": len(rows)}
    if taken:
        given["messages"] = [{"id": mail.id, "threadId": mail.thread_id} for mail in taken]
    return given | ({"nextPageToken": token} if token else {})


def _place(mail: Mail) -> list[int | str]:
    return [int(millis(mail.at)), mail.id]


def _searched(query: str) -> list[Callable[[Mail], bool]]:
    """The few operators that are emulated; another one is a breach, so that no test passes by chance."""
    tests: list[Callable[[Mail], bool]] = []
    for word in shlex.split(query):
        name, _, value = word.partition(":")
        low = value.lower()
        known: dict[str, Callable[[Mail], bool]] = {
            "rfc822msgid": lambda mail, low=low: mail.header("message-id").strip("<> ").lower() == low.strip("<>"),  # type: ignore[misc]
            "from": lambda mail, low=low: low in mail.header("from").lower(),  # type: ignore[misc]
            "to": lambda mail, low=low: low in mail.header("to").lower(),  # type: ignore[misc]
            "subject": lambda mail, low=low: low in mail.header("subject").lower(),  # type: ignore[misc]
            "in": lambda mail, low=low: low.upper() in mail.labels,  # type: ignore[misc]
            "after": lambda mail, low=low: mail.at.timestamp() > int(low),  # type: ignore[misc]
            "before": lambda mail, low=low: mail.at.timestamp() < int(low),  # type: ignore[misc]
        }
        if name not in known:
            raise Refusal(501, "notImplemented", f"the search word {name} is not emulated", breach=True)
        tests.append(known[name])
    return tests


def got(call: Call) -> Json:
    own(call)
    form = call.query["format"]
    if form in ("full", "raw") and not reads_all(call):
        raise Refusal(403, "forbidden", f"Metadata scope doesn't allow format {form.upper()}", breach=True)
    mail = call.person.mailbox.mails.get(call.path["id"])
    if mail is None:
        raise Refusal(404, "notFound", "Requested entity was not found.")
    return shown(mail, form, call.query.get("metadataHeaders", ()), snippet=reads_all(call))


def shown(mail: Mail, form: str, names: Iterable[str] = (), *, snippet: bool = True) -> Json:
    """A mail in one of the four formats."""
    given: Json = {
        "id": mail.id, "threadId": mail.thread_id, "labelIds": sorted(mail.labels), "historyId": str(mail.history_id),
        "internalDate": millis(mail.at), "sizeEstimate": len(mail.raw),
    }  # fmt: skip
    if snippet:
        given["snippet"] = mail.raw.partition(b"\r\n\r\n")[2].decode("utf-8", "replace").strip()[:100]
    if form == "raw":
        given["raw"] = b64(mail.raw)
    elif form == "metadata":
        wanted = {name.lower() for name in names}
        pairs = [(name, value) for name, value in mail.headers if not wanted or name.lower() in wanted]
        given["payload"] = {"mimeType": _kind(mail), "headers": _headers(pairs)}
    elif form == "full":
        given["payload"] = _part(mail.message, "") | {"headers": _headers(mail.headers)}
    return given


def _kind(mail: Mail) -> str:
    return mail.header("content-type").partition(";")[0].strip().lower() or "text/plain"


def _headers(pairs: Iterable[tuple[str, str]]) -> list[Json]:
    return [{"name": name, "value": value} for name, value in pairs]


def _part(part: Message, place: str) -> Json:
    given: Json = {"partId": place, "mimeType": part.get_content_type(), "filename": part.get_filename() or ""}
    given["headers"] = _headers((name, str(value)) for name, value in part.items())
    if part.is_multipart():
        inner = [one for one in part.get_payload() if isinstance(one, Message)]
        given["parts"] = [_part(one, f"{place}.{number}".strip(".")) for number, one in enumerate(inner)]
        return given | {"body": {"size": 0}}
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    return given | {"body": {"size": len(data), "data": b64(data)}}


def history(call: Call) -> Json:
    own(call)
    box, start = call.person.mailbox, int(call.query.get("startHistoryId", -1))
    if start < 0:
        raise Refusal(400, "invalidArgument", "Missing required parameter: startHistoryId", breach=True)
    if start < box.forgotten or start > box.history_id:
        raise Refusal(404, "notFound", "Requested entity was not found.")
    kinds, label = call.query.get("historyTypes", tuple(TYPES)), call.query.get("labelId")
    found = position(call)
    after = found["after"] if found else start
    rows = [change for change in box.since(after) if change.kind in kinds and _labelled(change, label)]
    taken, token = cut(call, rows, call.query["maxResults"], lambda change: change.id, start=after)
    given: Json = {"historyId": str(box.history_id)}
    if taken:
        given["history"] = [_entry(change) for change in taken]
    return given | ({"nextPageToken": token} if token else {})


def _labelled(change: Change, label: str | None) -> bool:
    return label is None or label in change.mail.labels or label in change.labels


def _entry(change: Change) -> Json:
    short: Json = {"id": change.mail.id, "threadId": change.mail.thread_id}
    long = short | {"labelIds": sorted(change.mail.labels)}
    item: Json = {"message": long} | ({"labelIds": list(change.labels)} if change.labels else {})
    return {"id": str(change.id), "messages": [short], TYPES[change.kind]: [item]}


def labels(call: Call) -> Json:
    own(call)
    system = [{"id": name, "name": name, "type": "system"} for name in SYSTEM]
    users = [{"id": id_, "name": name, "type": "user"} for id_, name in call.person.mailbox.user_labels.items()]
    return {"labels": system + users}


def drafts(call: Call) -> Json:
    own(call)
    query = call.query.get("q", "")
    if query and any(each.endswith("/gmail.metadata") for each in call.scopes):  # whatever else there is (#582)
        raise Refusal(403, "forbidden", "Metadata scope does not support 'q' parameter", breach=True)
    box, fits = call.person.mailbox, _searched(query)
    there = reversed([(id_, mail) for id_, mail in box.drafts.items() if mail in box.mails])
    rows = [(id_, mail) for id_, mail in there if all(test(box.mails[mail]) for test in fits)]
    taken, token, _ = paged(call, lambda: (rows, None), call.query["maxResults"])
    given: Json = {"resultSizeEstimate": len(rows)}
    held = [(id_, box.mails[mail]) for id_, mail in taken if mail in box.mails]
    if held:
        given["drafts"] = [{"id": id_, "message": {"id": mail.id, "threadId": mail.thread_id}} for id_, mail in held]
    return given | ({"nextPageToken": token} if token else {})


def draft_got(call: Call) -> Json:
    own(call)
    box = call.person.mailbox
    if call.path["id"] not in box.drafts:
        raise Refusal(404, "notFound", "Requested entity was not found.")
    mail = box.mails[box.drafts[call.path["id"]]]
    return {"id": call.path["id"], "message": shown(mail, call.query["format"])}


def sent(call: Call) -> Json:
    own(call)
    mail = send(call)
    return {"id": mail.id, "threadId": mail.thread_id, "labelIds": sorted(mail.labels)}


def drafted(call: Call) -> Json:
    own(call)
    id_, mail = draft(call)
    return {"id": id_, "message": {"id": mail.id, "threadId": mail.thread_id, "labelIds": sorted(mail.labels)}}


def watch(call: Call) -> Json:
    own(call)
    town, name = call.town, call.body.get("topicName", "")
    if not name.startswith(f"projects/{town.project}/topics/"):
        message = f"Invalid topicName does not match projects/{town.project}/topics/*"
        raise Refusal(400, "invalidArgument", message)
    topic = town.topics.get(name)
    if topic is None:
        raise Refusal(404, "notFound", "Error sending test message to Cloud PubSub: Resource not found")
    if not topic.gmail_may_publish:
        message = "Error sending test message to Cloud PubSub: User not authorized to perform this action."
        raise Refusal(403, "forbidden", message)
    exclude = call.body.get("labelFilterBehavior", call.body.get("labelFilterAction")) == "exclude"
    until = town.now() + WATCH
    call.person.watch(name, frozenset(call.body.get("labelIds", ())), exclude=exclude, until=until)
    town.effect(call, name)
    return {"historyId": str(call.person.mailbox.history_id), "expiration": millis(until)}


def stop(call: Call) -> None:
    own(call)
    call.person.unwatch()


HANDLERS: dict[str, Handler] = {
    "gmail.users.getProfile": profile,
    "gmail.users.messages.list": listed,
    "gmail.users.messages.get": got,
    "gmail.users.messages.send": sent,
    "gmail.users.history.list": history,
    "gmail.users.labels.list": labels,
    "gmail.users.drafts.list": drafts,
    "gmail.users.drafts.get": draft_got,
    "gmail.users.drafts.create": drafted,
    "gmail.users.watch": watch,
    "gmail.users.stop": stop,
}
