"""A trained network for use elsewhere: as ONNX and as one plain NumPy script."""
