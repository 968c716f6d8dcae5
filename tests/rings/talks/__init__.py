"""Mails around talks, thousands of them: never after the start, never to or about anybody they should not (R9, R10)."""
