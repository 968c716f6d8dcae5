"""iCalUId as Exchange builds it: a global object id in hexadecimal digits, with an occurrence's date in bytes 17 to 20.

[MS-OXOCAL] 2.2.1.27 (PidLidGlobalObjectId). `calendars.py` uses it.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date

CLASS = "040000008200E00074C5B7101A82E008"
OWN = re.compile(CLASS + r"[0-9A-F]{80}")


def new(seed: str) -> str:
    """Of a series or a single event: no date."""
    unique = hashlib.sha256(seed.encode()).hexdigest().upper()
    return f"{CLASS}00000000{unique[:16]}{'0' * 16}10000000{unique[16:48]}"


def of_occurrence(uid: str, day: date) -> str:
    """With the day of the original start; another system's uid stays as it is."""
    if not OWN.fullmatch(uid):
        return uid
    return f"{uid[:32]}{day.year:04X}{day.month:02X}{day.day:02X}{uid[40:]}"
