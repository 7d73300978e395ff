"""The passes over a graph one step at a time: as a table, and as a player in a notebook or a page."""
