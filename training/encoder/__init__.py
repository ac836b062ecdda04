"""Transformer encoders: import, pre-training, tuning, export to ONNX. Needs the extra `tune`."""

SEED = 20251106
"""Of every draw, unless a command is told another."""
