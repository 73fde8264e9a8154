"""Where a webhook may go: out into the world, never into our own network (SSRF).

A name is judged by the addresses it resolves to at the moment of connecting, and those are the ones
connected to, so that a name cannot change in between (DNS rebinding).
"""

import ipaddress
import socket
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from core.epcis.query.errors import SubscriptionControlsInvalid

MAX_LENGTH: Final = 2_000


class TargetRefused(OSError):
    """A target's name leads to an address that is not public."""


def check_target(text: str, *, allow_private: bool) -> str:
    """The URL of a target. Raises SubscriptionControlsInvalid."""
    problem = _problem(text, allow_private=allow_private)
    if problem:
        hint = "Give an https URL of a public host; SR360_WEBHOOK__ALLOW_PRIVATE is for tests."
        raise SubscriptionControlsInvalid(f"dest {problem}", hint=hint, pointer="/dest")
    return text


def _problem(text: str, *, allow_private: bool) -> str:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is no URL"
    if len(text) > MAX_LENGTH or not host or any(ord(one) <= 32 for one in text):
        return "is no URL"
    if parts.username is not None or parts.password is not None:
        return "names a user: a URL is no place for a password"
    if allow_private:
        return "" if parts.scheme in ("http", "https") else "is neither http nor https"
    if parts.scheme != "https":
        return "is not https"
    return "" if _may_be_public(host) else "leads into a private network"


def _may_be_public(host: str) -> bool:
    try:
        return is_public(host)
    except ValueError:  # a name: judged when it is resolved
        return "." in host and not host.endswith((".local", ".internal", ".localhost"))


def is_public(address: str) -> bool:
    """Whether an IP address is on the Internet at large. Raises ValueError for other text."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


class PublicResolver(AbstractResolver):
    """Resolves names, and refuses those with an address that is not public."""

    def __init__(self, *, allow_private: bool) -> None:
        self._inner = ThreadedResolver()
        self._allow_private = allow_private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        private = [one["host"] for one in found if not is_public(one["host"])]
        if private and not self._allow_private:
            raise TargetRefused(f"{host} leads to {private[0]}, which is not public")
        return found

    async def close(self) -> None:
        await self._inner.close()


def connector_options(*, allow_private: bool) -> dict[str, Any]:
    """For aiohttp.TCPConnector: every connection is resolved anew, by us."""
    return {"resolver": PublicResolver(allow_private=allow_private), "use_dns_cache": False}
