"""Servers found from an address: by their usual names, beside what the person gave, and within a bounded time."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from integrations.open import discovery
from integrations.open.discovery import find
from integrations.open.servers import Server, Servers
from integrations.wire import net
from keepwarm.errors import Rejected
from tests.integrations.open.domain import ADDRESS, Site, authority, names, no_guesses, reach, site
from tests.servers.dns import Dns

__all__ = ["authority", "names", "no_guesses", "site"]  # fixtures


# Usual names, and what the person gave


@contextmanager
def listening() -> Iterator[tuple[int, list[int]]]:
    """A port that somebody listens on, and how often it was called."""
    calls: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(0.05)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                try:
                    door.accept()[0].close()
                except TimeoutError:
                    continue
                calls.append(1)

        thread = threading.Thread(target=serve)
        thread.start()
        yield door.getsockname()[1], calls
        stop.set()
        thread.join()


def test_usual_names_are_taken_where_somebody_answers(
    names: Callable[..., Dns], site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.says["mail.example.org", "/.well-known/caldav"] = (207, {}, b"<x/>")
    site.says["nextcloud.example.org", "/remote.php/dav/"] = (401, {}, b"")
    with listening() as (port, calls), socket.create_server(("127.0.0.1", 0)) as other:
        closed = other.getsockname()[1]
        other.close()
        guesses = {
            "imap": (("imap", "imaps", closed), ("mail", "imaps", port)),
            "smtp": (("smtp", "smtps", closed), ("mail", "smtp", closed)),
        }
        monkeypatch.setattr(discovery, "GUESSES", guesses)
        found = find(ADDRESS, reach(names()), https_port=site.port)
    assert found.imap == Server(protocol="imap", host="mail.example.org", port=port, tls="tls")
    assert found.smtp is None
    assert len(calls) == 1
    assert found.caldav == f"https://mail.example.org:{site.port}/.well-known/caldav"
    assert found.carddav == f"https://nextcloud.example.org:{site.port}/remote.php/dav/"
    assert set(found.how.values()) == {"guess"}
    assert site.logins == []


def test_a_private_answer_is_never_connected_to(names: Callable[..., Dns], monkeypatch: pytest.MonkeyPatch) -> None:
    with listening() as (port, calls):
        monkeypatch.setattr(discovery, "GUESSES", {"imap": (("imap", "imaps", port),), "smtp": ()})
        dns = names({("_caldavs._tcp.example.org", "SRV"): [f"0 1 {port} cal.example.org."]})
        found = find(ADDRESS, reach(dns, "10.9.9.9"), https_port=port, seconds=6)
        time.sleep(0.1)
    assert found == Servers(user=ADDRESS)
    assert calls == []


def test_what_the_person_gave_is_left_alone(names: Callable[..., Dns]) -> None:
    dns = names({("_imaps._tcp.example.org", "SRV"): ["0 0 993 imap.example.org."]})
    given = {
        "imap": "10.0.0.7:1143", "smtp": "smtp://nas.example.net:2525", "caldav": "https://10.0.0.7/dav",
        "carddav": "nas.example.net/cards", "user": "anna",
    }  # fmt: skip
    found = find(ADDRESS, reach(dns), given)
    assert (str(found.imap), str(found.smtp)) == ("imaps://10.0.0.7:1143", "smtp://nas.example.net:2525")
    assert (found.caldav, found.carddav) == ("https://10.0.0.7/dav", "https://nas.example.net/cards")
    assert found.user == "anna"
    assert set(found.how.values()) == {"given"}
    assert found.foreign("example.org") == []
    assert dns.asked == []


def test_the_rest_is_still_looked_for(names: Callable[..., Dns]) -> None:
    dns = names({("_submissions._tcp.example.org", "SRV"): ["0 0 465 smtp.example.org."]})
    found = find(ADDRESS, reach(dns), {"imap": "imap.example.net", "smtp": " "}, seconds=6)
    assert found.how == {"imap": "given", "smtp": "srv"}


@pytest.mark.parametrize("given", [{"imap": "a b"}, {"smtp": "x:0"}, {"caldav": "http://example.org/"}])
def test_a_given_server_that_is_none_is_refused_in_words(names: Callable[..., Dns], given: dict[str, str]) -> None:
    with pytest.raises(Rejected):
        find(ADDRESS, reach(names()), given)


@pytest.mark.parametrize(
    "address", ["", "anna", "@example.org", "anna@", "anna@a b.example", "a\nb@example.org", "a@-x"]
)
def test_what_is_no_address_is_refused(names: Callable[..., Dns], address: str) -> None:
    dns = names()
    with pytest.raises(Rejected, match="not a mail address"):
        find(address, reach(dns))
    assert dns.asked == []


# Time


def test_a_name_server_that_never_answers_costs_a_bounded_time(
    names: Callable[..., Dns], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(net, "LOOKUP", 1.5)  # so that the test ends soon after
    monkeypatch.setattr(discovery, "GUESSES", {"imap": (("imap", "imaps", 993),), "smtp": (("smtp", "smtps", 465),)})
    begun = time.monotonic()
    found = find(ADDRESS, reach(names(silent=True)), {"smtp": "smtp.example.org"}, seconds=2)
    assert time.monotonic() - begun < 3
    assert found.how == {"smtp": "given"}


def test_a_web_server_that_never_answers_leaves_what_else_is_found(names: Callable[..., Dns]) -> None:
    dns = names({("_imaps._tcp.example.org", "SRV"): ["0 0 993 imap.example.org."]})
    with socket.create_server(("127.0.0.1", 0), backlog=64) as door:
        begun = time.monotonic()
        found = find(ADDRESS, reach(dns), https_port=door.getsockname()[1], seconds=2)
        assert time.monotonic() - begun < 3
    assert found.how == {"imap": "srv"}


def test_an_answer_too_long_for_udp_comes_over_tcp(names: Callable[..., Dns]) -> None:
    many = [f"{number} 0 993 imap{number:03}.example.org." for number in range(60)]
    found = find(ADDRESS, reach(names({("_imaps._tcp.example.org", "SRV"): many})), seconds=6)
    assert str(found.imap) == "imaps://imap000.example.org:993"
