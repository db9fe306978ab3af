"""layerlab's memory: every run's configuration, curves, layer statistics and checkpoints."""
