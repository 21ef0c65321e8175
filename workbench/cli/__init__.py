"""The command line: a face on the core that holds no logic of its own."""
