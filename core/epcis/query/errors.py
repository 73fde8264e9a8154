"""What a query interface refuses, by the standard's own names (EPCIS 2.0 section 8.2.6)."""

from typing import ClassVar

from core.errors import BadInput, Conflict, UnknownEntity


class QueryParameterInvalid(BadInput):
    """A query parameter has a name, value or combination the standard does not allow."""

    code = "query_parameter"
    exception: ClassVar[str] = "QueryParameterException"
    hint_default = "docs/reference/epcis.md lists every parameter with the values it takes."


class QueryTooLarge(BadInput):
    """The query finds more events than its maxEventCount allows."""

    code = "query_too_large"
    exception: ClassVar[str] = "QueryTooLargeException"
    hint_default = "Ask for fewer events, or page through them with perPage instead."


class QueryTooComplex(BadInput):
    """The query has more parameters or values than one answer may cost."""

    code = "query_too_complex"
    exception: ClassVar[str] = "QueryTooComplexException"
    hint_default = "Split the query; docs/reference/epcis.md names the limits."


class UriTooLong(BadInput):
    """A request's query string is longer than this service reads."""

    code = "uri_too_long"
    exception: ClassVar[str] = "URITooLongException"
    hint_default = "Define a named query with POST /queries; its body may be longer."


class NoSuchName(UnknownEntity):
    """There is no query, subscription, event or other resource of this name."""

    code = "no_such_name"
    exception: ClassVar[str] = "NoSuchNameException"


class NotAcceptable(BadInput):
    """The answer cannot be given in the form the request's headers ask for."""

    code = "not_acceptable"
    exception: ClassVar[str] = "NotAcceptableException"
    hint_default = "Accept application/json or application/xml, and EPCIS and CBV 2.0."


class DuplicateName(Conflict):
    """A query of this name exists."""

    code = "duplicate_name"
    exception: ClassVar[str] = "ResourceAlreadyExistsException"
    hint_default = "Choose another name, or delete the query first."


class SubscriptionControlsInvalid(BadInput):
    """A subscription's schedule, target or options make no sense together."""

    code = "subscription_controls"
    exception: ClassVar[str] = "SubscriptionControlsException"
    hint_default = "Give either a schedule or stream: true, and an https target."


class TooManyNames(Conflict):
    """This service keeps no more queries or subscriptions."""

    code = "too_many_names"
    exception: ClassVar[str] = "ImplementationException"
    hint_default = "Delete one that is no longer needed."


class CaptureTooLarge(BadInput):
    """A document has more events than one capture job takes."""

    code = "capture_too_large"
    exception: ClassVar[str] = "CaptureLimitExceededException"
    hint_default = "Split the document; OPTIONS /capture names the limits."


class UnsupportedMedia(BadInput):
    """A request's body is neither JSON nor XML."""

    code = "unsupported_media"
    exception: ClassVar[str] = "UnsupportedMediaTypeException"
    hint_default = "Send application/json, application/ld+json or application/xml."


class EventRefused(BadInput):
    """An event or document breaks the schema or a rule; `issues` names each."""

    code = "event_refused"
    exception: ClassVar[str] = "ValidationException"


class EventExists(Conflict):
    """Another event with this eventID is recorded already."""

    code = "event_exists"
    exception: ClassVar[str] = "ResourceAlreadyExistsException"
    hint_default = "Give the new event an eventID of its own, or correct the old one."
