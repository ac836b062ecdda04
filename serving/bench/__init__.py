"""Measuring the service: the load, the requests it carries, the figures, the report."""
