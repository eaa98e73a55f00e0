"""Readers, one for each format: bytes in, blocks in reading order out."""
