"""The pages: one file per subject, each with its blueprint in PAGES; a new page adds its file and one line here.

Reading order: `home` (today), `first` (the first steps, and the sample network), `more` (all other pages), `phone` (installed, and without a connection), `accounts` and
`consent` (what is connected), `files` (adding and undoing), `judge` (people to judge), `contacts`, `plan`, `ways` (who
can introduce me), `write` (messages to send oneself), `rounds` (telling those who helped how it goes), `me`, `coming`
(talks ahead and follow-ups), `talks` (those held), `questions` (the lists), `reply` (behind links in mails), `sent`,
`changes` (undo), `settings`, `health`.
"""

from __future__ import annotations

from flask import Blueprint

from service.pages import (
    accounts,
    changes,
    coming,
    consent,
    contacts,
    files,
    first,
    health,
    home,
    judge,
    me,
    more,
    phone,
    plan,
    questions,
    reply,
    rounds,
    sent,
    settings,
    talks,
    ways,
    write,
)

PAGES: tuple[Blueprint, ...] = (
    home.pages,
    more.pages,
    phone.pages,
    first.pages,
    accounts.pages,
    consent.pages,
    files.pages,
    judge.pages,
    contacts.pages,
    plan.pages,
    ways.pages,
    write.pages,
    rounds.pages,
    me.pages,
    coming.pages,
    talks.pages,
    questions.pages,
    reply.pages,
    sent.pages,
    changes.pages,
    settings.pages,
    health.pages,
)
