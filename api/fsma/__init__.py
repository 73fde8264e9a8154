"""FSMA 204: the electronic sortable spreadsheet of traceability lots (21 CFR 1.1455(c)(3)(ii))."""
