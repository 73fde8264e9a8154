"""EPCIS XML, 1.2 and 2.0, read into the JSON form of EPCIS 2.0 that the rest of the project knows.

Source: EPCIS 2.0 sections 9 (XML binding) and 10 (JSON binding); GS1's own pairs of examples.
"""

from core.epcis.xml.document import is_xml, read_document

__all__ = ["is_xml", "read_document"]
