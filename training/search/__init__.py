"""Search a small space of recipes by cross-validation: race, finals, a report, resumable."""
