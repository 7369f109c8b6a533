"""One module per page family: values in, HTML out. No I/O, no clock."""
