"""Alarms: what is out of the ordinary in counts, what has gone silent, what the coming hours bring.

Detection is pure: counts in, findings with their reasons out. Where counts come from, who is told
and what becomes of an alarm is `triage.desk`. Methods: docs/alarms.md.
"""

from triage.alarms.findings import Finding
from triage.alarms.key import SeriesKey
from triage.alarms.rules import AlarmRules, load_rules
from triage.alarms.series import SeriesSet
from triage.alarms.watch import Watched, watch

__all__ = ["AlarmRules", "Finding", "SeriesKey", "SeriesSet", "Watched", "load_rules", "watch"]
