"""How fast and how small a year of experiments is kept, found and read again."""
