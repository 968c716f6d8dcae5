"""Everything of one owner as one document, to take along: its shape, and what may stand in it. Pure.

Called by `integrations.files` (which reads the document), `keepwarm.store.moving` (rows out, rows in) and
`workers.exporting` (which writes it). Reading order: `shape` (sections and their fields, one table), `reading` (one
raw entry → `keepwarm.types.Record`, everything foreign refused). The words for people: docs/export.md.
"""

from __future__ import annotations

from keepwarm.portable.reading import PARTLY, entry, meeting_ref
from keepwarm.portable.shape import FORMAT, SECTIONS, VERSION, Field, Section, section_named

__all__ = ["FORMAT", "PARTLY", "SECTIONS", "VERSION", "Field", "Section", "entry", "meeting_ref", "section_named"]
