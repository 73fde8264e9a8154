"""EPCIS 2.0 REST: events by any query, and the resources that list what there is to ask for."""
