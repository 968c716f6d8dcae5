"""An organisation out of a domain."""

from __future__ import annotations

import pytest

from keepwarm.contacts import organisation_of


@pytest.mark.parametrize(
    ("address", "name", "organisation"),
    [
        ("noor@voorbeeld.example", "", "Voorbeeld"),
        ("noor@mail.sales.voorbeeld.example", "", "Voorbeeld"),
        ("noor@groot-klein.nl", "", "Groot Klein"),
        ("noor@voorbeeld.co.uk", "", "Voorbeeld"),
        ("noor@abc.nl", "", "ABC"),
        ("noor@csv.uni-voorbeeld.de", "", "Uni Voorbeeld"),
        ("noor@gmail.com", "", ""),
        ("noor@yahoo.co.uk", "", ""),
        ("noor@gmx.net", "", ""),
        ("noor@live.nl", "", ""),
        ("noor@ziggo.nl", "", ""),
        ("noor@kpnmail.nl", "", ""),
        ("noor@posteo.de", "", ""),
        ("noor@noor.nl", "", ""),
        ("info@noorsmit.nl", "Noor Smit", ""),
        ("noor@smit.nl", "Noor Smit", ""),
        ("noor@the-smit.nl", "Noor Smit", ""),
        ("noor@noorsite.nl", "Noor Smit", ""),
        ("noor@noorderland.nl", "Noor Smit", "Noorderland"),
        ("noor@users.voorbeeld.example", "", ""),
        ("noor@users.nl", "", "Users"),
        ("noor@alpha.xs4all.nl", "", ""),
        ("noor@mail.voorbeeld.co.uk", "", "Voorbeeld"),
        ("noor@smit-advies.nl", "Noor Smit", "Smit Advies"),
        ("noor@[192.0.2.1]", "", ""),
        ("noor@localhost", "", ""),
        ("linkedin:noor", "", ""),
    ],
)
def test_a_domain_is_read(address: str, name: str, organisation: str) -> None:
    assert organisation_of(address, name) == organisation
