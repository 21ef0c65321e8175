"""Telling the encodings of Chinese text apart, and decoding what is broken, mixed or garbled."""
