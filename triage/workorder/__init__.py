"""The work order: its states and moves, its events, its clocks. Pure; no store, no web."""
