"""What tests of every room share."""

pytest_plugins = ["tests.databases"]
