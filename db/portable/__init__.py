"""Runs as a file: to hand in, to hand on, to move from a laptop to a server.

The file is a ZIP of JSON, NPY and NPZ members with a manifest of their sizes and hashes; its format
is `docs/portable.md`. Whoever made it is not trusted: `container.py` opens it, `tables.py` and
`documents.py` know what may lie inside, and all of it is added in one transaction or not at all.
"""
