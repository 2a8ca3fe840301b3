"""Storages: where whole objects live, on the local disk, in memory or in a cloud."""
