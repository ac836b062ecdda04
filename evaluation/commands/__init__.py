"""Sub-commands of `triage` that live in `evaluation`; each module has add_arguments() and run()."""
