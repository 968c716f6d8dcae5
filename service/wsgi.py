"""What gunicorn serves: `service.wsgi:make_app()`. Called by `service.box` and deploy/."""

from __future__ import annotations

from flask import Flask

from service import create_app, watch
from workers.runtime import Runtime


def make_app() -> Flask:
    """The app over the runtime of this process's environment; from now on it also looks after the workers."""
    runtime = Runtime.build(migrate=True)
    watch.start(runtime)
    return create_app(runtime)
