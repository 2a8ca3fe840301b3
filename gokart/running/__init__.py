"""How tasks run: scheduling, processes, results, and what is said of failures."""
