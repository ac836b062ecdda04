"""Audit labelled data: suspected wrong labels, contradictions, thin classes, leaks to tests."""
