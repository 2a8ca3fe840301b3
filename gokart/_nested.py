"""Nested structures: the shapes that ``requires()`` and ``output()`` may have, walked without recursion limits.

A structure is an item, or a dict or an iterable of structures. A string is an item; None holds no item.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar, Union

T = TypeVar('T')

FlattenableItems = Union[T, 'Iterable[FlattenableItems[T]]', 'Mapping[str, FlattenableItems[T]]']

PLAIN_TYPES = frozenset({type(None), bool, int, float, str, bytes, dict, list, set})
"""Types whose values are no tasks: to look them up here is ten times quicker than to ask an abstract class."""


def flatten(structure: Any) -> list[Any]:
    """List the items of `structure` in order: values of a dict, elements of an iterable, a single item alone.

    >>> flatten({'a': 1, 'b': [2, (3, None)]})
    [1, 2, 3]
    """
    items: list[Any] = []
    pending: list[Iterator[Any]] = [iter((structure,))]
    while pending:
        for node in pending[-1]:
            children = _children(node)
            if children is not None:
                pending.append(children)
                break
            if node is not None:
                items.append(node)
        else:
            pending.pop()
    return items


def map_flattenable_items(func: Callable[[Any], Any], items: Any) -> Any:
    """Apply `func` to each item and keep the structure: dicts stay dicts, tuples tuples, other iterables give lists.

    >>> map_flattenable_items(str, {'a': 1, 'b': [2, (3,)]})
    {'a': '1', 'b': ['2', ('3',)]}
    """
    if isinstance(items, Mapping):
        return {key: map_flattenable_items(func, value) for key, value in items.items()}
    if isinstance(items, tuple):
        return tuple(map_flattenable_items(func, item) for item in items)
    if isinstance(items, str) or not isinstance(items, Iterable):
        return func(items)
    return [map_flattenable_items(func, item) for item in items]


def _children(node: Any) -> Iterator[Any] | None:
    if isinstance(node, (list, tuple)):  # by far the most frequent, and told apart much faster than the rest
        return iter(node)
    if not hasattr(type(node), '__iter__'):  # abstract classes take ten times longer to say so
        return None
    if isinstance(node, Mapping):
        return iter(node.values())
    if isinstance(node, str) or not isinstance(node, Iterable):
        return None
    return iter(node)
