"""Fixtures every test may ask for. Those of one part live in that part's folder."""
