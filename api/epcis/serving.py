"""GET with its HEAD: one function, one entry in the OpenAPI description."""

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import APIRouter

EndpointT = TypeVar("EndpointT", bound=Callable[..., Any])


def readable(router: APIRouter, path: str, **options: Any) -> Callable[[EndpointT], EndpointT]:
    """Serves a path to GET and HEAD; the server leaves out the body of the latter."""

    def decorated(endpoint: EndpointT) -> EndpointT:
        router.add_api_route(path, endpoint, methods=["GET"], **options)
        router.add_api_route(path, endpoint, methods=["HEAD"], include_in_schema=False)
        return endpoint

    return decorated
