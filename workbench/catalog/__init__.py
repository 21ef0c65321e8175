"""Models: what is known, what is here, how to get it, what fits this machine."""
