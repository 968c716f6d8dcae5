"""keepwarm write, thank, intro and path: stable forms, refusals."""

from __future__ import annotations

from pathlib import Path

from tests.service.cli import made
from tests.service.cli.conftest import Command


def test_nobody_known_is_refused_in_one_line(keepwarm: Command) -> None:
    for arguments in (("write", "nobody"), ("thank", "nobody"), ("intro", "nobody", "nobody")):
        found = keepwarm(*arguments)
        assert found.status == 1
        assert "There is no such contact in your network." in found.err


def test_no_way_is_said(keepwarm: Command) -> None:
    assert keepwarm("path", "Lantern", "--json").value == []
    assert "ask for names" in keepwarm("path", "Lantern").out


def test_a_text_to_begin_with(keepwarm: Command, mailbox: Path) -> None:
    keepwarm("import", str(mailbox), "--owner", made.ME)
    keepwarm("accept", "--all")
    person = keepwarm("contacts", "--state", "active", "--json").value[0]
    found = keepwarm("write", person["id"], "--json").value
    assert found.keys() == {
        "contact", "kind", "channel", "why", "subject", "body", "mailto", "whatsapp", "tel", "profile",
    }  # fmt: skip
    assert (found["kind"], found["channel"], found["whatsapp"]) == ("first", "mail", None)
    assert found["mailto"].startswith(f"mailto:{person['addresses'][0]}?subject=")
    assert "twenty minutes" in keepwarm("write", person["id"]).out
    assert "how quickly mails" in keepwarm("write", person["id"], "--again").out
    assert "it helped me" in keepwarm("thank", person["id"]).out
    keepwarm("plan", "add", person["id"], "--channel", "telephone")
    assert keepwarm("write", person["id"], "--json").value["channel"] == "telephone"
