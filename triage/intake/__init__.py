"""Intake: requests from JSON and tables of records from files, checked, with reasons for refusals.

Only the reading of one request is loaded here; the readers of files load when they are imported.
"""

from triage.intake.reasons import REASONS
from triage.intake.record import parse_request

__all__ = ["REASONS", "parse_request"]
