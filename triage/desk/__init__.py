"""The desk: what people and systems do with work orders, each deed one transaction.

Puts triage, the pure rules of `workorder` and the store together; knows no web.
"""
