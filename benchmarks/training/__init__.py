"""How long a training step takes, here and in the peers."""
