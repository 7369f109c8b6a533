"""A whole site in memory: devices, people who walk, faults and load."""
