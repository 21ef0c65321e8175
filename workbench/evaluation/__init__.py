"""Holding models and templates against a dataset: what is measured, kept and shown."""
