"""Folders of articles into folders of results: a ledger, a runner, reports."""
