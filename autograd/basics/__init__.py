"""What everything else stands on: operands, checks of arguments, messages, files. It imports nothing of the project."""
