"""Records: what happened to a task, kept in the workspace beside its outputs."""
