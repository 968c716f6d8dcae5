"""Reading the header block of one mail: bounded, linear, never a body and never a subject.

Called by every adapter that reads mail (files, IMAP, Gmail, Graph). In reading order:

- ``message``   `read_message`: bytes → `keepwarm.types.Message`; `cut_head` cuts before anything is parsed
- ``headers``   one scan for the headers we want
- ``addresses`` one regex for ordinary address lists, a small tokeniser for the rest
- ``words``     encoded words, charsets, and names fit to be shown
- ``dates``     RFC 5322 dates and their many misspellings
- ``marks``     what the headers prove about how the mail came to be
- ``lists``     which addresses the headers declare to be mailing lists
- ``items``     one mail as an import or an account counts it: a message, or why there is none
- ``asked``     the header block of a mail of which a server told single headers
- ``folders``   names of Sent, Drafts, Spam and Trash in many languages

Why not the standard parser: it is quadratic or raises on hostile input (CPython #136063, #148518, #151857), and
``getaddresses`` answers differently from one Python release to the next.
"""

from integrations.wire.mime.message import HEAD_LIMIT, cut_head, read_cut, read_message, why_left_out

__all__ = ["HEAD_LIMIT", "cut_head", "read_cut", "read_message", "why_left_out"]
