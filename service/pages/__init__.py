"""The pages: one file per subject, each with its blueprint in PAGES; a new page adds its file and one line here.

Reading order: `first` (the first steps, and the sample network), `home` (today), `more` (all other pages), `phone`
(installed, and without a connection), `accounts` and `consent` (what is connected), `files` (adding and undoing),
`people` (everybody, the new, one person), `plan`, `ways` (who can introduce me), `introductions` (that, and the
requests), `organisations`, `write` (messages to send oneself), `rounds` (telling those who helped how it goes), `me`,
`coming` (talks ahead), `booking` (one in no calendar), `talk_list` (the questions of one), `calendar` (of follow-ups),
`talks` (those held), `questions` (the lists), `pictures` (the map), `reply` (behind the links in mails), `sent`,
`changes` (undo), `settings`, `health`, and their like.
"""

from __future__ import annotations

from flask import Blueprint

from service.pages import (
    access,
    accounts,
    booking,
    calendar,
    changes,
    coming,
    consent,
    data,
    files,
    first,
    health,
    home,
    house,
    introductions,
    me,
    more,
    never,
    organisations,
    people,
    phone,
    pictures,
    plan,
    questions,
    reply,
    rounds,
    sent,
    settings,
    talk_list,
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
    people.to_judge,
    people.pages,
    plan.pages,
    ways.pages,
    introductions.pages,
    organisations.pages,
    write.pages,
    rounds.pages,
    me.pages,
    pictures.pages,
    coming.pages,
    booking.pages,
    talk_list.pages,
    calendar.pages,
    talks.pages,
    questions.pages,
    reply.pages,
    sent.pages,
    changes.pages,
    settings.pages,
    never.pages,
    data.pages,
    health.pages,
    access.pages,
    house.pages,
)
