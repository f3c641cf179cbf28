"""Hosts of addresses in a configuration: what is said to this machine alone may travel readable."""

from __future__ import annotations

from ipaddress import ip_address


def is_address(host: str) -> bool:
    """Whether a host is given by its number."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    return ip_address(host).is_loopback if is_address(host) else host == "localhost"
