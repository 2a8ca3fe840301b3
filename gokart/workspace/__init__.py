"""Views of a workspace as a whole: what is in it, and what of that a graph of tasks needs."""
