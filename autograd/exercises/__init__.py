"""Exercises made from any expression, other ones for each student, with their solutions."""
