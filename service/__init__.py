"""The face: Flask and the command. `create_app(runtime)` is what the web process serves.

Reading order: `web` (the app), `security` (headers and limits), `auth` (who is there), `desk` (what every view has at
hand), `pages/` (one file per subject), `feed` (the calendar that programs subscribe to), `webhooks` (providers tell of
news), `navigation` (where one can go), `week` and `ahead` (what Today shows), `still` (static files), `display` and
`words` (how things are shown), `watch` (looking after the workers); `cli/` (the command) and `box/` (`keepwarm run`)
beside them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from workers.runtime import Runtime


def create_app(runtime: Runtime) -> Flask:
    """The web app over this runtime. Starts nothing and reads no environment."""
    from service import web  # the command shares this package and starts quicker without Flask

    return web.build(runtime)
