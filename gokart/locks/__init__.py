"""Locks that several machines share: leases by name, at a Redis, in files or in an object store."""
