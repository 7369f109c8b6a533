"""What the docs promise, held against the code. Runs in `make check`."""
