"""Comparing articles: what they share, where they differ, what only one of them says."""
