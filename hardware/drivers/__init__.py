"""The only files that touch GPIO, serial lines, I2C and cameras. Loaded by name."""
