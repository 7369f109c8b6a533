"""What is done while visitors stand at the desk: a module for each step, none skipped.

Whoever is refused is told everything that is missing at once. Going out nobody is
held: what is missing then is an incident, and a badge that isn't given back is
revoked at once.
"""
