"""Lazy polars frames over remote parquet and feather files, of which no more is fetched than a query needs.

Polars has cloud readers of its own, which would need the address and the credentials of the storage in each LazyFrame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from gokart.file_processor._streams import RemoteFile
from gokart.file_processor.portions import Portions
from gokart.file_processor.steps import awaited

if TYPE_CHECKING:
    import polars

_WORTHWHILE_BYTES = 2 << 20
"""How much a look at the columns of a predicate must be able to save: it takes another request for each portion."""


def scan_remote(
    file: RemoteFile, open_portions: Callable[[Any], Portions], read_schema: Callable[[Any], Any]
) -> polars.LazyFrame | None:
    """Return the rows of `file`, to be fetched when they are needed; None if it takes reading it at once.

    Args:
        file: opened anew whenever rows are needed, in the version that it has now.
        open_portions: lets arrow open the file.
        read_schema: lets polars tell the schema from the footer of the file.
    """
    import polars
    import pyarrow
    from polars.io.plugins import register_io_source

    try:
        with file.duplicate() as duplicate:
            portions = open_portions(duplicate)
            schema = polars.Schema(read_schema(portions.footer()))
            known = polars.DataFrame(polars.from_arrow(portions.schema.empty_table())).schema
            if known != schema or _has_categories_of_portions(schema):
                return None
    except (pyarrow.ArrowException, polars.exceptions.PolarsError, polars.exceptions.PanicException):
        return None  # what is wrong with the file, or not known to arrow, is for polars to say when it reads all
    return register_io_source(_Scan(file.duplicate, open_portions, schema), schema=schema)


def _has_categories_of_portions(schema: polars.Schema) -> bool:
    """Whether there are categories, in columns or deeper, and this polars numbers those of each portion anew."""
    import polars

    major, minor = polars.__version__.split('.')[:2]
    return (int(major), int(minor)) < (1, 32) and 'Categorical(' in str(schema)


class _Scan:
    """Yields the rows that a query asks for, a portion of the file at a time."""

    def __init__(
        self, open_file: Callable[[], Any], open_portions: Callable[[Any], Portions], schema: polars.Schema
    ) -> None:
        self._open_file = open_file
        self._open_portions = open_portions
        self._schema = schema

    def __call__(
        self, columns: list[str] | None, predicate: polars.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[polars.DataFrame]:
        """Yield `columns` of the rows for which `predicate` holds, among the first `n_rows`."""
        return awaited(self._frames(list(self._schema) if columns is None else columns, predicate, n_rows))

    def _frames(
        self, names: list[str], predicate: polars.Expr | None, n_rows: int | None
    ) -> Iterator[polars.DataFrame]:
        yield self._empty(names)
        asked = [] if predicate is None else predicate.meta.root_names()
        needed = list(dict.fromkeys([*names, *asked]))
        with self._open_file() as file:
            portions = self._open_portions(file)
            for number in range(len(portions)):
                if n_rows == 0:
                    break
                if predicate is not None and n_rows is None:
                    yield self._matching(portions, number, needed, predicate).select(names)
                    continue
                frame = self._read(portions, number, needed, n_rows)
                n_rows = None if n_rows is None else n_rows - len(frame)
                yield frame if predicate is None else frame.filter(predicate).select(names)

    def _matching(
        self, portions: Portions, number: int, names: Sequence[str], predicate: polars.Expr
    ) -> polars.DataFrame:
        """Return the rows for which `predicate` holds; its columns are looked at first if that may save much."""
        asked = predicate.meta.root_names()
        others = [name for name in names if name not in asked]
        if not asked or portions.size_bytes(number, others) < _WORTHWHILE_BYTES:
            return self._read(portions, number, names).filter(predicate)
        known = self._read(portions, number, asked)
        if known.filter(predicate).is_empty():
            return self._empty(names)
        return known.hstack(self._read(portions, number, others)).filter(predicate)

    def _read(
        self, portions: Portions, number: int, names: Sequence[str], n_rows: int | None = None
    ) -> polars.DataFrame:
        import polars

        wanted = set(names)
        table = portions.read(number, [name for name in self._schema if name in wanted], n_rows)
        frame = polars.DataFrame(polars.from_arrow(table)).select(names)
        expected = polars.Schema({name: self._schema[name] for name in names})
        return frame if frame.schema == expected else frame.cast(expected)

    def _empty(self, names: Sequence[str]) -> polars.DataFrame:
        import polars

        return polars.DataFrame(schema={name: self._schema[name] for name in names})
