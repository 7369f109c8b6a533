"""The REST API: what other systems read and ask for, by token, as JSON."""
