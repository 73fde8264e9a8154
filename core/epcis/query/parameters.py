"""From parameters to a query: every name of the standard, fixed or of a family.

A list means "any of these"; different parameters must all hold. What the standard does not know is
refused, never passed over.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Final

from core.document.lexical import Number, canonical, from_plain
from core.epcis import vocab
from core.epcis.query import namespaces, patterns, values
from core.epcis.query.errors import QueryTooComplex
from core.epcis.query.model import (
    Condition,
    EventQuery,
    Identifiers,
    MasterData,
    Numbers,
    Span,
    Words,
)
from core.epcis.query.terms import MOMENT, SENSOR_NUMBERS, SORTED, asked
from core.epcis.query.values import Value, refused
from core.errors import InvalidIdentifier

MAX_PARAMETERS: Final = 60
MAX_VALUES: Final = 500
ORDERS: Final = ("eventTime", "recordTime")

Values = Sequence[Value]
Reader = Callable[[str, Values], list[str]]

_EPCS: Final = ("epc", "parentID", "inputEPC", "outputEPC")
_CLASSES: Final = ("epcClass", "inputEPCClass", "outputEPCClass")
_MATCHED: Final = {
    **{name: (name,) for name in (*_EPCS, *_CLASSES)},
    "anyEPC": _EPCS,
    "anyEPCClass": _CLASSES,
}
"""The fields a MATCH_ parameter looks at."""


def _vocabulary(kind: str) -> Reader:
    return lambda name, given: values.vocabulary(kind, name, given)


EQUAL: Final[Mapping[str, tuple[str, Reader]]] = {
    "eventType": ("eventType", values.event_types),
    "EQ_action": ("action", values.actions),
    "EQ_bizStep": ("bizStep", _vocabulary("bizStep")),
    "EQ_disposition": ("disposition", _vocabulary("disposition")),
    "EQ_persistentDisposition_set": ("persistentDisposition_set", _vocabulary("disposition")),
    "EQ_persistentDisposition_unset": ("persistentDisposition_unset", _vocabulary("disposition")),
    "EQ_readPoint": ("readPoint", values.canonical),
    "EQ_bizLocation": ("bizLocation", values.canonical),
    "EQ_transformationID": ("transformationID", values.texts),
    "EQ_eventID": ("eventID", values.uris),
    "EQ_errorReason": ("errorReason", _vocabulary("errorReason")),
    "EQ_correctiveEventID": ("correctiveEventID", values.uris),
    "EQ_type": ("type", values.measurements),
    "EQ_deviceID": ("deviceID", values.canonical),
    "EQ_dataProcessingMethod": ("dataProcessingMethod", values.uris),
    "EQ_microorganism": ("microorganism", values.uris),
    "EQ_chemicalSubstance": ("chemicalSubstance", values.uris),
    "EQ_bizRules": ("bizRules", values.uris),
    "EQ_stringValue": ("stringValue", values.texts),
    "EQ_hexBinaryValue": ("hexBinaryValue", values.texts),
    "EQ_uriValue": ("uriValue", values.uris),
}
"""Parameters whose values must be equal: the field they look at, and how they are read."""
MATCHING: Final = tuple(f"MATCH_{name}" for name in _MATCHED)
PRESENT: Final = {
    "EXISTS_errorDeclaration": "errorDeclaration",
    "EXISTS_sensorElementList": "sensorElementList",
}
TIMES: Final = ("errorDeclarationTime", "errorDeclaration_Time", "time", "startTime", "endTime")
"""Fields with GE_ and LT_; the query schema writes the first of them with an underscore."""
COMPARED: Final = ("quantity", "percRank")
CONTROLS: Final = ("orderBy", "orderDirection", "eventCountLimit", "maxEventCount")
SPANS: Final = ("GE_eventTime", "LT_eventTime", "GE_recordTime", "LT_recordTime")
OPERATORS: Final = ("EQ", "GT", "GE", "LT", "LE")
ATTRIBUTED: Final = ("readPoint", "bizLocation", "bizStep", "disposition", "anyEPCClass")
AREAS: Final = (
    *("ILMD", "ERROR_DECLARATION", "SENSORELEMENT", "SENSORMETADATA", "SENSORREPORT"),
    *("readPoint", "bizLocation"),
)
_OPERATION: Final = re.compile(r"(EQ|GT|GE|LT|LE|EXISTS)_(.+)", re.DOTALL)
_MEASURED: Final = re.compile(rf"({'|'.join(SENSOR_NUMBERS)}|quantity)_([A-Z0-9]{{2,4}})")
_PARTY: Final = re.compile(r"(bizTransaction|source|destination)_(.+)", re.DOTALL)
_EXTENSION: Final = re.compile(rf"((?:INNER_)?(?:(?:{'|'.join(AREAS)})_)?)(.+:.+)", re.DOTALL)
_ATTRIBUTE: Final = re.compile(
    rf"(HASATTR)_((?:{'|'.join(ATTRIBUTED)}|epcClass)|.+:.+)()"
    rf"|(?:EQATTR|EQ_ATTR)()_({'|'.join(ATTRIBUTED)}|epcClass|[A-Za-z][\w.-]*:[^_]+)_(.+)",
    re.DOTALL,
)
"""HASATTR and a field, or EQATTR with a field and an attribute; an extension field has no `_`."""


def read_query(
    parameters: Mapping[str, Values], prefixes: Mapping[str, str] = namespaces.KNOWN
) -> EventQuery:
    """The query that parameters ask for; `prefixes` give extension names their meaning.

    Raises QueryParameterInvalid with the parameter's name, QueryTooComplex.
    """
    _check_size(parameters)
    given = dict(parameters)
    spans = {name: values.moment(name, given.pop(name)) for name in SPANS if name in given}
    controls: dict[str, Values] = {n: given.pop(n) for n in CONTROLS if n in given}
    conditions = tuple(
        condition for name, one in given.items() for condition in _conditions(name, one, prefixes)
    )
    order_by, descending = _order(controls, prefixes)
    limit, maximum = _bounds(controls)
    return EventQuery(
        conditions=conditions,
        event_time=Span(spans.get("GE_eventTime"), spans.get("LT_eventTime")),
        record_time=Span(spans.get("GE_recordTime"), spans.get("LT_recordTime")),
        order_by=order_by,
        descending=descending,
        limit=limit,
        maximum=maximum,
        fingerprint=_fingerprint(parameters, prefixes),
    )


def _check_size(parameters: Mapping[str, Values]) -> None:
    total = sum(len(given) for given in parameters.values())
    if len(parameters) > MAX_PARAMETERS or total > MAX_VALUES:
        raise QueryTooComplex(
            f"{len(parameters)} parameters with {total} values; at most {MAX_PARAMETERS} with "
            f"{MAX_VALUES} are answered"
        )


def _conditions(name: str, given: Values, prefixes: Mapping[str, str]) -> Iterator[Condition]:
    if not given:
        raise refused(name, "has no value")
    if name in EQUAL:
        field, reader = EQUAL[name]
        yield Words(field, tuple(reader(name, given)))
    elif name in MATCHING:
        yield _matching(name, given)
    elif name in PRESENT:
        if values.truth(name, given):
            yield Words(PRESENT[name], ("",))
    elif name in ("WD_readPoint", "WD_bizLocation"):
        yield MasterData(name.removeprefix("WD_"), below=tuple(values.canonical(name, given)))
    elif name == "EQ_booleanValue":
        yield Words("booleanValue", ("true" if values.truth(name, given) else "false",))
    elif attribute := _ATTRIBUTE.fullmatch(name):
        yield _attribute(name, attribute, given, prefixes)
    else:
        yield from _family(name, given, prefixes)


def _matching(name: str, given: Values) -> Condition:
    field = name.removeprefix("MATCH_")
    found = [patterns.single(one) for one in values.uris(name, given)]
    exact = tuple(values.canonical_one(name, one) for one in found if not patterns.is_pattern(one))
    if len(exact) == len(found):
        return Words(field, exact)
    begins: list[str] = []
    for pattern in filter(patterns.is_pattern, found):
        try:
            begins += patterns.prefixes(pattern)
            if "Class" in field:  # a class is named by its pattern too
                exact += (values.canonical_one(name, pattern),) if "*.*" not in pattern else ()
        except InvalidIdentifier as error:
            raise refused(name, error.message, error.hint) from error
    return Identifiers(_MATCHED[field], tuple(begins), tuple((field, one) for one in exact))


def _family(name: str, given: Values, prefixes: Mapping[str, str]) -> Iterator[Condition]:
    match = _OPERATION.fullmatch(name)
    if match is None:
        raise refused(name, "is not a parameter of an EPCIS query")
    operator, field = match.groups()
    if field in TIMES and operator in ("GE", "LT"):
        field = field.replace("_", "")
        moment = values.number_or_moment(name, [_checked_time(name, given)])[0]
        yield Numbers(f"{field}{MOMENT}", operator, (moment,))
    elif operator != "EXISTS" and (field in COMPARED or _MEASURED.fullmatch(field)):
        yield Numbers(field, operator, values.numbers(name, given))
    elif operator == "EQ" and (party := _PARTY.fullmatch(field)):
        yield _party(name, party[1], party[2], given)
    elif extension := _EXTENSION.fullmatch(field):
        area, local = extension.groups()
        yield from _extension(name, operator, area + _key(local, prefixes), given)
    else:
        raise refused(name, "is not a parameter of an EPCIS query")


def _checked_time(name: str, given: Values) -> Value:
    values.moment(name, given)
    return given[0]


def _party(name: str, member: str, kind: str, given: Values) -> Condition:
    vocabulary = "bizTransaction" if member == "bizTransaction" else "sourceDest"
    word = vocab.bare(vocabulary, kind)
    return Words(f"{member}_{word}", tuple(values.canonical(name, given)))


def _key(local: str, prefixes: Mapping[str, str]) -> str:
    """As `terms` files it: the whole name where the prefix is declared, else as it is written."""
    prefix = local.partition(":")[0]
    known = prefix in prefixes or local.partition(":")[2].startswith("//")
    return namespaces.expanded(local, prefixes) if known else local


def _extension(name: str, operator: str, key: str, given: Values) -> Iterator[Condition]:
    if operator == "EXISTS":
        if values.truth(name, given):
            yield Words(key, ("",))
    elif operator == "EQ":
        if any(isinstance(one, bool) for one in given):
            yield Words(key, ("true" if values.truth(name, given) else "false",))
        else:
            found = [one for value in given for one in asked(_scalar(name, value))]
            yield Words(key, tuple(dict.fromkeys(found)))
    else:
        bound, is_time = values.number_or_moment(name, given)
        yield Numbers(f"{key}{MOMENT}" if is_time else key, operator, (bound,))


def _scalar(name: str, value: Value) -> str | Number:
    return value if isinstance(value, Number) else values.texts(name, [value])[0]


def _attribute(
    name: str, match: re.Match[str], given: Values, prefixes: Mapping[str, str]
) -> Condition:
    has, *rest = match.groups()
    field = rest[0] if has else rest[3]
    field = "anyEPCClass" if field == "epcClass" else field
    if ":" in field:
        field = _key(field, prefixes)
    found = tuple(values.texts(name, given))
    if has:
        return MasterData(field, attributes=found)
    return MasterData(field, attributes=(rest[4],), values=found)


def _order(controls: Mapping[str, Values], prefixes: Mapping[str, str]) -> tuple[str, bool]:
    """The default is the order of recording; with orderBy, the standard's default is DESC."""
    by, way = controls.get("orderBy"), controls.get("orderDirection")
    order = values.texts("orderBy", by)[0] if by else "recordTime"
    direction = values.texts("orderDirection", way)[0] if way else "DESC" if by else "ASC"
    if order not in ORDERS:
        order = _sorted_by(order, prefixes)
    if direction not in ("ASC", "DESC"):
        raise refused("orderDirection", f"{direction[:80]!r} is no direction", "Use ASC or DESC.")
    return order, direction == "DESC"


def _sorted_by(name: str, prefixes: Mapping[str, str]) -> str:
    """An extension of the event or its ILMD, by a whole name or with a prefix."""
    extension = _EXTENSION.fullmatch(name)
    area, local = extension.groups() if extension else ("", "")
    if extension is None or area not in SORTED:
        hint = f"Use {', '.join(ORDERS)}, an extension as prefix:name, or ILMD_prefix:name."
        raise refused("orderBy", f"cannot order by {name[:80]!r}", hint)
    return area + _key(local, prefixes)


def _bounds(controls: Mapping[str, Values]) -> tuple[int | None, int | None]:
    both = ("eventCountLimit", "maxEventCount")
    limit, maximum = (
        values.count(name, controls[name]) if name in controls else None for name in both
    )
    if limit is not None and maximum is not None:
        hint = "eventCountLimit cuts the answer off, maxEventCount refuses it: choose one."
        raise refused("maxEventCount", "and eventCountLimit exclude each other", hint)
    return limit, maximum


def _fingerprint(parameters: Mapping[str, Values], prefixes: Mapping[str, str]) -> str:
    asked_for = {name: list(given) for name, given in parameters.items()}
    text = canonical(from_plain([asked_for, dict(prefixes)]))
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
