"""Where the bodies of tasks run: in this process, in processes, in threads, or wherever an executor has them run."""
