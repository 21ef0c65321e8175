"""What a batch did, as pages of their own that ask nothing of a network."""
