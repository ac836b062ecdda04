"""Sub-commands of `triage` that live in `triage`; each module has add_arguments() and run()."""
