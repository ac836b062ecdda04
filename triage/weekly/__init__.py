"""The weekly report: figures of a week with where each comes from, in HTML and DOCX.

Counts, alarms, hot topics and rates are asked of `triage.desk` as anybody might ask; nothing is
computed here that could not be looked up again.
"""

from triage.weekly.document import Figure, Part, Sentence, WeeklyReport
from triage.weekly.gathering import weekly_report
from triage.weekly.html import html_of

__all__ = ["Figure", "Part", "Sentence", "WeeklyReport", "html_of", "weekly_report"]
