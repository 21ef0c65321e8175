"""Small windows that ask one thing and return it typed."""
