"""Objects that stay in the memory of the process, for tests and for results that need not last."""

from gokart.in_memory.repository import InMemoryCacheRepository
from gokart.in_memory.target import InMemoryTarget, make_in_memory_target

__all__ = ['InMemoryCacheRepository', 'InMemoryTarget', 'make_in_memory_target']
