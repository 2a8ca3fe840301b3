"""Which task comes next: Luigi's scheduler with indexes, so that a look for work does not grow with the graph."""
