"""The CBV event hash: one id for an event whoever captured it, in whichever spelling.

Source: CBV 2.0 section 8.9. It is not collision resistant: numbers and number-like text fold
together and nothing separates the members. The commitment is the document's data hash, never this.
"""

import hashlib
from collections.abc import Collection
from typing import Final

from core.epcis.hash_members import (
    Writer,
    bare_term,
    leaf,
    leaves,
    members,
    objects,
    place,
    repeated,
    term,
    terms,
    write_list,
    write_object,
    write_time,
)
from core.epcis.hash_values import NAMESPACES, Scope
from core.epcis.model import EpcisEvent

_IGNORED: Final = frozenset(
    {"type", "@context", "recordTime", "eventID", "errorDeclaration", "rdfs:comment", "comment"}
)


def event_hash(event: EpcisEvent, ignored: Collection[str] = ()) -> str:
    """`ni:///sha-256;…?ver=CBV2.0`; `ignored` names extension members to leave out."""
    digest = hashlib.sha256(pre_hash(event, ignored).encode()).hexdigest()
    return f"ni:///sha-256;{digest}?ver=CBV2.0"


def pre_hash(event: EpcisEvent, ignored: Collection[str] = ()) -> str:
    """The text that is hashed: names and canonical values, in the standard's order."""
    left_out = _IGNORED.union(ignored) if ignored else _IGNORED
    return f"eventType={event.type}" + members(event.raw, _EVENT, Scope(event.context), left_out)


_QUANTITY: Final[dict[str, Writer]] = {"epcClass": leaf, "quantity": leaf, "uom": leaf}
_GS1: Final = bare_term(NAMESPACES["gs1"])
_METADATA: Final[dict[str, Writer]] = {
    "time": write_time,
    "startTime": write_time,
    "endTime": write_time,
    "deviceID": leaf,
    "deviceMetadata": leaf,
    "rawData": leaf,
    "dataProcessingMethod": leaf,
    "bizRules": leaf,
}
_REPORT: Final[dict[str, Writer]] = {
    "type": _GS1,
    "exception": _GS1,
    "deviceID": leaf,
    "deviceMetadata": leaf,
    "rawData": leaf,
    "dataProcessingMethod": leaf,
    "time": write_time,
    "microorganism": leaf,
    "chemicalSubstance": leaf,
    "value": leaf,
    "component": bare_term(NAMESPACES["cbv"] + "Comp-"),
    "stringValue": leaf,
    "booleanValue": leaf,
    "hexBinaryValue": leaf,
    "uriValue": leaf,
    "minValue": leaf,
    "maxValue": leaf,
    "meanValue": leaf,
    "sDev": leaf,
    "percRank": leaf,
    "percValue": leaf,
    "uom": leaf,
    "coordinateReferenceSystem": leaf,
}
_SENSOR: Final[dict[str, Writer]] = {
    "sensorMetadata": write_object(_METADATA),
    "sensorReport": repeated(_REPORT),
}
_PARTY: Final = term("sourceDest")
_EVENT: Final[dict[str, Writer]] = {
    "eventTime": write_time,
    "eventTimeZoneOffset": leaf,
    "certificationInfo": leaves,
    "parentID": leaf,
    "epcList": write_list("epc"),
    "inputEPCList": write_list("epc"),
    "childEPCs": write_list("epc"),
    "quantityList": objects("quantityElement", _QUANTITY),
    "childQuantityList": objects("quantityElement", _QUANTITY),
    "inputQuantityList": objects("quantityElement", _QUANTITY),
    "outputEPCList": write_list("epc"),
    "outputQuantityList": objects("quantityElement", _QUANTITY),
    "action": leaf,
    "transformationID": leaf,
    "bizStep": term("bizStep"),
    "disposition": term("disposition"),
    "persistentDisposition": write_object(
        {"set": terms("disposition"), "unset": terms("disposition")}
    ),
    "readPoint": place,
    "bizLocation": place,
    "bizTransactionList": objects("", {"type": term("bizTransaction"), "bizTransaction": leaf}),
    "destinationList": objects("", {"type": _PARTY, "destination": leaf}),
    "sourceList": objects("", {"type": _PARTY, "source": leaf}),
    "sensorElementList": objects("sensorElement", _SENSOR),
}
"""The order of CBV 2.0 section 8.9.2, as the reference vectors have it."""
