"""Fitting of the same-event model: statistics, the static encoder, the decision on a pair."""
