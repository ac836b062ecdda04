"""Text of a request: folding, normalisation, masking of personal data, elements."""
