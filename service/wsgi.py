"""What the web server serves: `service.wsgi:make_app`. Called by `service.box` and deploy/."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from service import create_app, watch
from workers.runtime import Runtime


def make_app() -> Flask:
    """The app over the runtime of this process's environment; from now on it also looks after the workers.

    A proxy in front says whether people came by https; of whom it says they are nothing is believed.
    """
    runtime = Runtime.build(migrate=True)
    watch.start(runtime)
    app = create_app(runtime)
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=0, x_proto=1, x_host=0)  # type: ignore[method-assign]  # Flask's own way
    return app
