"""What runs the operations on arrays: one folder or file for each engine."""
