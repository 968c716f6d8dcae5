"""What a year was like for whoever lived it: mails a week, entries a week, how late things came."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time, timedelta

from keepwarm.followups import OWED
from keepwarm.mails import AROUND_TALKS, KINDS
from keepwarm.store.follow_ups import FollowUp
from keepwarm.store.outbox import OutboxRow
from keepwarm.zones import week_of
from tests.rings.year.life import BEGIN, DAYS, ZONE


def weeks() -> list[str]:
    days = (BEGIN + timedelta(days=number) for number in range(0, DAYS, 7))
    return [week_of(datetime.combine(day, time(12), UTC), ZONE) for day in days]


def sent(rows: list[OutboxRow]) -> list[OutboxRow]:
    return [each for each in rows if each.kind in KINDS and each.state == "sent"]


def around_a_talk(row: OutboxRow) -> bool:
    """Mails before and after a talk, and the one about thanks for it."""
    thanks = row.kind == "nudge" and all(each.startswith(("thanks:", "word:")) for each in row.payload["owed"])
    return row.kind in AROUND_TALKS or thanks


def by_week(rows: list[OutboxRow], *, around_talks: bool) -> Counter[str]:
    found = [each for each in sent(rows) if around_a_talk(each) == around_talks]
    return Counter(week_of(each.settled_at or each.run_at, ZONE) for each in found)


def written(rows: list[FollowUp], *, owed: bool) -> Counter[str]:
    """Entries by the week in which they stood: not those taken away before their time, as real contact came first."""
    kept = [each for each in rows if each.state not in {"planned", "removed"} and each.cycle.startswith(OWED) == owed]
    return Counter(week_of(each.at, ZONE) for each in kept if each.event_fingerprint)


def lateness(rows: list[OutboxRow]) -> list[timedelta]:
    return sorted((each.settled_at or each.run_at) - each.run_at for each in sent(rows))


def page(outbox: list[OutboxRow], entries: list[FollowUp], talks: int) -> str:
    """The report, as it is kept and read."""
    quiet, busy = by_week(outbox, around_talks=False), by_week(outbox, around_talks=True)
    keep, owed = written(entries, owed=False), written(entries, owed=True)
    kinds = Counter(each.kind for each in sent(outbox))
    skipped = Counter(each.reason for each in outbox if each.state == "skipped" and each.kind in KINDS)
    late = lateness(outbox)
    lines = [
        "A year in the life",
        "",
        f"300 people, {talks} talks held; ten days in March nobody worked; three weeks of holiday from 20 July;",
        "another goal from 8 June; a job found on 5 October.",
        "",
        f"Mails in all: {sum(kinds.values())}. " + ", ".join(f"{kind} {kinds[kind]}" for kind in KINDS if kinds[kind]),
        f"Outside talks: {sum(quiet.values()) / len(weeks()):.1f} a week, at most {max(quiet.values())}.",
        f"Entries in the calendar: {sum(keep.values())} to keep in touch, {sum(owed.values())} promises.",
        f"Lateness of mails: half within {minutes(late[len(late) // 2])} min, the latest {minutes(late[-1])} min.",
        "Not sent, and why: " + ("; ".join(f"{why} {n}" for why, n in sorted(skipped.items())) or "nothing") + ".",
        "",
        "week      other  talks  keep  promises",
    ]
    lines += [f"{week}  {quiet[week]:5}  {busy[week]:5}  {keep[week]:4}  {owed[week]:8}" for week in weeks()]
    return "\n".join(lines) + "\n"


def minutes(span: timedelta) -> int:
    return round(span / timedelta(minutes=1))
