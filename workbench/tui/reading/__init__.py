"""What the reading and result panes show, made ready without Textual."""
