"""The library: articles, what was found in them, results and search, in one SQLite file."""
