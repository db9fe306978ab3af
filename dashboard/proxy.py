"""The trusted proxy of `LAYERLAB_AUTH=header`: where it is, and which header names the user.

Whoever reaches the port without it could write that header too. So the door (`dashboard/access.py`)
asks first where a connection comes from; pages ask only who it is.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self

from db.rights import Role

HEADER = "Remote-User"
_REFUSE = "refuse"


@dataclass(frozen=True)
class Proxy:
    """`addresses` are those that the proxy's connections come from; `new` is what somebody is here
    who comes for the first time, or None where nobody is let in whom layerlab does not know."""

    addresses: tuple[IPv4Network | IPv6Network, ...]
    header: str = HEADER
    new: Role | None = Role.VIEWER

    def __post_init__(self) -> None:
        if not self.addresses:
            raise ValueError("without its address named, whoever reaches the port is the proxy")

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Self | None:
        """The proxy that the environment names, or None where nobody is named by one."""
        if environment.get("LAYERLAB_AUTH") != "header":
            return None
        told = ("LAYERLAB_PROXY", "LAYERLAB_USER_HEADER", "LAYERLAB_NEW_PEOPLE")
        return cls._of(*(environment.get(name, "") for name in told))

    @classmethod
    @cache
    def _of(cls, addresses: str, header: str, new: str) -> Self:
        named = tuple(ip_network(each.strip()) for each in addresses.split(",") if each.strip())
        role = None if new == _REFUSE else Role(new or Role.VIEWER)
        return cls(named, header or HEADER, role)

    def is_at(self, address: str | None) -> bool:
        """Whether a connection from there is the proxy's."""
        try:
            found = ip_address(address or "")
        except ValueError:
            return False
        if isinstance(found, IPv6Address) and found.ipv4_mapped:
            found = found.ipv4_mapped  # as IPv4 arrives where a server listens to both
        return any(found in network for network in self.addresses)

    def named(self, values: Sequence[str]) -> str | None:
        """The user whom these values of the header name; None where they name nobody, or several:
        a proxy that adds its header to a forged one says nothing that could be believed."""
        if len(values) != 1:
            return None
        try:
            return values[0].encode("latin-1").decode().strip() or None
        except UnicodeError:
            return None
