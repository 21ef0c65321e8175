"""What a user names as input: files, folders, patterns and standard input, as files to read."""
