"""Practice: the backward pass with blanks, what is right in them, and what a wrong number says of how it was made."""
