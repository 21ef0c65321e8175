"""What screens do with what happens in their widgets."""
