"""How a function is followed once: on Values without a number, with a note of all that it found around it."""
