"""Sweeps: many runs of one question, as specs that the form, the command line and JSON share."""
