"""What a person may choose of how a table is read, by the words that a configuration uses."""

from __future__ import annotations

from typing import Literal

Encoding = Literal["utf-8", "utf-16", "cp932", "euc_jp", "cp1252"]
Missing = Literal["refuse", "median", "most_frequent"]
Words = Literal["refuse", "one_hot"]

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
MARKS = {"point": ".", "comma": ","}
