"""Answering a question from articles: briefly, with the evidence, or that there is none."""
