"""Everything that fits: reading labelled requests, recipes, heads, calibration, publishing."""
