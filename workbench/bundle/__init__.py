"""One file with all that a machine needs which never had a network."""
