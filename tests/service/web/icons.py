"""Draws the icons of the installed app from our own mark: `python -m tests.service.web.icons`, with Chromium.

Run it after a change of `service/static/favicon.svg` and commit what it writes. A plain icon shows the mark as it is;
the maskable one fills the square and keeps the mark within the inner 80 % (W3C Web Application Manifest, "safe zone").
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.service.web.screen import FLAGS

STATIC = Path(__file__).resolve().parents[3] / "service" / "static"
SIZES = {"icon-192.png": (192, False), "icon-512.png": (512, False), "icon-mask.png": (512, True)}


def page(size: int, *, mask: bool) -> str:
    """A page that shows nothing but the icon, ``size`` pixels square."""
    mark = (STATIC / "favicon.svg").read_text(encoding="utf-8")
    inner = re.sub(r"^<svg[^>]*>|</svg>\s*$", "", mark)
    if mask:
        field = re.search(r'<rect[^>]*fill="([^"]+)"[^>]*/>', inner)
        assert field, "the mark stands on a coloured field"
        drawn = inner.replace(field[0], "")
        inner = (
            f'<rect width="32" height="32" fill="{field[1]}"/><g transform="translate(4.8 4.8) scale(.7)">{drawn}</g>'
        )
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" viewBox="0 0 32 32">{inner}</svg>'
    return f"<!doctype html><body style='margin:0;line-height:0;background:transparent'>{svg}"


def draw(folder: Path) -> None:
    """Write every icon of SIZES into ``folder``."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        for name, (size, mask) in SIZES.items():
            tab = browser.new_page(viewport={"width": size, "height": size})
            tab.set_content(page(size, mask=mask))
            (folder / name).write_bytes(tab.screenshot(omit_background=True))
            tab.close()
        browser.close()


if __name__ == "__main__":
    draw(STATIC)
