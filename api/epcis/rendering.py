"""How events are written for one request: JSON or XML, and in which spelling of identifiers."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request

from api.epcis.answers import query_document, told
from api.epcis.headers import CbvFormat, EpcFormat, cbv_format, epc_format
from api.epcis.media import Media
from api.queries.event_search import Hit
from core import clock
from core.document.lexical import LexicalObject, canonical, parse_event
from core.epcis.company_prefix import NO_LENGTHS, PrefixLengths
from core.epcis.query.errors import NotAcceptable
from core.epcis.spelling import digital_links, urns
from core.epcis.xml import writer as xml
from core.epcis.xml.words import Spelling
from core.errors import InvalidIdentifier


@dataclass(frozen=True, slots=True)
class Rendering:
    """What a request asked for."""

    media: Media
    epcs: EpcFormat = EpcFormat.NO_PREFERENCE
    cbv: CbvFormat = CbvFormat.NO_PREFERENCE
    lengths: PrefixLengths = NO_LENGTHS

    @classmethod
    def of(cls, request: Request, media: Media, lengths: PrefixLengths) -> "Rendering":
        """Raises NotAcceptable for a format that is none."""
        return cls(media, epc_format(request), cbv_format(request), lengths)

    def query_document(self, hits: Sequence[Hit], name: str, subscription: str = "") -> str:
        """Raises NotAcceptable when an identifier has no such spelling."""
        texts = [told(hit.json, hit.record_time) for hit in hits]
        if self.media is Media.XML:
            events = [self._spelled(parse_event(text)) for text in texts]
            about = {"queryName": name, "subscriptionID": subscription}
            words = Spelling.WEB_URI if self.cbv is CbvFormat.WEB_URI else Spelling.URN
            return xml.query_document(events, about, clock.iso(clock.now_ms()), words)
        if self.epcs in (EpcFormat.DIGITAL_LINK, EpcFormat.URN):
            texts = [canonical(self._spelled(parse_event(text))) for text in texts]
        return query_document(texts, name, subscription)

    def _spelled(self, event: LexicalObject) -> LexicalObject:
        try:
            match self.epcs:
                case EpcFormat.DIGITAL_LINK:
                    return digital_links(event)
                case EpcFormat.URN:
                    return urns(event, self.lengths)
            return event
        except InvalidIdentifier as error:
            raise NotAcceptable(error.message, hint=error.hint, pointer="GS1-EPC-Format") from error
