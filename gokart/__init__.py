"""Luigi tasks that remember: every result is stored under a hash of what made it."""
