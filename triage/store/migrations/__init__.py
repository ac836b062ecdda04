"""Migrations of the store, run by `triage.store.migrate`; docs/store.md says how to add one."""
