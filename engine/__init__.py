"""layerlab's training engine: weight initialization, Batch Normalization and optimizers in NumPy."""
