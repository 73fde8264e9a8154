"""The one place where core.errors becomes HTTP (RFC 9457) and GraphQL.

Retryable      503, Retry-After      Conflict       409
BadInput       400                   NotPermitted   403
  InvalidDocument 422                  Unauthenticated 401
  UnknownEntity   404                Operator       503
  NotAcceptable   406
  QueryTooLarge, QueryTooComplex, CaptureTooLarge 413
  UriTooLong      414
  UnsupportedMedia 415
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from graphql import GraphQLError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.epcis.query.errors import (
    CaptureTooLarge,
    NotAcceptable,
    QueryTooComplex,
    QueryTooLarge,
    UnsupportedMedia,
    UriTooLong,
)
from core.errors import (
    BadInput,
    Conflict,
    InvalidDocument,
    Issue,
    NotPermitted,
    Operator,
    Retryable,
    SmartRetailError,
    Unauthenticated,
    UnknownEntity,
)

PROBLEM_JSON: Final = "application/problem+json"
_STATUS: Final[Mapping[type[SmartRetailError], int]] = {
    UnknownEntity: 404,
    InvalidDocument: 422,
    NotAcceptable: 406,
    CaptureTooLarge: 413,
    UnsupportedMedia: 415,
    QueryTooLarge: 413,
    QueryTooComplex: 413,
    UriTooLong: 414,
    BadInput: 400,
    Conflict: 409,
    Unauthenticated: 401,
    NotPermitted: 403,
    Retryable: 503,
    Operator: 503,
}
_RETRY_AFTER_S: Final = "1"
_HTTP_CODES: Final = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
_log = structlog.get_logger(__name__)


class TooLarge(BadInput):
    """A request body over the limit."""

    code = "too_large"
    hint_default = "Split the document, or raise SR360_API__MAX_BODY_BYTES."


def status_of(error: SmartRetailError) -> int:
    """The HTTP status of a typed error."""
    if isinstance(error, TooLarge):
        return 413
    return next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 500)


def problem(error: SmartRetailError) -> dict[str, Any]:
    """The members of an RFC 9457 problem, which GraphQL carries as `extensions`."""
    return {
        "type": _type(error),
        "title": error.code.replace("_", " "),
        "status": status_of(error),
        "detail": error.message,
        "code": error.code,
        "hint": error.hint,
        "pointer": error.pointer,
        "issues": [issue_members(issue) for issue in error.issues],
    }


def _type(error: SmartRetailError) -> str:
    """EPCIS' own name of the exception where the standard has one."""
    exception = getattr(error, "exception", None)
    return f"epcisException:{exception}" if exception else f"urn:sr360:problem:{error.code}"


def response(error: SmartRetailError) -> Response:
    """A typed error as application/problem+json."""
    body = problem(error)
    headers = {"retry-after": _RETRY_AFTER_S} if isinstance(error, Retryable) else {}
    if isinstance(error, Unauthenticated):
        headers["www-authenticate"] = "Bearer"
    return Response(orjson.dumps(body), body["status"], headers, PROBLEM_JSON)


def graphql_error(error: GraphQLError) -> GraphQLError:
    """The same error with code and hint in `extensions`; what is no error of ours is hidden."""
    original = error.original_error
    if isinstance(original, SmartRetailError):
        extensions = problem(original)
    elif original is None:  # parse, validation and limits: graphql-core's own sentence
        extensions = {"code": "invalid_query", "hint": "", "pointer": "", "issues": []} | (
            error.extensions or {}
        )
    else:
        _log.error("graphql_failed", exc_info=original, path=error.path)
        unexpected = Unexpected()
        return GraphQLError(
            unexpected.message, error.nodes, path=error.path, extensions=problem(unexpected)
        )
    return GraphQLError(
        error.message,
        error.nodes,
        error.source,
        error.positions,
        error.path,
        original,
        extensions,
    )


class Unexpected(SmartRetailError):
    """A mistake of ours: the log has the details, the caller only this."""

    code = "internal"

    def __init__(self) -> None:
        super().__init__("something went wrong here", hint="The operator's log says what.")


def install(app: FastAPI) -> None:
    """Every way a request can fail ends in `response`."""
    app.add_exception_handler(SmartRetailError, _typed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unexpected)


async def _typed(request: Request, error: Exception) -> Response:
    assert isinstance(error, SmartRetailError)
    if isinstance(error, Operator):
        _log.error("operator_needed", code=error.code, detail=error.message, hint=error.hint)
    return response(error)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _HTTP_CODES.get(error.status_code, "bad_input")
    message = str(error.detail)
    if error.status_code == 404:
        message = f"there is nothing at {request.url.path}"
    body = {
        "type": f"urn:sr360:problem:{code}",
        "title": code.replace("_", " "),
        "status": error.status_code,
        "detail": message,
        "code": code,
        "hint": "See /docs for all paths.",
        "pointer": "",
        "issues": [],
    }
    return Response(orjson.dumps(body), error.status_code, error.headers, PROBLEM_JSON)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    issues = [_request_issue(found) for found in error.errors()]
    first = issues[0]
    message = f"{first.pointer}: {first.message}"
    return response(BadInput(message, hint=first.hint, pointer=first.pointer, issues=issues))


async def _unexpected(request: Request, error: Exception) -> Response:
    _log.error("request_failed", path=request.url.path, exc_info=error)
    return response(Unexpected())


def _request_issue(found: Mapping[str, Any]) -> Issue:
    where, *path = map(str, found["loc"])
    pointer = "/" + "/".join(path) if where == "body" else ".".join([where, *path])
    return Issue(f"request.{found['type']}", pointer, str(found["msg"]), "See /docs.")


def issue_members(issue: Issue) -> dict[str, str]:
    """One finding as JSON."""
    told = {
        "rule": issue.rule,
        "pointer": issue.pointer,
        "message": issue.message,
        "hint": issue.hint,
    }
    return told | ({"xpath": issue.xpath} if issue.xpath else {})
