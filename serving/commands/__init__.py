"""Sub-commands of `triage` that live in `serving`; each module has add_arguments() and run()."""
