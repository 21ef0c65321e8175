"""What summarising needs beside writing: choosing what matters, lengths, fields, a second look."""
