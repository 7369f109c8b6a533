"""What is true: the rules, the door and the vocabulary. Pure, without I/O."""
