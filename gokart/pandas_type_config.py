"""Declared types of columns: each frame that a task of the same namespace dumps is checked against them."""

from __future__ import annotations

import sys
from abc import abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import luigi

from gokart.errors import ConfigError
from gokart.errors import PandasTypeError as PandasTypeError
from gokart.parameter.shown import shown_class

if TYPE_CHECKING:
    import pandas as pd


class PandasTypeConfig(luigi.Config):
    """Base of the classes that declare types of columns for the tasks of their ``task_namespace``."""

    @classmethod
    @abstractmethod
    def type_dict(cls) -> dict[str, Any]:
        """Return the type, or tuple of types, that each value of a column must be an instance of, by column."""

    @classmethod
    def check(cls, df: pd.DataFrame) -> None:
        """Check the columns of `df` that have a declared type; others may be there and declared ones may be missing.

        Raises:
            PandasTypeError: a value is of another type.
            ConfigError: `type_dict` does not return types.
        """
        for column, expected in _declared_types(cls).items():
            for position in (i for i, name in enumerate(df.columns) if name == column):
                _check_column(cls, df.iloc[:, position], column, expected)


class PandasTypeConfigMap:
    """All classes of `PandasTypeConfig` that there are at the moment of the check."""

    def check(self, obj: Any, task_namespace: str) -> None:
        """Check `obj`, if it is a `pandas.DataFrame`, against the types declared for the namespace.

        Of a class and its subclass in one namespace the subclass speaks, of two definitions of one name the last.

        Raises:
            PandasTypeError: a value is of another type.
            ConfigError: a `type_dict` does not return types.
        """
        pandas = sys.modules.get('pandas')  # where it was not imported, there is no frame
        if not PandasTypeConfig.__subclasses__() or pandas is None or not isinstance(obj, pandas.DataFrame):
            return
        for config_class in _configs_of(task_namespace):
            config_class.check(obj)


def _configs_of(task_namespace: str) -> list[type[PandasTypeConfig]]:
    if task_namespace == luigi.Task.task_namespace:  # Luigi's mark of a class that names no namespace
        task_namespace = ''
    by_name: dict[str, type[PandasTypeConfig]] = {
        shown_class(cls): cls for cls in _subclasses(PandasTypeConfig) if cls.get_task_namespace() == task_namespace
    }
    classes = list(by_name.values())
    return [cls for cls in classes if not any(other is not cls and issubclass(other, cls) for other in classes)]


def _subclasses(cls: Any) -> Iterator[Any]:
    for subclass in cls.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


def _declared_types(cls: type[PandasTypeConfig]) -> dict[str, Any]:
    types: Any = cls.type_dict()
    if not isinstance(types, dict):
        raise ConfigError(f'{shown_class(cls)}.type_dict() must return a dict of types, but returned {types!r}.')
    return types


def _check_column(cls: type[PandasTypeConfig], column: pd.Series[Any], name: str, expected: Any) -> None:
    for found in _types_in(column):
        try:
            fits = any(issubclass(candidate, expected) for candidate in found)
        except TypeError as error:
            raise ConfigError(
                f'{shown_class(cls)}.type_dict() must return types, but returned {expected!r} for the column "{name}".'
            ) from error
        if not fits:
            raise PandasTypeError(
                f'expected type is "{expected}", but "{found[0]}" is passed in column "{name}". '
                f'The type is declared by {shown_class(cls)}.'
            )


def _types_in(column: pd.Series[Any]) -> Iterator[tuple[type, ...]]:
    """Yield the types of the values in a column, each with the others that the same values may be taken for."""
    import numpy as np

    if isinstance(column.dtype, np.dtype) and column.dtype.kind in 'iufcb':
        values = column.iloc[:1]  # all of one type; pandas shows them as those of Python
        yield from ((type(value), column.dtype.type) for value in values)
        return
    for found in dict.fromkeys(map(type, column)):
        yield (found, type(found().item())) if issubclass(found, (np.number, np.bool_)) else (found,)
