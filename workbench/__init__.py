"""Summarise, compare and question Chinese articles with a local open model."""

__version__ = "0.1.0"
