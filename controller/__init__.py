"""What runs in the office: register, log and console."""
