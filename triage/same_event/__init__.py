"""Whether two requests are one event: encoder, candidates, features of a pair, decision, evidence.

Knows masked texts and what a record says of them; no files of requests, no store, no HTTP.
"""
