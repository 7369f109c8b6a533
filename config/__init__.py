"""What is installed here: site files, their schema, the words of every language."""
