"""Fitting forecasts: candidates, the choice among them, intervals, reconciliation, what is stored.

Built on statsforecast and its companions; runs as a job. The service reads what is stored
(`triage.trends`) and never imports this package.
"""
