"""A graph drawn: DOT, its legend, and how Graphviz renders it."""
