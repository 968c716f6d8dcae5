"""What the web server serves: `service.wsgi:make_app`. Called by `service.box` and deploy/."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from service import create_app, watch
from workers.runtime import Runtime


def make_app() -> Flask:
    """The app over the runtime of this process's environment; from now on it also looks after the workers."""
    runtime = Runtime.build(migrate=True)
    watch.start(runtime)
    return behind(create_app(runtime), runtime.settings.proxies)


def behind(app: Flask, proxies: int) -> Flask:
    """The same app, which hears from a proxy in front whether people came by https.

    Who they are is believed of as many proxies as the operator counted, from behind: what else stands in
    `X-Forwarded-For` anybody may have written (werkzeug, "Tell Flask it is Behind a Proxy").
    """
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=1, x_host=0)  # type: ignore[method-assign]  # Flask's own way
    return app
