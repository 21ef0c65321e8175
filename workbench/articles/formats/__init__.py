"""What a file holds: its format, and the articles' texts taken out of it."""
