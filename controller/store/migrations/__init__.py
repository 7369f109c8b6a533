"""How the tables came to be, step by step. Files are added, never edited."""
