"""What a person works at in the app, without the app: work that waits, runs and is kept."""
