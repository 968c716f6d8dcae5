"""iCalendar, both ways: foreign calendars into `CalendarEvent`s, our own events into bytes.

Called by the calendar adapters and the importer of files. Reading order: `reading` (the guard around each event), `cut`
(bytes into parts), `rules` and `trial` (what is refused before any library sees it), `zones` (names to time zones),
`fields` (one VEVENT through `icalendar`), `series` (repetition through `dateutil`), `writing`.

Follows RFC 5545 and RFC 7986; the limits are those of the experiment E6 of the reliability study.
"""

from integrations.wire.ical.reading import read_calendar
from integrations.wire.ical.writing import read_our_event, write_event, write_feed

__all__ = ["read_calendar", "read_our_event", "write_event", "write_feed"]
