"""Who may act through the operator: record under its key, keep queries, have messages sent."""

import secrets
from ipaddress import ip_address
from typing import Any, Final

from fastapi import Depends, Request

from api.deps import Services, WithServices
from core.errors import NotPermitted, Unauthenticated

_LOCAL_NAME: Final = "localhost"


def check_partner(request: Request, services: Services) -> None:
    """Nothing, for who sends SR360_API__PARTNER_TOKEN (RFC 6750); without one set, for who can
    reach a service that only listens to its own machine.

    Raises Unauthenticated, NotPermitted.
    """
    api = services.settings.api
    token = api.partner_token.get_secret_value()
    if not token:
        if _is_local(api.host):
            return
        hint = "The operator sets SR360_API__PARTNER_TOKEN and gives it to partners."
        raise NotPermitted("this service has no partners yet", hint=hint)
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    known = secrets.compare_digest(given.strip().encode(), token.encode())
    if scheme.lower() != "bearer" or not known:
        raise Unauthenticated("only partners may do this", pointer="Authorization")


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == _LOCAL_NAME


def _partner(request: Request, services: WithServices) -> None:
    check_partner(request, services)


PARTNERS_ONLY: Final[list[Any]] = [Depends(_partner)]
"""For `dependencies=` of a route."""
