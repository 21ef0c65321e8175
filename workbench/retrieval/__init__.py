"""Finding the passages that may answer a question, with no model or with small ones."""
