"""What a program computes, in the notation of a textbook: as text, as LaTeX, as a picture."""
