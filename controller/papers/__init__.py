"""What the office prints: signs, labels, lists and undertakings, as PDF."""
