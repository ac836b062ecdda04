"""Measuring: metrics, intervals, reports, the gate that a model must pass."""
