"""The domain of citizen-request triage and its runtime: text in, ranked decision out."""
