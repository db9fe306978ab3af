"""What can be learned of a network without training it: pure functions on a run and its checkpoints."""
