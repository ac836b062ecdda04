"""The migrations themselves, one file each, numbered in one line."""
