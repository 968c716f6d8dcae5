"""keepwarm write, thank, intro and path: stable forms, refusals."""

from __future__ import annotations

from pathlib import Path

from tests.service.cli import made
from tests.service.cli.conftest import Command


def test_nobody_known_is_refused_in_one_line(keepwarm: Command) -> None:
    for arguments in (("write", "nobody"), ("thank", "nobody"), ("intro", "text", "nobody", "nobody")):
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


def test_requests_to_be_introduced(keepwarm: Command, mailbox: Path) -> None:
    keepwarm("import", str(mailbox), "--owner", made.ME)
    keepwarm("accept", "--all")
    one, two = (each["id"] for each in keepwarm("contacts", "--state", "active", "--json").value[:2])
    assert "If I am not mistaken you know" in keepwarm("intro", "text", one, two).out
    (asked,) = keepwarm("intro", "asked", one, two, "--json").value
    assert asked.keys() == {"id", "via", "contact", "state", "step", "due_at", "why"}
    assert (asked["via"], asked["contact"], asked["state"], asked["step"]) == (one, two, "asked", "wait")
    (said,) = keepwarm("intro", "state", asked["id"], "introduced", "--json").value
    assert said["step"] == "thank"
    assert keepwarm("intro", "asked", one, two).status == 1
    keepwarm("undo")
    keepwarm("undo")
    assert keepwarm("intro", "list", "--json").value == []
