"""The same request worse heard, worse typed, or told in another way: seeded edits of a text."""
