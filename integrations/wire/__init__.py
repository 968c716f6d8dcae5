"""Formats and transport shared by adapters; knows none of them. Start with `mime` (mail headers), `ical`, `vcard`."""
