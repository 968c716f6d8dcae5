"""Answers of text go out compressed where the browser takes that: pages come to a fifth. Called by `service.web`.

granian compresses nothing, and a proxy need not be there. Beside a secret, compression can tell a stranger on the line
what he guesses right (the attack called BREACH): he would have to send requests in the owner's name that bring his
guesses back, and our cookie does not travel with those of other sites (SameSite). The one secret in a page is the token
of its forms, and that is signed anew with the second it is given out in, so guesses never add up.
"""

from __future__ import annotations

import gzip

from flask import Response, request

LEAST = 1_000  # bytes: below that the wrapping eats what is won; ours
LEVEL = 5  # of 9: a page of 100 kB in some two milliseconds, hardly larger than at the highest
KINDS = ("text/", "application/json", "application/javascript", "application/manifest", "image/svg")


def shrink(response: Response) -> Response:
    """The answer, compressed if it is whole, text, long enough and wanted so."""
    if not _fits(response):
        return response
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"]:
        return response
    response.direct_passthrough = False  # a file of ours: short, and read in one go
    whole = response.get_data()
    if len(whole) < LEAST:
        return response
    response.set_data(gzip.compress(whole, LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    etag, _ = response.get_etag()
    if etag:
        response.set_etag(etag, weak=True)  # the same in meaning, no longer byte by byte
    return response


def _fits(response: Response) -> bool:
    there = "Content-Encoding" in response.headers or "Content-Range" in response.headers
    whole = not response.is_streamed or request.endpoint == "static"
    return response.status_code == 200 and whole and not there and (response.mimetype or "").startswith(KINDS)
