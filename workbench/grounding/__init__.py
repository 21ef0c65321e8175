"""Holding what a model wrote against the article: facts, alignment, citations."""
