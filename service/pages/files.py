"""Add files: upload, progress, what became of every file, the owner's own addresses, and taking an import back."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from keepwarm.errors import NotFound, NotPossible
from keepwarm.foreign import files_as_text
from keepwarm.store import accounts, duties
from keepwarm.store.accounts import Batch
from keepwarm.texts import mark
from service.auth import upload_folder
from service.desk import here, say, sorry, to
from service.newcomer import is_email
from service.refusing import refused
from service.returning import again, asked, onward
from service.unread import unread
from service.wake import wake_stream

pages = Blueprint("files", __name__)

FILES_AT_MOST = 200
NO_FILE = mark("No file came along. Choose one or more files first.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an import is. ``share`` 0-1, None while the size is unknown; ``rate`` items a second."""

    items: int
    share: float | None
    rate: float
    left: timedelta | None


def progress(batch: Batch, now: datetime) -> Progress:
    """Counts and pace so far; time left supposes that the rest reads as fast as what was read."""
    items = sum(source.read for source in batch.sources)
    share = min(batch.read_bytes / batch.total_bytes, 1.0) if batch.total_bytes else None
    seconds = batch.seconds if batch.finished_at else (now - batch.created_at).total_seconds()
    rate = items / seconds if seconds >= 1 else 0.0
    left = timedelta(seconds=seconds * (1 - share) / share) if share and seconds >= 2 else None
    return Progress(items=items, share=share, rate=rate, left=left)


@pages.get("/files")
def overview() -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        batches = accounts.batches(tx)
        own = accounts.own_addresses(tx)
    return render_template("files.html", batches=batches, own=own)


@pages.post("/files")
def upload() -> ResponseReturnValue:
    """Keep what was sent and start reading it. The parts are on our disk already (`service.security`)."""
    sent = sent_along()
    if not sent:
        sorry(here().texts(NO_FILE))
        return again(asked(), "files.overview")
    return onward(asked(), "files.import_", batch_id=begin(sent).id)


def sent_along() -> list[FileStorage]:
    """The files of this request, those that were chosen."""
    return [file for file in request.files.getlist("files") if file.filename][:FILES_AT_MOST]


def begin(sent: list[FileStorage]) -> Batch:
    """Start reading these files."""
    desk = here()
    paths = _keep(sent, upload_folder(desk) / desk.runtime.new_id())
    with desk.writing() as tx:
        batch = accounts.create_batch(tx, label=files_as_text(paths), paths=paths, uploaded=True, now=desk.now)
    wake_stream(desk.runtime, batch.stream_id)
    return batch


def _keep(sent: list[FileStorage], folder: Path) -> list[str]:
    """Give the parts their names in a folder of this upload's own; returns the paths, in the order sent."""
    folder.mkdir(mode=0o700, parents=True)
    paths: list[str] = []
    for number, file in enumerate(sent):
        name = _plain_name(file.filename or "", f"file-{number + 1}")
        target = folder / name if not (folder / name).exists() else folder / f"{number + 1}-{name}"
        file.stream.flush()
        Path(file.stream.name).replace(target)  # a named file on the same disk
        file.close()
        paths.append(str(target))
    g.upload_parts = [part for part in g.upload_parts if part.exists()]
    return paths


def _plain_name(name: str, instead: str) -> str:
    """The last part of a file name, free of what a file system or a terminal could take amiss."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(letter for letter in last if letter.isprintable() and letter not in '<>:"|?*')
    return os.fsdecode(os.fsencode(kept.strip(". "))[-120:]) or instead


@pages.get("/files/<batch_id>")
def import_(batch_id: str) -> ResponseReturnValue:
    """One import: live progress while it runs (also without JavaScript), then what became of every file."""
    desk = here()
    with desk.reading() as tx:
        batch = accounts.batch(tx, batch_id)
        broken = [each for each in duties.quarantined(tx) if each.place in {source.path for source in batch.sources}]
        state = next((each for each in accounts.streams(tx) if each.stream.id == batch.stream_id), None)
        nameless = not any(each.own for each in accounts.own_addresses(tx))
        refused = [] if batch.undone_at else unread(tx, desk.texts, [batch])
    return render_template(
        "import.html", batch=batch, at=progress(batch, desk.now), broken=broken, refused=refused,
        problem=state.last_error if state else "", nameless=nameless and batch.finished_at is not None,
    )  # fmt: skip


@pages.post("/files/<batch_id>/undo")
def undo(batch_id: str) -> ResponseReturnValue:
    desk, _ = here(), here().texts
    try:
        with desk.writing() as tx:
            accounts.undo_batch(tx, batch_id, desk.now)
    except NotPossible as problem:
        sorry(_(str(problem)))
        return to("files.import_", batch_id=batch_id)
    say(_("Taken back: what only this import held is gone, everything else stayed."))
    return to("files.overview")


@pages.post("/files/own")
def own() -> ResponseReturnValue:
    """The owner's word on which addresses are theirs."""
    desk, _ = here(), here().texts
    address, mine = request.form.get("address", "").strip().lower(), request.form.get("own") == "yes"
    if not is_email(address):
        return refused(_("This does not look like an e-mail address."), overview)
    with desk.writing() as tx:
        if not mine and address not in {each.address for each in accounts.own_addresses(tx)}:
            raise NotFound("no such own address")
        accounts.set_own_address(tx, address, own=mine, now=desk.now)
    say(_("Noted. Keepwarm now counts anew who wrote to whom."))
    return to("files.overview")
