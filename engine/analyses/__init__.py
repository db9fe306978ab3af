"""What can be learned of a network without training it: pure functions on runs and checkpoints."""
