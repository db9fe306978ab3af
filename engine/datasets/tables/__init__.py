"""Tables as people have them: what a file of unknown separator, encoding and header holds."""
