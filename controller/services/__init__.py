"""What the office does: one module per use case."""
