"""layerlab's engine: weight initialization, Batch Normalization and optimizers in NumPy."""
