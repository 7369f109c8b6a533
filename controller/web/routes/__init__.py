"""The console's addresses: one module per page family, each a list of routes."""
