"""Cards that cost readers their time and memory: photographs, folds, soft breaks, charsets, cards within cards."""

from __future__ import annotations

from collections.abc import Callable

from tests.rings.hostile.bombs.bomb import QUARANTINED, READ, SKIPPED, Becomes, Bomb


def card(*lines: str, name: str = "FN:Bob Bomb") -> str:
    return "\r\n".join(("BEGIN:VCARD", "VERSION:3.0", name, *lines, "END:VCARD", ""))


def grown(make: Callable[[int], str], size: int, becomes: Becomes = READ) -> Bomb:
    return Bomb(make=lambda n: make(n).encode("utf-8", "surrogatepass"), size=size, becomes=becomes)


def _soft(n: int) -> str:
    return "FN;ENCODING=QUOTED-PRINTABLE:x=\r\n" + "a=\r\n" * n + "b"


_ESCAPED = "FN;CHARSET={}:" + "\\ud800\\x" * 1_000
_LABELS = ".".join(["ü" * 20] * 8)

BOMBS: dict[str, Bomb] = {
    "photograph of 50 MB": grown(lambda n: card("PHOTO;ENCODING=b:" + "A" * n), 50_000_000),
    "folded photograph of 50 MB": grown(lambda n: card("PHOTO;ENCODING=b:" + "\r\n ".join(["A" * 74] * n)), 650_000),
    "name of 50 MB": grown(lambda n: card(name="FN:" + "x" * n), 50_000_000),
    "a fold after every letter": grown(lambda n: card("NICKNAME:x" + "\r\n a" * n), 60_000),
    "a million folds": grown(lambda n: card("NICKNAME:x" + "\r\n a" * n), 1_000_000),
    "ten names, a fold after every letter": grown(
        lambda n: card(*["NICKNAME:x" + "\r\n a" * n] * 10), 60_000, QUARANTINED
    ),
    "empty folds": grown(lambda n: card("NICKNAME:x" + "\r\n " * n), 500_000),
    "a soft break after every letter": grown(lambda n: card(_soft(n)), 60_000),
    "ten names of soft breaks": grown(lambda n: card(*[_soft(n)] * 10), 60_000),
    "a soft break that never ends": grown(
        lambda n: card("NOTE;ENCODING=QUOTED-PRINTABLE:x=" + "\r\na=" * n + "\r\n"), 300_000
    ),
    "quoted-printable of signs": grown(lambda n: card("NICKNAME;ENCODING=QUOTED-PRINTABLE:" + "=" * n + "x"), 60_000),
    "cards in cards": grown(lambda n: card(*["AGENT:\r\nBEGIN:VCARD"] * n, *["END:VCARD"] * n), 5_000, QUARANTINED),
    "a card in a line": grown(lambda n: card("AGENT:BEGIN:VCARD\\nFN:x\\nEND:VCARD" * n), 1_000),
    "100,000 properties": grown(lambda n: card(*[f"EMAIL:b{at}@example.org" for at in range(n)]), 100_000, QUARANTINED),
    "100,000 unknown properties": grown(lambda n: card(*[f"X-{at}:b" for at in range(n)]), 100_000),
    "1,900 addresses": grown(lambda n: card(*[f"EMAIL:b{at}@example.org" for at in range(n)]), 1_900),
    "1,200 international addresses": grown(lambda n: card(*[f"EMAIL:b@{_LABELS}.x{at}" for at in range(n)]), 1_200),
    "labels by the hundred thousand": grown(lambda n: card(*["CATEGORIES:" + "," * n] * 8), 60_000),
    "an organisation of 60,000 parts": grown(lambda n: card("ORG:" + ";" * n, "N:" + ";" * n), 60_000),
    "escapes": grown(lambda n: card("NICKNAME:" + "\\n" * n), 30_000),
    "parameters without an end": grown(lambda n: card("TEL" + ";X=1" * n + ":1"), 16_000),
    "parameters of quotes": grown(lambda n: card('TEL;X="' + '";X="' * n + '":1'), 12_000),
    "quotes never closed": grown(lambda n: card("TEL" + ';X="' * n + ":1"), 16_000),
    "semicolons without a colon": grown(lambda n: card("TEL" + ";" * n), 60_000),
    "dots before the name": grown(lambda n: card("a." * n + "TEL:1"), 30_000),
    "one long word": grown(lambda n: card("a" * n), 60_000),
    "charset punycode": grown(lambda n: card("NICKNAME;CHARSET=punycode:" + "a" * n + "-" + "b" * n), 30_000),
    "charset idna": grown(lambda n: card("NICKNAME;CHARSET=idna:" + "a." * n), 30_000),
    "charset unicode_escape": grown(lambda n: card(*[_ESCAPED.format("unicode_escape")] * n), 5),
    "charset raw_unicode_escape": grown(lambda n: card(*[_ESCAPED.format("raw_unicode_escape")] * n), 5),
    "charset utf-16": grown(lambda n: card("NICKNAME;CHARSET=utf-16:" + "x" * n), 60_000),
    "charset utf-7 with surrogates": grown(lambda n: card("NICKNAME;CHARSET=utf-7:" + "+2AA-" * n), 10_000),
    "charset that unpacks": grown(lambda n: card(*["NICKNAME;CHARSET=zlib_codec:x", "NICKNAME;CHARSET=bz2:x"] * n), 40),
    "a charset for every property": grown(lambda n: card(*[f"TEL;CHARSET=x-{at}:1" for at in range(n)]), 1_900),
    "charset of a long name": grown(lambda n: card("NICKNAME;CHARSET=" + "x" * n + ":1"), 60_000),
    "birthday in the year 0": grown(lambda _: card("BDAY:0000-00-00"), 1),
    "1,900 birthdays": grown(lambda n: card(*["BDAY:9999-99-99"] * n), 1_900),
    "a link of 60 kB": grown(lambda n: card("URL:http://linkedin.com/in/" + "x" * n), 60_000),
    "links by the thousand": grown(lambda n: card(*["URL:" + "linkedin.com/" * 10] * n), 1_900),
    "NUL bytes and surrogates": grown(lambda n: card("NICKNAME:" + "\0\ud800\u202e" * n), 10_000),
    "carriage returns alone": grown(lambda n: card("NOTE:x" + "\r" * n), 200_000),
    "ends too often": grown(lambda n: card() + "END:VCARD\r\n" * n, 100_000),
    "a group": grown(lambda n: card("KIND:group", *["MEMBER:urn:uuid:1"] * n), 100_000, SKIPPED),
    "nobody": grown(lambda n: card(*["NOTE:x"] * n, name="FN:"), 10_000, SKIPPED),
}
