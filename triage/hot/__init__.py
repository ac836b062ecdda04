"""Hot topics: which events and which common problems weigh most, and the storm of calls of one.

Knows masked texts, groups of them and counts; no store, no HTTP, no command line.
"""
