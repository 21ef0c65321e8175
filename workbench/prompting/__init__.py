"""Prompt templates: front matter and a sandboxed Jinja2 body."""
