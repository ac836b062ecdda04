"""Sub-commands of `triage` that live in `training`; each module has add_arguments() and run()."""
