"""Bytes to packets and back, without I/O: the caller owns the wire."""
