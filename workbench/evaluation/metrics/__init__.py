"""What is measured of an output; pure functions, one group of metrics a file."""
