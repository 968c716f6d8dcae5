"""Rows of exports (LinkedIn's columns), friends of Facebook's file, and whole files of both kinds."""

from __future__ import annotations

from collections.abc import Callable

from tests.rings.hostile.bombs.bomb import QUARANTINED, READ, SKIPPED, Becomes, Bomb

HEAD = "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
ROW = "Bob{},Bomb,https://www.linkedin.com/in/bob{},bob{}@example.net,Acme,Lead,08 Aug 2012\n"


def rows(count: int) -> str:
    return "".join(ROW.replace("{}", str(number)) for number in range(count))


def text(make: Callable[[int], str], size: int = 1, becomes: Becomes = READ, items: int = 1) -> Bomb:
    return Bomb(make=lambda n: make(n).encode("utf-8", "surrogatepass"), size=size, becomes=becomes, items=items)


ROWS: dict[str, Bomb] = {
    "field of 70 kB": text(lambda n: "Bob," + "x" * n + ",,,,,\n", 70_000, QUARANTINED),
    "field of 50 kB": text(lambda n: "Bob," + "x" * n + ",,,,,\n", 50_000),
    "field of 10 MB": text(lambda n: '"' + "x" * n + '",,,,,,\n', 10_000_000, QUARANTINED, items=40),
    "quote never closed": text(lambda _: '"Bob,Bomb,,,,,\n', 1, QUARANTINED),
    "quote in the middle": text(lambda _: 'Bo"b,Bomb,,,,,\n', 1, QUARANTINED),
    "quotes by the thousand": text(lambda n: "Bob," + '""' * n + ",,,,,\n", 30_000),
    "quoted line ends": text(lambda n: 'Bob,"' + "\n" * n + '",,,,,\n', 60_000),
    "100,000 columns": text(lambda n: "Bob" + "," * n + "\n", 100_000),
    "NULs and bells": text(lambda n: "Bob,\0\x07" + "\0" * n + ",,,,,\n", 1_000),
    "carriage returns": text(lambda n: "Bob,\r" + "\r" * n + ",,,,,\n", 1_000, QUARANTINED),
    "separators alone": text(lambda n: "," * n + "\n", 1_000, SKIPPED),
    "surrogates and bidi": text(lambda n: "Bob," + "\ud800\u202e" * n + "x,,,,,\n", 1_000),
    "a profile of 50 kB": text(lambda n: "Bob,Bomb,https://linkedin.com/in/" + "x" * n + ",,,,\n", 50_000),
    "profiles": text(lambda n: "Bob,Bomb," + "linkedin.com/" * n + ",,,,\n", 3_000),
    "address of 50 kB": text(lambda n: "Bob,Bomb,," + "a@" * n + ",,,\n", 25_000),
    "date of digits": text(lambda n: "Bob,Bomb,,,,," + "9" * n + "\n", 50_000),
    "a formula": text(lambda _: "=cmd|' /C calc'!A0,@SUM(1),,,,,\n"),
}

FRIENDS: dict[str, Bomb] = {
    "nested 100,000 deep": text(lambda n: '{"name":' + "[" * n + "]" * n + "}", 100_000, QUARANTINED),
    "name of 10 MB": text(lambda n: '{"name":"' + "x" * n + '"}', 10_000_000, QUARANTINED),
    "name of 50 kB": text(lambda n: '{"name":"' + "x" * n + '"}', 50_000),
    "not a friend": text(lambda _: '"odd"', 1, QUARANTINED),
    "nothing": text(lambda _: "null", 1, QUARANTINED),
    "no name": text(lambda _: "{}", 1, SKIPPED),
    "names by the thousand": text(lambda n: "{" + ",".join(['"name":"Bob"'] * n) + "}", 4_000),
    "a time that is none": text(lambda _: '{"name":"Bob Bomb","timestamp":NaN}'),
    "a time without an end": text(lambda _: '{"name":"Bob Bomb","timestamp":1e999}'),
    "a time of many digits": text(lambda n: '{"name":"Bob Bomb","timestamp":' + "9" * n + "}", 50_000, QUARANTINED),
    "a name of lone surrogates": text(lambda n: '{"name":"Bob' + "\\ud800" * n + '"}', 5_000),
    "escapes by the thousand": text(lambda n: '{"name":"Bob","x":"' + '\\"' * n + '"}', 30_000),
    "brackets in a text": text(lambda n: '{"name":"Bob","x":"' + "]}{[" * n + '"}', 10_000),
    "NUL and escape codes": text(lambda _: '{"name":"Bob\\u0000\\u001b[2J"}'),
}


def friends(*found: str) -> str:
    return '{"friends_v2": [' + ",".join(found) + "]}"


FILES: dict[str, Bomb] = {
    "csv, no line ends": text(lambda n: HEAD + "x," * n, 5_000_000, items=40),
    "csv, a million columns": text(lambda n: HEAD.rstrip("\n") + "," * n + "\n", 1_000_000, SKIPPED),
    "csv, column names of 10 MB": text(
        lambda n: "First Name,Last Name,Connected On," + "x" * n + "\n", 10_000_000, QUARANTINED
    ),
    "csv, a quote in every other row": text(lambda n: HEAD + '"x\n\n\n' * n, 20_000, items=20_000),
    "csv, blank lines": text(lambda n: HEAD + "\n" * n, 3_000_000, SKIPPED, items=200_000),
    "csv, UTF-16 cut in a letter": Bomb(make=lambda n: (HEAD + rows(n)).encode("utf-16")[:-1], size=2_000, items=2_000),
    "csv, UTF-16 of 30 MB": Bomb(make=lambda n: (HEAD + rows(n)).encode("utf-16"), size=180_000, items=180_000),
    "csv, UTF-16 without a line end": Bomb(
        make=lambda n: (HEAD + "x" * n).encode("utf-16"), size=10_000_000, becomes=QUARANTINED, items=40
    ),
    "json, a million empty friends": text(lambda n: friends(*["{}"] * n), 1_000_000, SKIPPED, items=200_001),
    "json, ten million lists": text(
        lambda n: friends('{"name":"Bob","x":[' + ",".join(["[]"] * n) + "]}"), 10_000_000, QUARANTINED
    ),
    "json, nested before it begins": text(lambda n: "[" * n + '"friends":[', 2_000, QUARANTINED),
    "json, the list twice": text(lambda _: '{"friends_v2":[],"friends_v2":[{"name":"Bob Bomb"}]}'),
    "json, cut in the middle": text(lambda _: friends(*['{"name":"Bob Bomb"}'] * 50)[:-20], 1, QUARANTINED, items=50),
    "json, no list": text(lambda n: '{"friends": 1, "x":"' + "\\" * n + '"}', 1_000_001, QUARANTINED),
}
