"""Where Microsoft is: the addresses of its services, or those of a stand-in (`KEEPWARM_MICROSOFT_BASE`).

A stand-in serves every host's paths itself; none of them collide. Facts: contracts/microsoft/oauth-openid.json, read
November 2026.
"""

from __future__ import annotations

from urllib.parse import urlsplit

LOGIN = "https://login.microsoftonline.com"
GRAPH = "https://graph.microsoft.com/v1.0"
PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"  # the tenant of all personal accounts


def at(base: str, address: str) -> str:
    """The address, at the stand-in where there is one."""
    return base + urlsplit(address).path if base else address


def issuer(tenant: str) -> str:
    """Who signs for the accounts of a tenant, by its id."""
    return f"{LOGIN}/{tenant}/v2.0"
