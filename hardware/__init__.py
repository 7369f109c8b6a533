"""What the devices speak: ports, protocols without I/O, drivers, face engines."""
