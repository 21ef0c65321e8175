"""Pages that ask nothing of a network: their frame, their style, their plots."""
