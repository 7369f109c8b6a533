"""Whole-site stories on the virtual clock."""
