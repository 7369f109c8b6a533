"""What is measured, and against what: `make bench`. Never part of pass or fail."""
