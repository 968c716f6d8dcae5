"""Who is a person: evidence first, words second."""

from __future__ import annotations

import pytest

from keepwarm.contacts import AddressFacts, judge

TWO_WAY = {"sent": 2, "received": 2, "authored": 2}
VOICES = (("Abe", "Vos"), ("Bea", "Mol"), ("Cas", "Bok"), ("Dee", "Das"), ("Eva", "Uil"))
NOOR = {"names": (("Noor Smit", 2),)}


@pytest.mark.parametrize(
    ("address", "known", "reason"),
    [
        ("noor@example.org", {}, "person"),
        ("noor@gmail.com", TWO_WAY, "person"),
        ("linkedin:noor-smit", {}, "person"),
        # words inside a name or domain prove nothing
        ("noor@lists.example.org", TWO_WAY, "person"),
        ("mydaemon@example.org", TWO_WAY, "person"),
        ("maillist@example.org", TWO_WAY | NOOR, "person"),
        ("matt.daemon@example.org", TWO_WAY | {"names": (("Matt Daemon", 1),)}, "person"),
        ("jan.bot@example.org", TWO_WAY | {"names": (("Jan Bot", 1),)}, "person"),
        ("talbot@example.org", TWO_WAY, "person"),
        ("inforce@example.org", {}, "person"),
        # evidence
        ("club@example.org", TWO_WAY | NOOR | {"group": True}, "group"),
        ("room.1@example.org", {"resource": True, "meetings": 4}, "resource"),
        ("x@example.org", {"authored": 10, "authored_auto": 9}, "auto"),
        ("x@example.org", TWO_WAY | NOOR | {"authored": 5, "authored_auto": 4}, "person"),
        ("x@example.org", TWO_WAY | NOOR | {"authored": 20, "authored_auto": 18}, "auto"),
        ("x@example.org", {"authored": 9, "authored_bulk": 9, "received": 9}, "bulk"),
        ("x@example.org", TWO_WAY | NOOR | {"authored_bulk": 2}, "person"),
        # an old list says "bulk" and no more; a newsletter is hardly answered, or bears a house's name
        ("x@example.org", {"sent": 2, "received": 10, "authored": 10, "authored_bulk": 10}, "person"),
        ("x@example.org", TWO_WAY | {"authored_bulk": 2, "names": (("Noor", 2),)}, "person"),
        ("x@example.org", TWO_WAY | {"authored_bulk": 2, "names": (("Example", 2),)}, "bulk"),
        ("x@example.org", TWO_WAY | {"authored_bulk": 2, "names": (("Garden Shop", 2),)}, "bulk"),
        ("x@example.org", {"sent": 1, "received": 9, "authored": 9, "authored_bulk": 9}, "bulk"),
        ("x@gmail.com", {"sent": 1, "received": 9, "authored": 9, "authored_bulk": 9}, "person"),
        ("club@example.org", {"sent": 60, "received": 1, "authored": 1}, "group"),
        ("noor@example.org", {"sent": 60, "received": 1, "authored": 1} | NOOR, "person"),
        (
            "club@example.org",
            TWO_WAY | {"names": tuple((f"{one} {two}", 1) for one, two in VOICES)},
            "group",
        ),
        ("x@example.org", TWO_WAY | {"names": (("Noor Smit via Walking Club", 2),)}, "group"),
        ("x@example.org", TWO_WAY | {"names": (("Noor Smit", 2), ("Noor Smit via Walking Club", 1))}, "person"),
        ("via@example.org", TWO_WAY | {"names": (("Via Smit", 2),)}, "person"),
        # words
        ("reply+abc123@example.org", TWO_WAY, "no_reply"),
        ("team-north@example.org", TWO_WAY | {"names": (("Team North", 2),)}, "role"),
        ("team-north@example.org", TWO_WAY | NOOR, "person"),
        ("north@example.org", TWO_WAY | {"names": (("Team North", 2),)}, "person"),
        ("all-staff@example.org", TWO_WAY | {"names": (("All staff", 2),)}, "role"),
        ("deals@example.org", TWO_WAY | {"names": (("Weekly Deals", 2),)}, "role"),
        ("room4@example.org", TWO_WAY | {"names": (("Conference Room 4", 2),)}, "role"),
        ("no-reply@example.org", TWO_WAY | NOOR, "no_reply"),
        ("noreply-123@example.org", {}, "no_reply"),
        ("do_not_reply@example.org", {}, "no_reply"),
        ("shop-noreply@example.org", {}, "no_reply"),
        ("notifications@example.org", TWO_WAY, "no_reply"),
        ("nieuwsbrief@example.org", {}, "no_reply"),
        ("mailer-daemon@example.org", TWO_WAY, "bounce"),
        ("bounce+noor=example.com@example.org", {}, "bounce"),
        ("bounces-77@example.org", {}, "bounce"),
        ("bugzilla-daemon@example.org", TWO_WAY | {"names": (("Noor Smit", 1),)}, "auto"),
        ("syzbot+abc@example.org", TWO_WAY, "auto"),
        ("kernel-bot@example.org", TWO_WAY, "auto"),
        ("patchwork-bot+net@example.org", TWO_WAY, "auto"),
        ("lkp@example.org", TWO_WAY | {"names": (("kernel test robot", 3),)}, "auto"),
        ("ci@example.org", TWO_WAY | {"names": (("helper[bot]", 3),)}, "auto"),
        ("majordomo@example.org", TWO_WAY, "auto"),
        ("info@example.org", {}, "role"),
        ("info@example.org", TWO_WAY, "role"),
        ("info@example.org", TWO_WAY | {"names": (("Example Support", 2),)}, "role"),
        ("info@example.org", TWO_WAY | NOOR, "person"),
        ("info@example.org", TWO_WAY | {"names": (("Example Garden", 2),)}, "role"),
        ("info@smit.example", TWO_WAY | NOOR, "person"),
        ("info@example.org", {"received": 3, "authored": 3} | NOOR, "role"),
        ("secretariaat@example.org", {"meetings": 1} | NOOR, "person"),
        ("lijst@example.org", TWO_WAY, "group"),
        ("list@example.org", {}, "group"),
        ("owner-club@example.org", TWO_WAY, "group"),
        ("club-request@example.org", TWO_WAY, "group"),
        ("walkers@googlegroups.com", TWO_WAY, "group"),
        ("nobody", {}, "empty"),
        ("@example.org", {}, "empty"),
    ],
)
def test_a_verdict_has_its_reason(address: str, known: dict[str, object], reason: str) -> None:
    verdict = judge(AddressFacts(address=address, **known))  # type: ignore[arg-type] # a table of several types
    assert (verdict.reason, verdict.human) == (reason, reason == "person")
