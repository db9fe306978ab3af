"""Runs as a file: to hand in, to hand on, to move from a laptop to a server.

The file is a ZIP of JSON, NPY and NPZ members with a manifest of their sizes and hashes; its format
is `docs/portable.md`. Whoever made it is not trusted: `container.py` opens it, `tables.py` and
`documents.py` know what may lie inside, and all of it is added in one transaction or not at all.

Files of every earlier version are read. A field that is added to a document has a default, which is
what older files mean, and raises `container.VERSION`; so do a new table and a new kind of event. A
statistic does not. docs/portable.md, "How the format grows", has the table, and a test holds it.
"""
