"""The page for the display at a door: what to do next, readable at three metres."""
