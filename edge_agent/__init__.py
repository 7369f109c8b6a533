"""What runs at the door: decides in milliseconds, online or not."""
