"""What a device is called: browser and system in words, from what the browser says of itself, which is not kept.

Called by `service.auth` at sign-in. Pure. In either table the first line that fits counts: most browsers also claim to
be others.
"""

from __future__ import annotations

BROWSERS = (
    ("Edg/", "Edge"), ("EdgA/", "Edge"), ("EdgiOS/", "Edge"), ("OPR/", "Opera"), ("Vivaldi/", "Vivaldi"),
    ("SamsungBrowser/", "Samsung Internet"), ("FxiOS/", "Firefox"), ("Firefox/", "Firefox"), ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chrome"), ("Chromium/", "Chromium"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"), ("Windows", "Windows"),
    ("Macintosh", "Mac"), ("Linux", "Linux"),
)  # fmt: skip
LOOKED_AT = 400  # characters; ours: the words stand at the front


def called(said: str) -> str:
    """``Firefox, Windows``; one of the two, or empty, where nothing is known."""
    said = said[:LOOKED_AT]
    found = (next((name for sign, name in table if sign in said), "") for table in (BROWSERS, SYSTEMS))
    return ", ".join(filter(None, found))
