"""Batches: folders of articles turned into results, each piece of work done once."""
