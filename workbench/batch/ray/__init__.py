"""Batches on a Ray cluster: the only package that knows Ray, and imports it only when asked to."""
