"""The face for the terminal: Textual screens and widgets; no logic."""
