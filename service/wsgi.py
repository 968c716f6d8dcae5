"""What the web server serves: `service.wsgi:make_app`. Called by `service.box` and deploy/."""

from __future__ import annotations

import gc

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from service import create_app, watch
from workers.runtime import Runtime


def make_app() -> Flask:
    """The app over the runtime of this process's environment; from now on it also looks after the workers."""
    runtime = Runtime.build(migrate=True)
    watch.start(runtime)
    app = behind(create_app(runtime), runtime.settings.proxies)
    collect_rarely()
    return app


def collect_rarely() -> None:
    """From now on look for circular garbage after 10,000 new values instead of 700, and never among what is there now.

    A page that reads thousands of rows was looked through dozens of times else, which took up to half of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


def behind(app: Flask, proxies: int) -> Flask:
    """The same app, which hears from a proxy in front whether people came by https.

    Who they are is believed of as many proxies as the operator counted, from behind: what else stands in
    `X-Forwarded-For` anybody may have written (werkzeug, "Tell Flask it is Behind a Proxy").
    """
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=1, x_host=0)  # type: ignore[method-assign]  # Flask's own way
    return app
