"""Which data frames a task dumps: pandas or polars, as the type argument of ``TaskOnKart[…]`` says."""

from __future__ import annotations

import functools
import typing
from typing import Any, Literal, TypeAlias, TypeVar

DataFrameType: TypeAlias = Literal['pandas', 'polars', 'polars-lazy']


def get_dataframe_type_from_task(task: Any) -> DataFrameType:
    """Return the kind of data frame that `task`, an instance or a class, dumps; pandas if its type says nothing."""
    return _dataframe_type(task if isinstance(task, type) else type(task))


@functools.cache
def _dataframe_type(task_class: type) -> DataFrameType:
    argument = _type_argument(task_class)
    # Compared by name, so that polars is not imported to find out that it is not meant.
    if str(getattr(argument, '__module__', '')).partition('.')[0] == 'polars':
        kinds: dict[str, DataFrameType] = {'DataFrame': 'polars', 'LazyFrame': 'polars-lazy'}
        return kinds.get(getattr(argument, '__name__', ''), 'pandas')
    return 'pandas'


def _type_argument(task_class: type) -> Any:
    """Return what stands for `T` of ``TaskOnKart[T]`` in `task_class`; None if nothing does."""
    bound: dict[TypeVar, Any] = {}
    for base in _generic_bases(task_class):
        origin, arguments = typing.get_origin(base), typing.get_args(base)
        parameters: tuple[TypeVar, ...] = getattr(origin, '__parameters__', ())
        bound.update(
            {
                parameter: bound.get(argument, argument)
                for parameter, argument in zip(parameters, arguments, strict=False)
            }
        )
        if getattr(origin, '_is_task_on_kart_root', False):
            return bound.get(parameters[0]) if parameters else None
    return None


def _generic_bases(task_class: type) -> list[Any]:
    """List the subscripted bases of `task_class`, the nearest first."""
    return [base for cls in task_class.__mro__ for base in vars(cls).get('__orig_bases__', ())]
