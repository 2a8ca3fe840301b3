"""Many tasks at once, none of which is run: one walk over a graph, and what it found as tree or table."""
